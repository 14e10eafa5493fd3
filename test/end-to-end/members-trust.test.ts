// SPDX-License-Identifier: Apache-2.0
// Hosts that keep the store together and prove to each other who they are: an invitation is all that a host needs to join,
// and whoever was removed can do nothing any more.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { test } from "node:test";
import { connect } from "node:tls";
import { freePort } from "../free-port.ts";
import { eventually, type Running, testPrograms, type World } from "./program.ts";
import { sharingProgram } from "./sharing-program.ts";

const longMs = 240_000;
const isThere = ["/usr/bin/etcd", "/usr/local/bin/etcd"].some((path) => existsSync(path));

interface StoreServer {
  readonly name: string;
  readonly id: string;
  readonly role: string;
  readonly urls: readonly string[];
  readonly troubles: readonly string[];
}

/** As etcdctl tells it. */
interface EndpointStatus {
  readonly Status: { readonly header: { readonly member_id: number }; readonly leader: number };
}

class Trusted {
  readonly world: World;
  readonly running = new Map<string, Running>();
  entrance = 0;
  seed = "";

  constructor(world: World) {
    this.world = world;
    mkdirSync(world.path("files"));
    world.write("main.mcl", sharingProgram(world.path("files")));
  }

  async first(): Promise<void> {
    const [entrance, client, server] = [await freePort(), await freePort(), await freePort()];
    this.entrance = entrance;
    this.seed = `https://127.0.0.1:${client}`;
    // Without a scheme: in a cluster it is https.
    this.start("first", `--accept-joins=127.0.0.1:${entrance}`, `--client-urls=127.0.0.1:${client}`, `--server-urls=127.0.0.1:${server}`, "--replace-after=10"); // biome-ignore format: one line
    await this.exchanged();
  }

  /** With an invitation and nothing else. */
  async join(name: string): Promise<void> {
    const invited = await this.world.run(["cluster", "invite", "--prefix", this.state("first"), `--address=127.0.0.1:${this.entrance}`, `--name=${name}`]); // biome-ignore format: one line
    this.start(name, `--join=${invited.stdout.trim()}`, "--replace-after=10");
    await this.exchanged();
  }

  start(name: string, ...more: readonly string[]): void {
    const args = ["run", "--hostname", name, "--prefix", this.state(name), ...more, "main.mcl"];
    this.running.set(name, this.world.start(args, { limitMs: 590_000 }));
  }

  state(name: string): string {
    return this.world.path(`state-${name}`);
  }

  async exchanged(): Promise<void> {
    const names = [...this.running.keys()];
    const has = (name: string): boolean => {
      const directory = this.world.path(`files/${name}`);
      return existsSync(directory) && readdirSync(directory).length === 2 + 2 * names.length;
    };
    await eventually(`all have the files of ${names.join()}`, () => names.every(has), longMs).catch(
      (reason: unknown) => {
        throw new Error(this.said(), { cause: reason });
      },
    );
  }

  keptBy(...names: readonly string[]): Promise<readonly StoreServer[]> {
    return this.#kept(`${names.join()} keep the store`, (found) => found.toSorted().join() === names.toSorted().join());
  }

  /** By whomever else: of two hosts that are left one is enough. */
  keptWithout(name: string): Promise<readonly StoreServer[]> {
    return this.#kept(`${name} does not keep the store`, (found) => !found.includes(name));
  }

