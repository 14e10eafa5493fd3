// SPDX-License-Identifier: Apache-2.0
// Hosts that keep the store together and prove to each other who they are: an invitation is all that a host needs to join,
// and whoever was removed can do nothing any more.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "node:test";
import { eventually, type Running, testPrograms, type World } from "./program.ts";
import { sharingProgram } from "./sharing-program.ts";

const longMs = 240_000;
const isThere = ["/usr/bin/etcd", "/usr/local/bin/etcd"].some((path) => existsSync(path));

class Trusted {
  readonly world: World;
  readonly running = new Map<string, Running>();
  #entrance = 0;
  seed = "";

  constructor(world: World) {
    this.world = world;
    mkdirSync(world.path("files"));
    world.write("main.mcl", sharingProgram(world.path("files")));
  }

  async first(): Promise<void> {
    const [entrance, client, server] = [await freePort(), await freePort(), await freePort()];
    this.#entrance = entrance;
    this.seed = `https://127.0.0.1:${client}`;
    // Without a scheme: in a cluster it is https.
    this.start("first", `--accept-joins=127.0.0.1:${entrance}`, `--client-urls=127.0.0.1:${client}`, `--server-urls=127.0.0.1:${server}`, "--replace-after=10"); // biome-ignore format: one line
    await this.exchanged();
  }

  /** With an invitation and nothing else. */
  async join(name: string): Promise<void> {
    const invited = await this.world.run(["cluster", "invite", "--prefix", this.state("first"), `--address=127.0.0.1:${this.#entrance}`, `--name=${name}`]); // biome-ignore format: one line
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

  async keptBy(...names: readonly string[]): Promise<readonly { readonly urls: readonly string[] }[]> {
    let facts: readonly { readonly name: string; readonly role: string; readonly urls: readonly string[]; readonly troubles: readonly string[] }[] = []; // biome-ignore format: one line
    const isSo = async (): Promise<boolean> => {
      const { stdout } = await this.world.run(["cluster", "--json", "--prefix", this.state("first")]);
      facts = stdout === "" ? [] : (JSON.parse(stdout) as { readonly servers: typeof facts }).servers;
      const voters = facts.filter(({ role, troubles }) => role !== "learner" && troubles.length === 0);
      return (
        voters.length === facts.length &&
        voters
          .map(({ name }) => name)
          .toSorted()
          .join() === names.toSorted().join()
      );
    };
    await eventually(`${names.join()} keep the store`, isSo, longMs).catch((reason: unknown) => {
      throw new Error(`${JSON.stringify(facts)}\n${this.said()}`, { cause: reason });
    });
    return facts;
  }

  /** Asks the store as somebody with the certificate of that host; `undefined`: with none. Whether it answers. */
  answers(url: string, name?: string): boolean {
    const trust = (file: string): string => `${this.state(name ?? "first")}/trust/${file}`;
    const shown = name === undefined ? [] : ["--cert", trust("host.crt"), "--key", trust("host.key")];
    const { status } = spawnSync(
      "etcdctl",
      ["--endpoints", url, "--cacert", trust("authorities.crt"), ...shown, "--dial-timeout=3s", "--command-timeout=5s", "get", "x"],
      { env: { ...process.env, ETCDCTL_API: "3" }, encoding: "utf8", timeout: 20_000 },
    ); // biome-ignore format: one line
    return status === 0;
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
    assert.equal(trusted.answers(url, "web1"), true, url);
    assert.equal(trusted.answers(url), false, `${url} answers nobody without a certificate`);
    assert.equal(trusted.answers(url.replace("https:", "http:")), false, url);
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
  await trusted.keptBy("first", "web1", "web2");
  await trusted.join("web3");
  const refused = await world.run(["cluster", "remove", "web2", "--prefix", trusted.state("web1")]);
  assert.match(refused.stderr, /Hosts are removed where they were let in/);
  const removed = await world.run(["cluster", "remove", "web2", "--prefix", trusted.state("first")]);
  assert.equal(removed.stdout, "web2 does not keep the store any more, and its certificates are believed no more\n", removed.stderr); // biome-ignore format: one line
  const crl = spawnSync("openssl", ["crl", "-in", `${trusted.state("first")}/trust/revoked.crl`, "-CAfile", `${trusted.state("first")}/trust/authorities.crt`, "-noout", "-text"], { encoding: "utf8" }); // biome-ignore format: one line
  assert.match(crl.stderr, /verify OK/);
  assert.match(crl.stdout, /Revoked Certificates:\n\s+Serial Number: [0-9A-F]+\n/);
  const servers = await trusted.keptBy("first", "web1", "web3");
  const isOut = (): boolean =>
    servers.flatMap(({ urls }) => urls).every((url) => !trusted.answers(url, "web2") && trusted.answers(url, "web1"));
  await eventually("nobody believes it", isOut, longMs);
  const isCut = (): boolean => trusted.running.get("web2")?.stderr.includes("stays in force until it does") === true;
  await eventually("it is cut off", isCut, longMs);
  const again = await world.run(["cluster", "remove", "web9", "--prefix", trusted.state("first")]);
  assert.match(again.stderr, /No host web9 was let into the cluster here/);
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}
