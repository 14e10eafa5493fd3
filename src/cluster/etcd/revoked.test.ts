// SPDX-License-Identifier: Apache-2.0
// Between hosts that prove to each other who they are, whoever was removed is refused at both ends, also when they spoke before.

import assert from "node:assert/strict";
import { randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Server as NetServer, type Socket } from "node:net";
import { describe, test } from "node:test";
import { freePort } from "../../../test/free-port.ts";
import { Failure } from "../../contract/failure.ts";
import { linuxHost } from "../../host/linux/index.ts";
import { certify, type KeyAndCertificate, makeAuthority, makeKey } from "../../trust/certificate.ts";
import { Endpoint, type Tls } from "./endpoint.ts";
import { memberList } from "./messages.ts";
import { Servers } from "./servers.ts";
import { openSignpost } from "./signpost.ts";

const never = (): AbortSignal => new AbortController().signal;
const validity = { fromMs: Date.now() - 60_000, untilMs: Date.now() + 60 * 60_000 };
const authority: KeyAndCertificate = makeAuthority("the authority", validity, randomBytes(15));

/** A host of the cluster, and whom it believes no more. */
class Host {
  readonly revoked = new Set<string>();
  /** What it shows whom it refuses. */
  list: string | undefined;
  readonly serial: string;
  readonly tls: () => Tls;

  constructor(name: string) {
    const { key, publicKey } = makeKey();
    const certificate = certify(authority, { name, addresses: ["127.0.0.1"] }, publicKey, validity, randomBytes(15));
    this.serial = new X509Certificate(certificate).serialNumber;
    const isRevoked = (serial: string): boolean => this.revoked.has(serial);
    this.tls = () => ({ ca: authority.certificate, certificate, key, isRevoked });
  }
}

/** One answers, the other asks. */
async function check(body: (there: Host, here: Host, url: string) => Promise<void>): Promise<void> {
  const [there, here] = [new Host("there"), new Host("here")];
  const url = `https://127.0.0.1:${await freePort()}`;
  const servers = () => ({ clusterId: 7n, clientUrls: ["https://192.0.2.1:2379"] });
  const close = await openSignpost({ urls: [url], tls: there.tls, servers, revocations: () => there.list });
  try {
    await body(there, here, url);
  } finally {
    close();
  }
}

async function listed(host: Host, url: string): Promise<string> {
  return listedBy(new Servers({ urls: [url], tls: host.tls, clock: linuxHost().clock, learnsNone: true }));
}

async function listedBy(servers: Servers): Promise<string> {
  try {
    const { members } = await servers.ask(memberList, {}, never(), { isRepeatable: true });
    return members.flatMap(({ clientUrls }) => clientUrls).join();
  } catch (reason) {
    if (!(reason instanceof Failure)) throw reason;
    return reason.message;
  } finally {
    servers.close();
  }
}

describe("a host that was removed", () => {
  test("is not asked any more", () =>
    check(async (there, here, url) => {
      assert.equal(await listed(here, url), "https://192.0.2.1:2379");
      here.revoked.add(there.serial);
      assert.match(await listed(here, url), /its certificate was revoked/);
    }));

  test("gets no answer any more", () =>
    check(async (there, here, url) => {
      there.revoked.add(here.serial);
      assert.equal(await listed(here, url), "The cluster's store refuses us: the certificate was revoked.");
      assert.equal(await listed(new Host("another"), url), "https://192.0.2.1:2379");
    }));

  test("is shown the list on which it stands, however long, and whoever does not stand there is not", () =>
    check(async (there, here, url) => {
      const shownTo = async (host: Host): Promise<string | undefined> => {
        const shown: string[] = [];
        const options = { urls: [url], tls: host.tls, clock: linuxHost().clock };
        await listedBy(new Servers({ ...options, onRevocations: (list) => shown.push(list) }));
        return shown[0];
      };
      for (const list of ["signed", "x".repeat(40 * 1024), undefined]) {
        there.list = list;
        there.revoked.add(here.serial);
        assert.equal(await shownTo(here), list);
        there.revoked.clear();
        assert.equal(await shownTo(here), undefined);
      }
      there.list = "x".repeat(50 * 1024);
      there.revoked.add(here.serial);
      assert.equal(await shownTo(here), undefined, "what no peer takes is left out");
      assert.match(await listed(here, url), /the certificate was revoked/);
    }));

  test("asks nobody from then on", () =>
    check(async (_, here, url) => {
      const servers = new Servers({ urls: [url], tls: here.tls, clock: linuxHost().clock, learnsNone: true });
      servers.giveUp();
      assert.equal(
        await listedBy(servers),
        "The cluster's store does not answer this host, which was removed from the cluster.",
      );
    }));

  test("loses the connection that is open", () =>
    check(async (there, here, behind) => {
      const open = new Set<Socket>();
      const between = createServer((socket) => {
        open.add(socket.once("close", () => open.delete(socket)).on("error", () => {}));
        socket.pipe(connect(Number(new URL(behind).port), "127.0.0.1").on("error", () => {})).pipe(socket);
      });
      const url = `https://127.0.0.1:${await portOf(between)}`;
      const endpoint = new Endpoint(url, here.tls);
      assert.equal(await endpoint.connect(never()), true);
      assert.equal(endpoint.dropRevoked(), false);
      assert.equal(endpoint.isConnected, true);
      here.revoked.add(there.serial);
      assert.equal(endpoint.dropRevoked(), true);
      assert.equal(await endpoint.connect(AbortSignal.timeout(10_000)), false);
      endpoint.drop();
      for (const socket of open) await once(socket, "close", { signal: AbortSignal.timeout(10_000) });
      between.close();
    }));
});

async function portOf(server: NetServer): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}