  /** Until all servers are well and vote, and this is so of their names. */
  async #kept(what: string, isMeant: (names: readonly string[]) => boolean): Promise<readonly StoreServer[]> {
    let facts: readonly StoreServer[] = [];
    const isSo = async (): Promise<boolean> => {
      const { stdout } = await this.world.run(["cluster", "--json", "--prefix", this.state("first")]);
      facts = stdout === "" ? [] : (JSON.parse(stdout) as { readonly servers: typeof facts }).servers;
      const voters = facts.filter(({ role, troubles }) => role !== "learner" && troubles.length === 0);
      return voters.length > 0 && voters.length === facts.length && isMeant(voters.map(({ name }) => name));
    };
    await eventually(what, isSo, longMs).catch((reason: unknown) => {
      throw new Error(`${JSON.stringify(facts)}\n${this.said()}`, { cause: reason });
    });
    return facts;
  }

  /** Says hello to the store as somebody with the certificate of that host; `undefined`: with none. Whether it answers. */
  answers(url: string, name?: string): Promise<boolean> {
    const { hostname: host, port, protocol } = new URL(url);
    const trust = (file: string): string => readFileSync(`${this.state(name ?? "first")}/trust/${file}`, "utf8");
    const shown = name === undefined ? {} : { cert: trust("host.crt"), key: trust("host.key") };
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const place = { host, port: Number(port) };
    const socket =
      protocol === "http:"
        ? connectPlain(place)
        : connect({ ...place, ...shown, ca: trust("authorities.crt"), ALPNProtocols: ["h2"] });
    // The beginning of HTTP/2 and empty settings: a server that lets us in sends its own.
    socket.write(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0", "latin1"));
    socket.once("data", (bytes: Buffer) => resolve(bytes[3] === 4)).once("error", () => resolve(false));
    socket.once("close", () => resolve(false)).setTimeout(30_000, () => socket.destroy());
    return promise.finally(() => socket.destroy());
  }

  /** The server of that host leads, and it decides who keeps the store. */
  async lead(name: string, servers: readonly StoreServer[]): Promise<void> {
    const trust = (file: string): string => `${this.state("first")}/trust/${file}`;
    const own = ["--cacert", trust("authorities.crt"), "--cert", trust("host.crt"), "--key", trust("host.key")];
    const ask = (url: string, ...words: readonly string[]): string =>
      spawnSync("etcdctl", ["--endpoints", url, ...own, ...words], {
        env: { ...process.env, ETCDCTL_API: "3" },
        encoding: "utf8",
        timeout: 20_000,
      }).stdout;
    const { id = "" } = servers.find((each) => each.name === name) ?? {};
    const decides = (): boolean => {
      const leading = servers.find(({ urls: [url = ""] }) => {
        const [one] = JSON.parse(ask(url, "endpoint", "status", "-w", "json")) as [EndpointStatus];
        return one.Status.leader === one.Status.header.member_id;
      });
      const [url = ""] = leading?.urls ?? [];
      if (leading?.name !== name) ask(url, "move-leader", id);
      return ask(url, "get", "--print-value-only", "/_mgmt/membership/executor").includes(`"${name}"`);
    };
    await eventually(`${name} leads and decides`, decides, longMs);
  }

  said(): string {
    return [...this.running].map(([name, { stderr }]) => `--- ${name}\n${stderr}`).join("\n");
  }
}

function check(title: string, body: (trusted: Trusted) => Promise<void>): void {
  if (isThere) testPrograms(title, (world) => body(new Trusted(world)), { timeout: 600_000 });
  else test(title, (context) => context.diagnostic("not tried: etcd is not installed (Debian: etcd-server)"));
}

check("an invitation is all that a host needs to share the store and to keep it", async (trusted) => {
  await trusted.first();
  await trusted.join("web1");
  await trusted.join("web2");
  const servers = await trusted.keptBy("first", "web1", "web2");
  const urls = servers.flatMap((server) => server.urls);
  assert.ok(urls.every((url) => url.startsWith("https://")));
  assert.match(readFileSync(`${trusted.state("web1")}/trust/seeds`, "utf8"), new RegExp(`^${trusted.seed}\n`));
  for (const url of urls) {
    assert.equal(await trusted.answers(url, "web1"), true, url);
    assert.equal(await trusted.answers(url), false, `${url} answers nobody without a certificate`);
    assert.equal(await trusted.answers(url.replace("https:", "http:")), false, url);
  }
  // Its command line may stay as it is.
  const web1 = trusted.running.get("web1");
  web1?.signal("SIGTERM");
  await web1?.ended;
  trusted.start("web1", "--join=used.already@127.0.0.1", "--replace-after=10");
  await trusted.keptBy("first", "web1", "web2");
});

