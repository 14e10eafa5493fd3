// SPDX-License-Identifier: Apache-2.0
// Many hosts on this machine that begin at once and take what all of them show, through real etcd and over mutual TLS: how long
// until all have everything, what that takes of the processor next to a host that joins alone, and what it takes when all is
// there and one host shows another value. Needs etcd. `npm run bench -- crowd [HOSTS]`

import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../src/contract/cluster.ts";
import { createExchange } from "../src/exchange/index.ts";
import {
  clock,
  connect,
  costsOfAgents,
  costsOfStore,
  directory,
  filesOf,
  forget,
  has,
  invited,
  leaveNothing,
  line,
  mean,
  middle,
  never,
  program,
  ratio,
  reportCosts,
  runtimeStarts,
  start,
  startFirst,
  stop,
  until,
  writeProgram,
} from "./own-hosts.ts";

const changes = 20;

/** The first host shows another text, too. */
const shown = `
if $hostname == "a" {
	$said = world.getval("said")
	$words = $said->value
	file "/shown/f5a" {
		state => $const.res.file.state.exists,
		content => "\${words}",

		Meta:hidden => true,
		Meta:export => ["*"],
	}
}
`;

async function measure(count: number): Promise<void> {
  writeProgram(shown);
  const first = startFirst();
  await until("one host has its files", () => has(...filesOf("a", "a")));
  const cluster = connect();
  const aloneMs = await measureAlone(cluster);
  const children = await measureStart(first, count, aloneMs);
  await measureChanges(cluster, first, children);
  await Promise.all(children.map(stop));
  await cluster.close();
}

/** What no host of a crowd can do without. */
async function measureAlone(cluster: Cluster): Promise<number> {
  const b = start("b", await invited("b"));
  await until("two hosts have everything", () => has(...filesOf("a", "a", "b"), ...filesOf("b", "a", "b")));
  await sleep(1000);
  const [costs] = costsOfAgents([b]);
  reportCosts("a host that joins another one", [b]);
  await stop(b);
  await forget(cluster, "b", ["a"]);
  return costs?.processorMs ?? 0;
}

async function measureStart(first: ChildProcess, count: number, aloneMs: number): Promise<readonly ChildProcess[]> {
  const names = Array.from({ length: count - 1 }, (_, at) => `h${at + 1}`);
  const invitations: string[] = [];
  for (const name of names) invitations.push(await invited(name));
  const before = [costsOfAgents([first])[0]?.processorMs ?? 0, costsOfStore(first).processorMs] as const;
  const began = performance.now();
  const children = names.map((name, at) => start(name, invitations[at] ?? ""));
  const waiting = new Set(["a", ...names]);
  const isComplete = (host: string): boolean => {
    if (!has(host)) return false;
    const shown = readdirSync(join(directory, host)).filter((name) => /^f[34]/.test(name));
    return shown.length >= 2 * count;
  };
  const looks = (): boolean => {
    for (const host of waiting) if (isComplete(host)) waiting.delete(host);
    return waiting.size === 0;
  };
  await until(`${count} hosts have everything`, looks, 600_000);
  const tookMs = performance.now() - began;
  const files = count * (2 * count + 2);
  line(`${count} hosts begin at once: all ${files} files on all`, `${(tookMs / 1000).toFixed(2)} s, ${(tookMs / count).toFixed(0)} ms a host`); // biome-ignore format: one line
  const processorMs = mean(costsOfAgents(children).map((costs) => costs.processorMs));
  line("  of the processor, a host of them", `${processorMs.toFixed(0)} ms, ${(processorMs / aloneMs).toFixed(2)} × one that joins another one`); // biome-ignore format: one line
  line("  the first host, and its etcd", `${(costsOfAgents([first])[0]?.processorMs ?? 0) - before[0]} ms, ${costsOfStore(first).processorMs - before[1]} ms`); // biome-ignore format: one line
  ratio("  a host of them, to the start of a bare runtime", tookMs / count, middle(runtimeStarts()));
  reportCosts(`  one of ${count} runs`, children);
  return children;
}

/** All is there, and one host shows another value. */
async function measureChanges(cluster: Cluster, first: ChildProcess, children: readonly ChildProcess[]): Promise<void> {
  const exchange = createExchange({ cluster, hostname: "bench", clock, onTrouble: () => {} });
  const hosts = readdirSync(directory, { withFileTypes: true }).flatMap((each) =>
    each.isDirectory() && !each.name.startsWith("state-") ? each.name : [],
  );
  await sleep(2000);
  const spent = (): number => costsOfAgents([first, ...children]).reduce((sum, costs) => sum + costs.processorMs, 0);
  const before = [spent(), costsOfStore(first).processorMs] as const;
  const times: number[] = [];
  for (let round = 0; round < changes; round += 1) {
    const value = `round ${round}`;
    const began = performance.now();
    await exchange.texts.update({ key: "said" }, () => value, never());
    const waiting = new Set(hosts);
    await until("all have it", () => {
      for (const host of waiting) {
        if (has(`${host}/f5a`) && readFileSync(join(directory, host, "f5a"), "utf8") === value) waiting.delete(host);
      }
      return waiting.size === 0;
    });
    times.push(performance.now() - began);
    await sleep(300);
  }
  const each = (ms: number): string => (ms / changes).toFixed(1);
  line("one shows another value: to the files of all", `p50 ${middle(times).toFixed(1)} ms`);
  line("  of the processor, all hosts, and etcd", `${each(spent() - before[0])} ms, ${each(costsOfStore(first).processorMs - before[1])} ms`); // biome-ignore format: one line
  await exchange.close();
}

process.stdout.write(`a crowd of hosts through etcd, ${program}\n`);
try {
  await measure(Number(process.argv[2] ?? 50));
} finally {
  await leaveNothing();
}
