// SPDX-License-Identifier: Apache-2.0
// Certificates, as the runtime and openssl see them; hosts that are let in over real connections; secrets for some.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { connect, type ConnectionOptions, createServer } from "node:tls";
import { Failure, type FailureCode } from "../contract/failure.ts";
import { linuxHost } from "../host/linux/index.ts";
import { certify, makeAuthority, makeKey, subjectName } from "./certificate.ts";
import { type Entrance, openEntrance } from "./entrance.ts";
import { revokedSerials } from "./revoked-serials.ts";
import { addressesOf, TrustFiles } from "./files.ts";
import { askRevocations, joinCluster, renewCertificate } from "./join.ts";
import { isVouchedFor, makeRevocations } from "./revocation.ts";
import { makeSealKeys, seal, unseal } from "./sealing.ts";
import { parseJoin } from "./token.ts";

const { signal } = new AbortController();
const host = linuxHost();

class Place {
  readonly directory = mkdtempSync(join(tmpdir(), "mgmt-trust-"));
  readonly news: string[] = [];
  readonly #entrances: Entrance[] = [];

  files(name: string): TrustFiles {
    return new TrustFiles(host, join(this.directory, name), signal);
  }

  async open(name = "first"): Promise<Entrance> {
    const entrance = await openEntrance({
      files: this.files(name),
      address: "127.0.0.1",
      port: 0,
      hostname: name,
      addresses: [],
      isName: (each) => /^[a-z0-9]+$/.test(each),
      onNews: (message) => this.news.push(message),
    });
    this.#entrances.push(entrance);
    return entrance;
  }

