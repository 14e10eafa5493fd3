// SPDX-License-Identifier: Apache-2.0
// Hosts that share a store on the network, as their people see it: several runs on one machine, of which the first keeps
// the store for the others with an etcd of its own.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { notTried, proves, shows } from "../proofs.ts";
import { eventually, type Running, testPrograms, type World } from "./program.ts";
import { sharingProgram } from "./sharing-program.ts";

const longMs = 45_000;
const isThere = ["/usr/bin/etcd", "/usr/local/bin/etcd"].some((path) => existsSync(path));

/** Some runs on one machine, each with a state directory of its own. */
class Hosts {
  readonly world: World;
  readonly #network = `127.${randomInt(64, 255)}.${randomInt(1, 255)}.1`;

  constructor(world: World) {
    this.world = world;
    mkdirSync(world.path("files"));
    world.write("main.mcl", sharingProgram(world.path("files")));
  }

  get seed(): string {
    return `http://${this.#network}:2379`;
  }

  get serving(): readonly string[] {
    return [`--client-urls=${this.seed}`, `--server-urls=http://${this.#network}:2380`];
  }

  start(name: string, ...more: readonly string[]): Running {
    const args = ["run", "--hostname", name, "--prefix", this.world.path(`state-${name}`), ...more, "main.mcl"];
    return this.world.start(args, { limitMs: 150_000 });
  }

  files(...names: readonly string[]): number {
    return names.reduce((sum, name) => sum + listed(this.world.path(`files/${name}`)).length, 0);
  }

  server(name: string): readonly number[] {
    const directory = this.world.path(`state-${name}/etcd/server`);
    return listed("/proc").flatMap((id) => (/^\d+$/.test(id) && isEtcdOf(id, directory) ? [Number(id)] : []));
  }
}

