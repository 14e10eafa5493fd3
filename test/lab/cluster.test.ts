// SPDX-License-Identifier: Apache-2.0
// Three hosts on a network of their own that exchange files, and one of them that is cut off from the others: it keeps its
// machine right by what it knew, says so, and hears of everything afterwards.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { sharingProgram } from "../end-to-end/sharing-program.ts";
import { Network } from "../histories/network.ts";
import { install, run, until } from "./inside.ts";
import { mgmt } from "./program.ts";

const names = ["a", "b", "c"] as const;
type Name = (typeof names)[number];
const files = "/root/files";
/** Machines may be busy. */
const longMs = 60_000;
/** A join is tried so often, and the best counts: what else the machine does is no matter of ours. */
const joins = 5;

let network: Network;

before(async () => {
  await install("nftables", "etcd-server");
  await run("systemctl", "stop", "etcd");
  mkdirSync("/run/netns", { recursive: true });
  network = await Network.make(1, names);
});
after(() => network.remove());

/** A run of mgmt on one of the hosts. */
class Agent {
  said = "";
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(name: Name, ...options: readonly string[]) {
    const directory = `/root/programs/${name}`;
    mkdirSync(directory, { recursive: true });
    if (!existsSync(`${directory}/main.mcl`)) writeFileSync(`${directory}/main.mcl`, sharingProgram(files));
    const argv = [...on(name), mgmt, "run", "--hostname", name, "--prefix", prefixOf(name), ...options, directory];
    const child = spawn(argv[0] ?? "", argv.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.said += text;
      });
    }
    this.ended = once(child, "close").then(([status]) => status as number | null);
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    assert.equal(await this.ended, 0, this.said);
  }
}

function on(name: Name): readonly string[] {
  return network.hosts.find((host) => host.name === name)?.through ?? [];
}

function addressOf(name: Name): string {
  return network.hosts.find((host) => host.name === name)?.address ?? "";
}

const prefixOf = (name: Name): string => `/root/state-${name}`;
const store = (): string => `http://${addressOf("a")}:2379`;
const keeping = (): readonly string[] => [`--client-urls=${store()}`, `--server-urls=http://${addressOf("a")}:2380`];

function count(...hosts: readonly Name[]): number {
  return hosts.reduce(
    (sum, name) => sum + (existsSync(`${files}/${name}`) ? readdirSync(`${files}/${name}`).length : 0),
    0,
  );
}

function has(expected: number, ...hosts: readonly Name[]): Promise<void> {
  return until(`${expected} files on ${hosts.join(", ")}`, () => count(...hosts) === expected, longMs);
}

/** From its first own file, until everybody has everything. */
async function timeJoin(name: Name, expected: number): Promise<number> {
  await until(`${name} makes its first file`, () => count(name) > 0, longMs);
  const began = performance.now();
  await has(expected, ...names);
  return performance.now() - began;
}

async function statusOf(name: Name): Promise<string> {
  const argv = [...on(name), mgmt, "status", "--prefix", prefixOf(name)];
  return run(argv[0] ?? "", ...argv.slice(1));
}

test("three hosts that come one after the other have 4, then 12, then 24 files", async (context) => {
  mkdirSync(files);
  const a = new Agent("a", ...keeping());
  await has(4, "a");
  const b = new Agent("b", "--seeds", store());
  const second = await timeJoin("b", 12);
  const c = new Agent("c", "--seeds", store(), "--converged-timeout=5");
  const times = [await timeJoin("c", 24)];
  const began = performance.now();
  assert.equal(await c.ended, 0, c.said);
  assert.ok(performance.now() - began > 4500, "it stays until nothing has changed for five seconds");
  assert.equal(count(...names), 24, "what a host shows stays when it ends");
  while (Math.min(...times) > 1000 && times.length < joins) {
    rmSync(`${files}/c`, { recursive: true });
    rmSync(prefixOf("c"), { recursive: true });
    const again = new Agent("c", "--seeds", store());
    times.push(await timeJoin("c", 24));
    await again.stop();
  }
  context.diagnostic(`complete after ${[second, ...times].map((ms) => `${Math.round(ms)} ms`).join(", ")}`);
  assert.ok(Math.min(...times) < 1000, `a join takes ${Math.round(Math.min(...times))} ms`);
  await b.stop();
  await a.stop();
});

test("a host that is cut off repairs by what it knew last, says so, and hears of everything afterwards", async () => {
  const agents = [new Agent("a", ...keeping()), new Agent("b", "--seeds", store()), new Agent("c", "--seeds", store())];
  const [, b] = agents as [Agent, Agent, Agent];
  const shares = async (): Promise<boolean> => (await statusOf("b").catch(() => "")).includes("It shares the store");
  await until("b shares the store", shares, longMs);
  await has(24, ...names);
  const heal = await network.cut([addressOf("b")]);
  await until("it is said", () => b.said.includes("what was known of other hosts stays in force"), longMs);
  rmSync(`${files}/b/f3a`);
  rmSync(`${files}/b/f1b`);
  writeFileSync(`${files}/b/f4c`, "wrong\n");
  const right = (): boolean => count("b") === 8 && readFileSync(`${files}/b/f4c`, "utf8") === "from c\n";
  await until("b repairs its own files and those of others", right, longMs);
  assert.match(await statusOf("b"), /The store at http\S+ does not answer.*: .*stays in force/);
  const program = "/root/programs/a/main.mcl";
  writeFileSync(program, readFileSync(program, "utf8").replace("from ${hostname}", "later from ${hostname}"));
  const later = (name: Name) => (): boolean => readFileSync(`${files}/${name}/f3a`, "utf8") === "later from a\n";
  await until("c hears of a change", later("c"), longMs);
  assert.equal(readFileSync(`${files}/b/f3a`, "utf8"), "from a\n", "b does not");
  await heal();
  await until("b hears of it when it is back", later("b"), longMs);
  assert.match(b.said, /the cluster's store answers again/);
  assert.match(await statusOf("b"), /It shares the store at http/);
  for (const agent of agents.toReversed()) await agent.stop();
});