  async end(): Promise<void> {
    for (const entrance of this.#entrances) await entrance.close();
    rmSync(this.directory, { recursive: true });
  }
}

async function check(run: (place: Place) => Promise<void>): Promise<void> {
  const place = new Place();
  try {
    await run(place);
  } finally {
    await place.end();
  }
}

async function fails(code: FailureCode, message: RegExp, task: Promise<unknown>): Promise<void> {
  await assert.rejects(task, (reason: unknown) => {
    assert.ok(reason instanceof Failure, String(reason));
    assert.equal(reason.code, code, reason.message);
    assert.match(reason.message, message);
    return true;
  });
}

const hour = 3_600_000;
const serial = new Uint8Array(15).fill(7);

describe("a certificate", () => {
  const now = Date.now();
  const authority = makeAuthority("mgmt cluster 1", { fromMs: now, untilMs: Date.UTC(2060, 0, 1) }, serial);
  const { key, publicKey } = makeKey();
  const names = ["web1.example.org", "192.0.2.7", "2001:db8::7", "::ffff:192.0.2.8", "web1.example.org"];
  const subject = { name: "web1", addresses: names };
  const certificate = certify(authority, subject, publicKey, { fromMs: now, untilMs: now + hour }, serial);

  test("is what the runtime reads", () => {
    const [parent, own] = [new X509Certificate(authority.certificate), new X509Certificate(certificate)];
    assert.equal(parent.ca, true);
    assert.equal(own.ca, false);
    assert.equal(subjectName(own), "web1");
    assert.ok(own.checkIssued(parent) && own.verify(parent.publicKey));
    for (const name of ["web1", "web1.example.org"]) assert.equal(own.checkHost(name), name);
    for (const address of ["192.0.2.7", "2001:db8::7"]) assert.equal(own.checkIP(address), address);
    assert.equal(own.checkHost("web2"), undefined);
    assert.equal(Date.parse(parent.validTo), Date.UTC(2060, 0, 1));
    assert.deepEqual(own.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  });

  test("is believed by openssl, strictly, and only from its authority", () =>
    check(async ({ directory }) => {
      const other = makeAuthority("mgmt cluster 2", { fromMs: now, untilMs: now + hour }, serial);
      for (const [name, pem] of [["ca", authority.certificate], ["other", other.certificate], ["web1", certificate]] as const) writeFileSync(join(directory, name), pem); // biome-ignore format: one line
      const verify = (ca: string, ...more: readonly string[]): string =>
        execFileSync("openssl", ["verify", "-x509_strict", ...more, "-CAfile", ca, "web1"], { cwd: directory, encoding: "utf8", stdio: "pipe" }); // biome-ignore format: one line
      for (const purpose of ["sslserver", "sslclient"]) assert.match(verify("ca", "-purpose", purpose), /web1: OK/);
      assert.throws(() => verify("other"));
      assert.throws(() => verify("ca", "-attime", `${Math.floor((now + 2 * hour) / 1000)}`));
      writeFileSync(join(directory, "key"), key);
      const ofKey = execFileSync("openssl", ["pkey", "-in", "key", "-pubout"], { cwd: directory, encoding: "utf8" });
      assert.equal(ofKey, publicKey);
    }));
});

describe("a host", () => {
  test("is let in once with an invitation, and believes and is believed from then on", () =>
    check(async (place) => {
      const { port } = await place.open();
      const token = await place.files("first").invite({ untilMs: Date.now() + hour });
      await joinCluster(`${token}@127.0.0.1:${port}`, "web1", place.files("web1"));
      assert.deepEqual(readdirSync(join(place.directory, "first/trust/invitations")), []);
      for (const [name, mode] of [
        ["", 0o700],
        ["/host.key", 0o600],
        ["/host.crt", 0o600],
        ["/authorities.crt", 0o600],
      ] as const) {
        // biome-ignore format: one line
        assert.equal(statSync(join(place.directory, `web1/trust${name}`)).mode & 0o777, mode, name);
      }
      assert.equal(statSync(join(place.directory, "first/trust/authority.key")).mode & 0o777, 0o600);
      await fails("denied", /used already/, joinCluster(`${token}@127.0.0.1:${port}`, "web2", place.files("web2")));
      assert.equal(await place.files("web2").isMember(), false);
      assert.ok(
        place.news.some((text) => text.startsWith("web1 was let in, from 127.0.0.1")),
        place.news.join(),
      );

      const [first, web1] = [tlsOf(place, "first"), tlsOf(place, "web1")];
      const server = createServer({ ...web1, requestCert: true, rejectUnauthorized: true }, (socket) => {
        socket.end(subjectName(socket.getPeerX509Certificate() as X509Certificate) ?? "");
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const to = typeof address === "object" ? (address?.port ?? 0) : 0;
      assert.equal(await heard({ ...first, port: to, host: "127.0.0.1", servername: "web1" }), "first");
      await assert.rejects(heard({ ca: first.ca, port: to, host: "127.0.0.1", servername: "web1" }), "without a certificate nobody is heard"); // biome-ignore format: one line
      await assert.rejects(heard({ ...first, port: to, host: "127.0.0.1", servername: "web3" }), "nor is another name");
      await new Promise((resolve) => server.close(resolve));
    }));

  test("that has not heard the answer asks again with the same invitation, and nobody else can", () =>
    check(async (place) => {
      const { port } = await place.open();
      const first = place.files("first");
      const there = `127.0.0.1:${port}`;
      /** As if it were cut off, or without power, when the answer comes. */
      class Deaf extends TrustFiles {
        override keepOwn(): Promise<void> {
          throw new Failure("nothing was heard", { code: "unreachable" });
        }
      }
      const deaf = new Deaf(host, join(place.directory, "web1"), signal);
      const token = await first.invite({ untilMs: Date.now() + hour });
      const another = await first.invite({ untilMs: Date.now() + hour });
      for (let turn = 0; turn < 2; turn += 1) {
        await fails("unreachable", /nothing was heard/, joinCluster(`${token}@${there}`, "web1", deaf));
      }
      await fails("denied", /used already/, joinCluster(`${token}@${there}`, "web1", place.files("thief")));
      await fails("denied", /used already/, joinCluster(`${token}@${there}`, "web2", place.files("web1")));
      await joinCluster(`${token}@${there}`, "web1", place.files("web1"));
      assert.equal(await place.files("web1").isMember(), true);
      assert.ok(place.news.includes("web1 has not heard that it was let in, and is told again"), place.news.join());
      // All that was answered can be called back, and then it is over.
      await first.revokeMember("web1");
      const revoked: unknown = JSON.parse(readFileSync(join(place.directory, "first/trust/revoked"), "utf8"));
      assert.equal(Array.isArray(revoked) && revoked.length, 3);
      await fails("denied", /used already/, joinCluster(`${token}@${there}`, "web1", deaf));
      // One for a machine of that name is another matter.
      await joinCluster(`${another}@${there}`, "web1", place.files("anew"));
    }));

  test("tells nothing to somebody who is not who the token says", () =>
    check(async (place) => {
      await place.open("first");
      const stranger = await place.open("stranger");
      const token = await place.files("first").invite({ untilMs: Date.now() + hour });
      const attempt = joinCluster(`${token}@127.0.0.1:${stranger.port}`, "web1", place.files("web1"));
      await fails("denied", /is not the host that has made this invitation/, attempt);
      assert.equal(readdirSync(join(place.directory, "first/trust/invitations")).length, 1);
    }));

  test("tells nothing to a host of the cluster that poses as the one where hosts are let in", () =>
    check(async (place) => {
      const { port } = await place.open();
      const [first, web1] = [place.files("first"), place.files("web1")];
      const invite = () => first.invite({ untilMs: Date.now() + hour });
      await joinCluster(`${await invite()}@127.0.0.1:${port}`, "web1", web1);
      // A certificate that everybody believes, with the authority behind it.
      const [own, authorities] = [await web1.own(), await web1.authorities()];
      let told = "";
      const server = createServer(
        { key: own?.key ?? "", cert: [own?.certificate, ...authorities].join("\n"), minVersion: "TLSv1.3" },
        (socket) => socket.on("data", (bytes: Buffer) => (told += bytes.toString())).on("error", () => {}),
      );
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const there = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
      const web2 = place.files("web2");
      const refused = /is web1 of this cluster, which lets nobody in/;
      await fails("denied", refused, joinCluster(`${await invite()}@${there}`, "web2", web2));
      assert.equal(await web2.isMember(), false);
      assert.equal(readdirSync(join(place.directory, "first/trust/invitations")).length, 1, "it can be used still");
      // Nor does a host that is in the cluster already take another authority from it.
      await joinCluster(`${await invite()}@127.0.0.1:${port}`, "web2", web2);
      await web2.keepEntrance(there);
      await fails("denied", refused, renewCertificate(web2));
      assert.equal(told, "");
      await new Promise((resolve) => server.close(resolve));
    }));

  test("is let in by a host whose certificate an older mgmt has made", () =>
    check(async (place) => {
      const first = place.files("first");
      const authority = await first.ensureAuthority();
      const { key, publicKey } = makeKey();
      await first.keepOwn({ key, certificate: first.certify(authority, "first", ["127.0.0.1"], publicKey) }, [authority.certificate]); // biome-ignore format: one line
      const { port } = await place.open();
      const token = await first.invite({ untilMs: Date.now() + hour });
      await joinCluster(`${token}@127.0.0.1:${port}`, "web1", place.files("web1"));
      assert.ok(addressesOf((await first.own())?.certificate ?? "").every((each) => !each.includes("mgmt")));
    }));

  test("is not let in too late, under another name than it was invited for, or one that is taken", () =>
    check(async (place) => {
      const { port } = await place.open();
      const files = place.files("first");
      const attempt = async (invitation: Parameters<TrustFiles["invite"]>[0], name: string): Promise<void> => {
        const token = await files.invite(invitation);
        return joinCluster(`${token}@127.0.0.1:${port}`, name, place.files(`${name}-${token.slice(0, 6)}`));
      };
      const untilMs = Date.now() + hour;
      await fails("denied", /is over/, attempt({ untilMs: Date.now() - 1 }, "web1"));
      await fails("denied", /for web1, not for web2/, attempt({ untilMs, hostname: "web1" }, "web2"));
      await fails("denied", /no host can have such a name/, attempt({ untilMs }, "WEB"));
      await attempt({ untilMs }, "web1");
      await fails("denied", /there is a host web1 already/, attempt({ untilMs }, "web1"));
      await fails("denied", /there is a host first already/, attempt({ untilMs, hostname: "first" }, "first"));
      await attempt({ untilMs, hostname: "web1" }, "web1"); // It was set up anew.
    }));

  test("of two that show the same invitation, one is let in", () =>
    check(async (place) => {
      const { port } = await place.open();
      const token = await place.files("first").invite({ untilMs: Date.now() + hour });
      const attempts = ["a", "b", "c", "d"].map((name) => joinCluster(`${token}@127.0.0.1:${port}`, name, place.files(name))); // biome-ignore format: one line
      const ends = await Promise.allSettled(attempts);
      assert.equal(ends.filter(({ status }) => status === "fulfilled").length, 1);
    }));

  test("gets a newer certificate with the one that it has, also when another authority takes over", () =>
    check(async (place) => {
      const entrance = await place.open();
      const [first, web1] = [place.files("first"), place.files("web1")];
      const token = await first.invite({ untilMs: Date.now() + hour });
      await joinCluster(`${token}@127.0.0.1:${entrance.port}`, "web1", web1);
      const before = await web1.own();
      await renewCertificate(web1);
      const after = await web1.own();
      assert.notEqual(after?.certificate, before?.certificate);
      assert.notEqual(after?.key, before?.key);
      assert.equal(await first.rotateAuthority(), "announced");
      await renewCertificate(web1);
      assert.equal((await web1.authorities()).length, 2, "both are believed meanwhile");
      assert.equal(await first.rotateAuthority(), "switched");
      await entrance.renew();
      await renewCertificate(web1);
      const [present, former] = (await web1.authorities()).map((each) => new X509Certificate(each));
      const own = new X509Certificate((await web1.own())?.certificate ?? "");
      assert.ok(present !== undefined && own.verify(present.publicKey));
      assert.ok(former !== undefined && !own.verify(former.publicKey));
      assert.equal(await first.forgetFormer(), 1);
      await entrance.renew();
      await renewCertificate(web1);
      assert.equal((await web1.authorities()).length, 1);
    }));

  test("is believed no more when it was removed, with none of its certificates, and may come again", () =>
    check(async (place) => {
      const { port } = await place.open();
      const [first, web1, web2] = [place.files("first"), place.files("web1"), place.files("web2")];
      const invite = () => first.invite({ untilMs: Date.now() + hour });
      await joinCluster(`${await invite()}@127.0.0.1:${port}`, "web1", web1);
      await joinCluster(`${await invite()}@127.0.0.1:${port}`, "web2", web2);
      const stolen = await web1.own();
      await renewCertificate(web1);
      const before = await web2.revocations();
      assert.equal(before?.number, 1, "whoever joins is given the list");
      const revocations = await first.revokeMember("web1");
      const { stdout, stderr } = spawnSync("openssl", ["crl", "-noout", "-text", "-CAfile", join(place.directory, "first/trust/authorities.crt")], { input: revocations.list, encoding: "utf8" }); // biome-ignore format: one line
      assert.match(stderr, /verify OK/);
      assert.equal(stdout.match(/Serial Number: /g)?.length, 2);
      const revoked = revokedSerials(revocations.list);
      for (const own of [stolen, await web1.own()]) {
        const { serialNumber } = new X509Certificate(own?.certificate ?? "");
        assert.ok(stdout.includes(serialNumber));
        assert.equal(revoked.has(serialNumber), true);
        assert.equal(revokedSerials(before?.list ?? "").has(serialNumber), false);
      }
      assert.equal(revoked.has(new X509Certificate((await web2.own())?.certificate ?? "").serialNumber), false);
      assert.equal(
        revokedSerials(`${revocations.list.slice(0, 200)}-----END X509 CRL-----`).has("AB"),
        true,
        "damaged",
      );
      await fails("denied", /was not let in/, renewCertificate(web1));
      const other = place.files("other");
      await other.ensureAuthority();
      assert.equal(isVouchedFor(revocations, await other.authorities()), false);
      assert.equal(await web2.takeRevocations({ ...revocations, number: 9 }), false, "it is of nobody whom we believe");
      assert.equal(await web2.takeRevocations(revocations), true);
      assert.equal(await web2.takeRevocations(before), false, "an old list does not come back");
      assert.equal(readFileSync(join(place.directory, "web2/trust/revoked.crl"), "utf8"), revocations.list);
      const again = place.files("again");
      await joinCluster(`${await invite()}@127.0.0.1:${port}`, "web1", again);
      await renewCertificate(again);
      await fails("denied", /no certificate that is believed/, renewCertificate(web1));
    }));

  test("hears that it was removed, whoever says so, when the authority has signed it", () =>
    check(async (place) => {
      const { port } = await place.open();
      const [first, web1] = [place.files("first"), place.files("web1")];
      await joinCluster(`${await first.invite({ untilMs: Date.now() + hour })}@127.0.0.1:${port}`, "web1", web1);
      const before = await web1.revocations();
      await askRevocations(web1);
      assert.deepEqual(await web1.revocations(), before);
      const revocations = await first.revokeMember("web1");
      const own = new X509Certificate((await web1.own())?.certificate ?? "");
      const hasHeard = async (): Promise<boolean> =>
        revokedSerials((await web1.revocations())?.list ?? "").has(own.serialNumber);

      const other = place.files("other");
      const forged = makeRevocations(await other.ensureAuthority(), 9, [{ serial: own.serialNumber, atMs: 0 }], 0);
      for (const said of [
        { ...revocations, signature: "" },
        { ...revocations, signature: forged.signature },
        { ...revocations, number: 9 },
        { ...revocations, list: forged.list },
        forged,
        { ...revocations, list: undefined },
        before,
        null,
        "removed",
      ]) {
        await asked(place, web1, { version: 1, revocations: said });
        await asked(place, web1, { version: 1, refused: "it is not believed", revocations: said });
        assert.deepEqual(await web1.revocations(), before, JSON.stringify(said));
      }
      await asked(place, web1, { version: 1, refused: "it was removed" });
      assert.equal(await hasHeard(), false, "a refusal alone says nothing");

      await asked(place, web1, { version: 1, revocations });
      assert.equal(await hasHeard(), true);
      await asked(place, web1, { version: 1, revocations: before });
      assert.equal(await hasHeard(), true, "an old list takes nothing back");
    }));

  test("hears that it was removed where it was let in, with the refusal of a newer certificate too", () =>
    check(async (place) => {
      const { port } = await place.open();
      const first = place.files("first");
      for (const [name, ask] of [
        ["web1", askRevocations],
        ["web2", (files: TrustFiles) => fails("denied", /was not let in/, renewCertificate(files))],
      ] as const) {
        const files = place.files(name);
        await joinCluster(`${await first.invite({ untilMs: Date.now() + hour })}@127.0.0.1:${port}`, name, files);
        const revocations = await first.revokeMember(name);
        await ask(files);
        assert.deepEqual(await files.revocations(), revocations);
      }
    }));

  test("survives whatever is said to it", () =>
    check(async (place) => {
      const { port } = await place.open();
      for (const text of [
        "",
        "\n",
        "{}\n",
        "[]\n",
        "null\n",
        '{"version":1,"ask":"join"}\n',
        '{"version":1,"ask":"renew","publicKey":"x","proof":"y"}\n',
        "x".repeat(70_000),
        "\u0000\n",
      ]) {
        // biome-ignore format: one line
        await heard({ port, host: "127.0.0.1", rejectUnauthorized: false }, text).catch(() => {});
      }
      const token = await place.files("first").invite({ untilMs: Date.now() + hour });
      await joinCluster(`${token}@127.0.0.1:${port}`, "web1", place.files("web1"));
    }));
});

/** The host asks for the list, and somebody else who has taken the address says this. */
async function asked(place: Place, files: TrustFiles, answer: object): Promise<void> {
  const { cert, key } = tlsOf(place, "first");
  const server = createServer({ cert, key }, (socket) => {
    socket.on("error", () => {}).once("data", () => socket.end(`${JSON.stringify(answer)}\n`));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await files.keepEntrance(`127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  await askRevocations(files);
  await new Promise((resolve) => server.close(resolve));
}

test("an invitation names the host, and perhaps a port", () => {
  const token = `${Buffer.alloc(16, 1).toString("base64url")}.${Buffer.alloc(32, 2).toString("base64url")}`;
  const at = (place: string): string => {
    const { host: name, port } = parseJoin(`${token}@${place}`, 2381);
    return `${name} ${port}`;
  };
  assert.equal(at("first.example.org"), "first.example.org 2381");
  assert.equal(at("192.0.2.7:99"), "192.0.2.7 99");
  assert.equal(at("[2001:db8::7]:99"), "2001:db8::7 99");
  for (const wrong of [token, `x@first`, `${token}@`, `${token}@a b`, `${token}x.y@first`]) {
    assert.throws(() => parseJoin(wrong, 2381), Failure, wrong);
  }
});

describe("a secret", () => {
  const [web1, web2, stranger] = [makeSealKeys(), makeSealKeys(), makeSealKeys()];
  const readers = new Map([["web1", web1.publicKey], ["web2", web2.publicKey]]); // biome-ignore format: one line
  const sealed = seal(Buffer.from("secret"), "password", readers);
  const opened = (from: typeof sealed, purpose: string, name: string, key: string): string | undefined => {
    const found = unseal(from, purpose, name, key);
    return found === undefined ? undefined : Buffer.from(found).toString();
  };

  test("is opened by its readers, and by nobody else", () => {
    assert.equal(opened(sealed, "password", "web1", web1.key), "secret");
    assert.equal(opened(sealed, "password", "web2", web2.key), "secret");
    assert.equal(opened(sealed, "password", "web1", web2.key), undefined);
    assert.equal(opened(sealed, "password", "web3", stranger.key), undefined);
    assert.equal(opened(sealed, "password", "constructor", stranger.key), undefined);
    assert.doesNotMatch(JSON.stringify(sealed), new RegExp(Buffer.from("secret").toString("base64")));
  });

  test("cannot be changed, or put in the place of another", () => {
    assert.equal(opened(sealed, "other", "web1", web1.key), undefined);
    const box = Buffer.from(sealed.content.box, "base64");
    box[0] = (box[0] ?? 0) ^ 1;
    const changed = { ...sealed, content: { ...sealed.content, box: box.toString("base64") } };
    assert.equal(opened(changed, "password", "web1", web1.key), undefined);
    const swapped = {
      ...sealed,
      readers: { ...sealed.readers, web1: sealed.readers["web2"] as typeof sealed.content },
    };
    assert.equal(opened(swapped, "password", "web1", web1.key), undefined);
  });
});

function tlsOf({ directory }: Place, name: string) {
  const { authorities, certificate, key } = new TrustFiles(host, join(directory, name), signal).paths;
  return { ca: readFileSync(authorities), cert: readFileSync(certificate), key: readFileSync(key) };
}

/** What the other side says until it closes. */
function heard(options: ConnectionOptions, say = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(options, () => socket.write(say));
    let text = "";
    socket.setTimeout(15_000, () => socket.destroy());
    socket.on("data", (piece: Buffer) => {
      text += piece.toString();
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(text));
    if (say === "") socket.once("secureConnect", () => socket.end());
  });
}