function listed(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function isEtcdOf(id: string, directory: string): boolean {
  try {
    const argv = readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
    return argv[0] === "etcd" && argv.includes(directory);
  } catch {
    return false;
  }
}

function check(title: string, body: (hosts: Hosts) => Promise<void>): void {
  if (isThere) testPrograms(title, (world) => body(new Hosts(world)));
  else test(title, (context) => notTried(context, "etcd is not installed (Debian: etcd-server)"));
}

async function has(hosts: Hosts, count: number, ...names: readonly string[]): Promise<void> {
  await eventually(`${count} files on ${names.join(", ")}`, () => hosts.files(...names) === count, longMs);
}

check("three hosts that come one after the other have 4, then 12, then 24 files", async (hosts) => {
  const a = hosts.start("a", ...hosts.serving);
  await has(hosts, 4, "a");
  const b = hosts.start("b", "--seeds", hosts.seed);
  await has(hosts, 12, "a", "b");
  const c = hosts.start("c", "--seeds", hosts.seed, "--converged-timeout=2");
  await has(hosts, 24, "a", "b", "c");
  const ended = await c.ended;
  assert.equal(ended.status, 0, ended.stderr);
  const servers = await hosts.world.run(["cluster", "servers", "--prefix", hosts.world.path("state-b")]);
  assert.equal(servers.status, 0, servers.stderr);
  assert.match(
    servers.stdout,
    /^1 server of the store, 1 well; it takes 1\.\n {2}a {2}leader .*etcd \d.*\nUp to 5 hosts are to keep it; these would, too: b\.\n2 hosts alive: a, b\.\n/,
  );
  const { stdout } = await hosts.world.run(["cluster", "servers", "--json", "--seeds", hosts.seed]);
  const facts = JSON.parse(stdout) as {
    readonly servers: readonly { readonly role: string; readonly behind: number }[];
  };
  assert.deepEqual(
    facts.servers.map(({ role, behind }) => [role, behind]),
    [["leader", 0]],
  );
  assert.equal(hosts.files("a", "b", "c"), 24, "what a host shows stays when it ends");
  hosts.world.write("size.mcl", 'config:etcd "store" {\n\tidealclustersize => 1,\n}\n');
  const sized = await hosts.world.run([
    "run",
    "--once",
    "--tmp-prefix",
    "--hostname=d",
    "--seeds",
    hosts.seed,
    "size.mcl",
  ]);
  assert.equal(sized.status, 0, sized.stderr);
  const after = await hosts.world.run(["cluster", "servers", "--prefix", hosts.world.path("state-b")]);
  assert.match(after.stdout, /\n1 host is to keep it; these would, too: b\.\n/);
  shows("config:etcd", "real part");
  b.signal("SIGTERM");
  assert.equal((await b.ended).status, 0, b.stderr);
  a.signal("SIGTERM");
  assert.equal((await a.ended).status, 0, a.stderr);
  assert.deepEqual(hosts.server("a"), [], "the store ends with its host");
});

check(
  "when the host of the store is killed, its server goes with it, and everything goes on when it is back",
  async (hosts) => {
    const a = hosts.start("a", ...hosts.serving);
    const b = hosts.start("b", "--seeds", hosts.seed);
    await has(hosts, 12, "a", "b");
    a.signal("SIGKILL");
    await a.ended;
    await eventually("the server is gone", () => hosts.server("a").length === 0, longMs);
    await eventually("it is said", () => b.stderr.includes("what was known of other hosts stays in force"), longMs);
    rmSync(hosts.world.path("files/b/f3a"));
    await has(hosts, 6, "b");
    hosts.start("a", ...hosts.serving);
    await eventually("it is said", () => b.stderr.includes("the cluster's store answers again"), longMs);
    hosts.start("c", "--seeds", hosts.seed);
    await has(hosts, 24, "a", "b", "c");
  },
);

check(
  "a host that begins while the store is away keeps its machine right by what it knew, and says so",
  async (hosts) => {
    const a = hosts.start("a", ...hosts.serving);
    const b = hosts.start("b", "--seeds", hosts.seed);
    await has(hosts, 12, "a", "b");
    a.signal("SIGKILL");
    b.signal("SIGTERM"); // What it knew comes to the disk half a second later at the most.
    await Promise.all([a.ended, b.ended]);
    rmSync(hosts.world.path("files/b"), { recursive: true });
    const again = hosts.start("b", "--seeds", hosts.seed);
    await has(hosts, 6, "b");
    const status = await hosts.world.run(["status", "--prefix", hosts.world.path("state-b")]);
    assert.match(
      status.stdout,
      /The store at http\S+ does not answer( since [\d:]+)?: .*stays in force, as it was at /,
    );
    hosts.start("a", ...hosts.serving);
    hosts.start("c", "--seeds", hosts.seed);
    await has(hosts, 24, "a", "b", "c");
    const later = await hosts.world.run(["status", "--prefix", hosts.world.path("state-b")]);
    assert.match(later.stdout, /It shares the store at http/);
    again.signal("SIGTERM");
    await again.ended;
  },
);

check("a server of the store that ends by itself is started again", async (hosts) => {
  const a = hosts.start("a", ...hosts.serving);
  const b = hosts.start("b", "--seeds", hosts.seed);
  await has(hosts, 12, "a", "b");
  const [first = 0] = hosts.server("a");
  process.kill(first, "SIGKILL");
  await eventually("there is another one", () => hosts.server("a").some((id) => id !== first), longMs);
  hosts.start("c", "--seeds", hosts.seed);
  await has(hosts, 24, "a", "b", "c");
  assert.match(a.stderr, /etcd has ended \(SIGKILL\); it is started again/);
  b.signal("SIGTERM");
  assert.equal((await b.ended).status, 0);
});

check("a server that was left over by another run is ended before", async (hosts) => {
  const a = hosts.start("a", ...hosts.serving);
  await has(hosts, 4, "a");
  const [left = 0] = hosts.server("a");
  const argv = readFileSync(`/proc/${left}/cmdline`, "utf8").split("\0").slice(0, -1);
  a.signal("SIGTERM");
  await a.ended;
  const [command = "", ...rest] = argv;
  execFileSync("sh", ["-c", '"$@" >/dev/null 2>&1 &', "-", command, ...rest]);
  await eventually("it runs", () => hosts.server("a").length === 1, longMs);
  const [orphan = 0] = hosts.server("a");
  const again = hosts.start("a", ...hosts.serving);
  await eventually(
    "there is another one",
    () => {
      assert.doesNotMatch(again.stderr, /somebody else does/);
      const servers = hosts.server("a");
      return servers.length === 1 && servers[0] !== orphan;
    },
    longMs,
  );
  hosts.start("b", "--seeds", hosts.seed);
  await has(hosts, 12, "a", "b");
});

check("without a network only runs on the same machine share", async (hosts) => {
  const a = hosts.start("a", "--no-network");
  await has(hosts, 4, "a");
  hosts.start("b", `--seeds=unix:${hosts.world.path("state-a/etcd/clients.sock:0")}`);
  await has(hosts, 12, "a", "b");
  a.signal("SIGTERM");
  assert.equal((await a.ended).status, 0, a.stderr);
});

check("what is in the way of a store is said, with what to do", async (hosts) => {
  const { world } = hosts;
  const refused = async (pattern: RegExp, args: readonly string[], env: Record<string, string> = {}) => {
    const ended = await world.run(["run", "--prefix", world.path("state-a"), "--once", ...args, "main.mcl"], { env });
    assert.equal(ended.status, 3, ended.stderr);
    assert.match(ended.stderr, pattern);
  };
  const usage = async (pattern: RegExp, ...args: readonly string[]) => {
    const ended = await world.run(["run", "--prefix", world.path("state-a"), ...args, "main.mcl"]);
    assert.notEqual(ended.status, 0);
    assert.match(ended.stderr, pattern);
  };
  const a = hosts.start("a", ...hosts.serving, "--once");
  assert.equal((await a.ended).status, 0, a.stderr);
  await refused(/is of the host a, and this one is called b\.\n.*--hostname=a/, ["--hostname", "b", ...hosts.serving]);
  hosts.start("z", ...hosts.serving);
  await has(hosts, 4, "z");
  await refused(/somebody else does\.\n.*--seeds/, ["--hostname", "a", ...hosts.serving]);
  mkdirSync(world.path("bin"));
  for (const name of ["node", "sh", "env", "dirname", "readlink", "setpriv", "uname", "id"]) {
    const found = execFileSync("sh", ["-c", `command -v ${name} || true`], { encoding: "utf8" }).trim();
    if (found !== "") symlinkSync(found, join(world.path("bin"), name));
  }
  const none = { PATH: world.path("bin") };
  await refused(/etcd, which does that, is not installed\.\n.*apt-get install etcd-server/, ["--hostname", "a", ...hosts.serving], none); // biome-ignore format: one line
  await usage(/joins others by --seeds, and has no addresses itself/, "--no-server", ...hosts.serving);
  await usage(/is no address of --seeds/, "--seeds", "ftp://x");
  await usage(/neither --seeds nor/, "--no-network", "--seeds", hosts.seed);
  await usage(/--advertise-client-urls/, "--client-urls", "http://0.0.0.0:2379");
  await usage(/ports of their own/, "--client-urls=127.0.0.1:2399", "--server-urls=127.0.0.1:2399");
});

proves("config:etcd", "real part");
