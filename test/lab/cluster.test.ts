// SPDX-License-Identifier: Apache-2.0
// Three hosts on a network of their own that exchange files, and one of them that is cut off from the others: it keeps its
// machine right by what it knew, says so, and hears of everything afterwards.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { sharingProgram } from "../end-to-end/sharing-program.ts";
import { until } from "./inside.ts";
import { type Agent, filesRoot, NetworkedHosts } from "./networked-hosts.ts";

const names = ["a", "b", "c"] as const;
type Name = (typeof names)[number];
/** Machines may be busy. */
const longMs = 60_000;
/** A join is tried so often, and the best counts: what else the machine does is no matter of ours. */
const joins = 5;

let hosts: NetworkedHosts;

before(async () => {
  hosts = await NetworkedHosts.make(names, sharingProgram(filesRoot));
});
after(() => hosts.network.remove());

const store = (): string => `http://${hosts.addressOf("a")}:2379`;
const keeping = (): readonly string[] => [
  `--client-urls=${store()}`,
  `--server-urls=http://${hosts.addressOf("a")}:2380`,
];

/** From its first own file, until everybody has everything. */
async function timeJoin(name: Name, expected: number): Promise<number> {
  await until(`${name} makes its first file`, () => hosts.count(name) > 0, longMs);
  const began = performance.now();
  await hosts.has(expected, ...names);
  return performance.now() - began;
}

function statusOf(name: Name): Promise<string> {
  return hosts.ask(name, "status", "--prefix", hosts.prefixOf(name));
}

test("three hosts that come one after the other have 4, then 12, then 24 files", async (context) => {
  const a = hosts.start("a", ...keeping());
  await hosts.has(4, "a");
  const b = hosts.start("b", "--seeds", store());
  const second = await timeJoin("b", 12);
  const c = hosts.start("c", "--seeds", store(), "--converged-timeout=5");
  const times = [await timeJoin("c", 24)];
  const began = performance.now();
  assert.equal(await c.ended, 0, c.said);
  assert.ok(performance.now() - began > 4500, "it stays until nothing has changed for five seconds");
  assert.equal(hosts.count(...names), 24, "what a host shows stays when it ends");
  while (Math.min(...times) > 1000 && times.length < joins) {
    rmSync(`${filesRoot}/c`, { recursive: true });
    rmSync(hosts.prefixOf("c"), { recursive: true });
    const again = hosts.start("c", "--seeds", store());
    times.push(await timeJoin("c", 24));
    await again.stop();
  }
  context.diagnostic(
    `measured: a join is complete after ${[second, ...times].map((ms) => `${Math.round(ms)} ms`).join(", ")}`,
  );
  assert.ok(Math.min(...times) < 1000, `a join takes ${Math.round(Math.min(...times))} ms`);
  await b.stop();
  await a.stop();
});

test("a host that is cut off repairs by what it knew last, says so, and hears of everything afterwards", async () => {
  const agents = [
    hosts.start("a", ...keeping()),
    hosts.start("b", "--seeds", store()),
    hosts.start("c", "--seeds", store()),
  ];
  const [, b] = agents as [Agent, Agent, Agent];
  const shares = async (): Promise<boolean> => (await statusOf("b").catch(() => "")).includes("It shares the store");
  await until("b shares the store", shares, longMs);
  await hosts.has(24, ...names);
  const heal = await hosts.network.cut([hosts.addressOf("b")]);
  await until("it is said", () => b.said.includes("what was known of other hosts stays in force"), longMs);
  rmSync(`${filesRoot}/b/f3a`);
  rmSync(`${filesRoot}/b/f1b`);
  writeFileSync(`${filesRoot}/b/f4c`, "wrong\n");
  const right = (): boolean => hosts.count("b") === 8 && readFileSync(`${filesRoot}/b/f4c`, "utf8") === "from c\n";
  await until("b repairs its own files and those of others", right, longMs);
  assert.match(await statusOf("b"), /The store at http\S+ does not answer.*: .*stays in force/);
  const program = hosts.programOf("a");
  writeFileSync(program, readFileSync(program, "utf8").replace("from ${hostname}", "later from ${hostname}"));
  const later = (name: Name) => (): boolean => readFileSync(`${filesRoot}/${name}/f3a`, "utf8") === "later from a\n";
  await until("c hears of a change", later("c"), longMs);
  assert.equal(readFileSync(`${filesRoot}/b/f3a`, "utf8"), "from a\n", "b does not");
  await heal();
  await until("b hears of it when it is back", later("b"), longMs);
  assert.match(b.said, /the cluster's store answers again/);
  assert.match(await statusOf("b"), /It shares the store at http/);
  for (const agent of agents.toReversed()) await agent.stop();
});