check("a host that was removed keeps the store no more, and can do nothing any more", async (trusted) => {
  const { world } = trusted;
  await trusted.first();
  for (const name of ["web1", "web2"]) await trusted.join(name);
  const three = await trusted.keptBy("first", "web1", "web2");
  await trusted.join("web3");
  // The hardest of all to get rid of.
  await trusted.lead("web2", three);
  const refused = await world.run(["cluster", "remove", "web2", "--prefix", trusted.state("web1")]);
  assert.match(refused.stderr, /Hosts are removed where they were let in/);
  const removed = await world.run(["cluster", "remove", "web2", "--prefix", trusted.state("first")]);
  assert.equal(removed.stdout, "web2 does not keep the store any more, and its certificates are believed no more\n", removed.stderr); // biome-ignore format: one line
  const crl = spawnSync("openssl", ["crl", "-in", `${trusted.state("first")}/trust/revoked.crl`, "-CAfile", `${trusted.state("first")}/trust/authorities.crt`, "-noout", "-text"], { encoding: "utf8" }); // biome-ignore format: one line
  assert.match(crl.stderr, /verify OK/);
  assert.match(crl.stdout, /Revoked Certificates:\n\s+Serial Number: [0-9A-F]+\n/);
  const servers = await trusted.keptBy("first", "web1", "web3");
  const isOut = async (): Promise<boolean> => {
    const urls = servers.flatMap((server) => server.urls);
    const answers = await Promise.all(
      urls.flatMap((url) => [trusted.answers(url, "web1"), trusted.answers(url, "web2").then((isIn) => !isIn)]),
    );
    return answers.every(Boolean);
  };
  await eventually("nobody believes it", isOut, longMs);
  // Not even those who had spoken to it before; only it goes on talking to itself, in vain.
  const itsUrl = three.find(({ name }) => name === "web2")?.urls[0] ?? "";
  const itself = trusted.running.get("web2");
  let talking: readonly string[] = [];
  const isLeft = (): boolean => {
    const { status, stdout } = spawnSync("ss", ["-Htnp", "state", "established", `dport = :${new URL(itsUrl).port}`], { encoding: "utf8" }); // biome-ignore format: one line
    const isItself = (line: string): boolean => line.includes('"etcd"') || line.includes(`pid=${itself?.pid},`);
    // What no process has any more is about to be closed.
    talking = stdout.split("\n").filter((line) => line.includes("pid=") && !isItself(line));
    return status === 0 && talking.length === 0;
  };
  await eventually("nobody talks to it", isLeft, longMs).catch(() => assert.deepEqual(talking, []));
  const isCut = (): boolean => trusted.running.get("web2")?.stderr.includes("stays in force until it does") === true;
  await eventually("it is cut off", isCut, longMs);
  const itsData = `${trusted.state("web2")}/etcd/server`;
  const hasServer = (): boolean => spawnSync("pgrep", ["-f", `etcd --name web2 --data-dir ${itsData} `]).status === 0;
  await eventually("its own server has ended", () => !existsSync(itsData) && !hasServer(), longMs).catch(() => assert.fail(trusted.said())); // biome-ignore format: one line
  assert.match(trusted.running.get("web2")?.stderr ?? "", /this host was removed from the cluster/);
  assert.match(trusted.running.get("web1")?.stderr ?? "", /^(?![^]*this host was removed)/);
  itself?.signal("SIGTERM");
  await itself?.ended;
  trusted.start("web2", `--seeds=${trusted.seed}`, "--replace-after=10");
  const says = (): boolean => trusted.running.get("web2")?.stderr.includes("was removed from the cluster") === true;
  await eventually("it knows also when it begins anew", says, longMs);
  assert.equal(existsSync(itsData), false);
  const again = await world.run(["cluster", "remove", "web9", "--prefix", trusted.state("first")]);
  assert.match(again.stderr, /No host web9 was let into the cluster here/);
});

check(
  "a host that was removed while it was off hears of it when it comes back, and can be let in again",
  async (trusted) => {
    const { world } = trusted;
    await trusted.first();
    for (const name of ["web1", "web2"]) await trusted.join(name);
    await trusted.keptBy("first", "web1", "web2");
    const stop = async (): Promise<void> => {
      trusted.running.get("web2")?.signal("SIGTERM");
      await trusted.running.get("web2")?.ended;
    };
    await stop();
    const removed = await world.run(["cluster", "remove", "web2", "--prefix", trusted.state("first")]);
    assert.equal(removed.status, 0, removed.stderr);
    await trusted.keptWithout("web2");

    const said = (): string => trusted.running.get("web2")?.stderr ?? "";
    const itsData = `${trusted.state("web2")}/etcd/server`;
    const hasServer = (): boolean => spawnSync("pgrep", ["-f", `etcd --name web2 --data-dir ${itsData} `]).status === 0;
    const isTold = (): boolean => said().includes("this host was removed from the cluster");
    // As its service has it.
    const former = `--join=used.already@127.0.0.1:${trusted.entrance}`;
    trusted.start("web2", former, "--replace-after=10");
    await eventually("it hears of it", isTold, longMs).catch(() => assert.fail(trusted.said()));
    await eventually("its own server has ended", () => !existsSync(itsData) && !hasServer(), longMs).catch(() => assert.fail(trusted.said())); // biome-ignore format: one line
    assert.equal(said().match(/this host was removed/g)?.length, 1, said());
    assert.match(said(), /run `mgmt cluster invite --name=web2` where the cluster began/);
    const status = await world.run(["status", "--prefix", trusted.state("web2")]);
    assert.match(
      status.stdout,
      /^This host was removed from the cluster: what it knew last of other hosts stays in force/m,
    );
    assert.match(status.stdout, /^ {2}hint: to let it in again, run `mgmt cluster invite --name=web2`/m);
    const asked = await world.run(["cluster", "members", "--prefix", trusted.state("web2")]);
    assert.match(asked.stderr, /does not answer this host, which was removed from the cluster/);
    const [one = ""] = readdirSync(world.path("files/web2"));
    const its = world.path(`files/web2/${one}`);
    const text = readFileSync(its, "utf8");
    writeFileSync(its, "changed by hand");
    await eventually("it keeps its machine right", () => readFileSync(its, "utf8") === text, longMs);

    await stop();
    trusted.start("web2", former, "--replace-after=10");
    await eventually("it goes on without being let in", () => said().includes("was not let in again"), longMs);
    await eventually("it keeps its machine right", async () => (await world.run(["status", "--prefix", trusted.state("web2")])).stdout.includes("as declared"), longMs); // biome-ignore format: one line
    assert.equal(hasServer(), false);
    await stop();
    await trusted.join("web2");
    await trusted.keptBy("first", "web1", "web2");
    assert.match((await world.run(["status", "--prefix", trusted.state("web2")])).stdout, /^It shares the store at /m);
  },
);
