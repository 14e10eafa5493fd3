// SPDX-License-Identifier: Apache-2.0
// What hosts tell each other through real etcd, with whole runs of the program on this machine, as people have it: hosts come by
// an invitation, and prove to each other and to the store who they are. How long a host takes from its start, to be let in
// too, until it and all others have everything, and how much of the processor; from a text that is put to the files of three hosts that follow it,
// what such a run has in memory, and how many exchanges a second the store and our client carry. Ratios are to what the store or the
// runtime take alone. Many hosts at once: `bench/crowd.ts`. Needs etcd. `npm run bench -- exchange [JOINS]`

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EtcdCluster } from "../src/cluster/etcd/index.ts";
import type { Cluster } from "../src/contract/cluster.ts";
import { createExchange, type OwnExchange } from "../src/exchange/index.ts";
import {
  clock,
  connect,
  costsOfAgents,
  directory,
  filesOf,
  forget,
  has,
  invited,
  leaveNothing,
  middle,
  never,
  program,
  ratio,
  reportCosts,
  runtimeStarts,
  seed,
  start,
  startFirst,
  stop,
  until,
  writeProgram,
} from "./own-hosts.ts";
import { report } from "./report.ts";

const joins = Number(process.argv[2] ?? 50);
const puts = 300;

writeProgram();

/** Two hosts are there; a third begins. */
async function measureJoins(cluster: Cluster): Promise<void> {
  const times: number[] = [];
  const starts: number[] = [];
  const processor: number[] = [];
  for (let round = 0; round < joins; round += 1) {
    await forget(cluster, "c", ["a", "b"]);
    const invitation = await invited("c");
    const began = performance.now();
    const c = start("c", invitation);
    await until("it makes its first file", () => has("c/f1c"));
    starts.push(performance.now() - began);
    const all = [...filesOf("a", "a", "b", "c"), ...filesOf("b", "a", "b", "c"), ...filesOf("c", "a", "b", "c")];
    await until("all have everything", () => has(...all));
    times.push(performance.now() - began);
    processor.push(costsOfAgents([c])[0]?.processorMs ?? 0);
    await stop(c);
  }
  report("a host starts and is let in: to its first own file", starts);
  report("  to all 24 files on three hosts", times, 1000);
  process.stdout.write(`  worst ${Math.max(...times).toFixed(0)} ms\n`);
  report("  of the processor, the host that joins alone", processor);
  ratio("  the whole join, to the start of a bare runtime", middle(times), middle(runtimeStarts()));
}

/** A text is put; three hosts write it into a file. */
async function measurePuts(exchange: OwnExchange): Promise<void> {
  const c = joins > 0 ? start("c", "--seeds", seed) : start("c", await invited("c"));
  await until("it is there", () => has("c/text"));
  await sleep(1000);
  const [first, last]: [number[], number[]] = [[], []];
  for (let round = 0; round < puts; round += 1) {
    const value = `text ${round}`;
    const waiting = new Set(["a", "b", "c"]);
    const began = performance.now();
    await exchange.texts.update({ key: "text" }, () => value, never());
    await until("it is in all files", () => {
      for (const host of waiting) {
        if (readFileSync(join(directory, host, "text"), "utf8") !== value) continue;
        (waiting.size === 3 ? first : []).push(performance.now() - began);
        waiting.delete(host);
      }
      return waiting.size === 0;
    });
    last.push(performance.now() - began);
    await sleep(5);
  }
  reportCosts("one of three runs", [c]);
  await stop(c);
  report("a text is put: to the file of the first of three hosts", first);
  report("  to the files of all", last);
  const bare = await timeBareStore();
  report("  to somebody who follows the store and does nothing", bare);
  ratio("  to the files of all, to the store alone", middle(last), middle(bare));
}

/** From a put to the item of a watch, both in this process. */
async function timeBareStore(): Promise<readonly number[]> {
  const [writer, reader] = [connect(), connect()];
  const times: number[] = [];
  const stopping = new AbortController();
  const items = reader.watch({ key: "/bare" }, undefined, stopping.signal);
  await items.next();
  for (let round = 0; round < puts; round += 1) {
    const began = performance.now();
    const told = items.next();
    await writer.commit({ conditions: [], changes: [{ do: "put", key: "/bare", value: `${round}` }] }, never());
    await told;
    times.push(performance.now() - began);
    await sleep(5);
  }
  stopping.abort();
  for (const each of [writer, reader]) await each.close();
  return times;
}

/** Three followers in this process, so what is measured is the store and our client. */
async function measureThroughput(connect: () => EtcdCluster): Promise<void> {
  const count = 5000;
  const stopping = new AbortController();
  const clusters = [0, 1, 2].map(connect);
  const exchanges = clusters.map((cluster, at) =>
    createExchange({ cluster, hostname: `follower${at}`, clock, onTrouble: () => {} }),
  );
  const seen = exchanges.map(async ({ texts }) => {
    for await (const text of texts.follow({ key: "many" }, stopping.signal)) if (text === `${count - 1}`) return;
  });
  await sleep(200);
  const cluster = connect();
  let next = 0;
  const began = performance.now();
  const writer = async (): Promise<void> => {
    while (next < count - 1) {
      const value = JSON.stringify({ version: 1, value: `${next++}` });
      await cluster.commit({ conditions: [], changes: [{ do: "put", key: "/_mgmt/texts/many", value }] }, never());
    }
  };
  await Promise.all(Array.from({ length: 64 }, writer));
  const value = JSON.stringify({ version: 1, value: `${count - 1}` });
  await cluster.commit({ conditions: [], changes: [{ do: "put", key: "/_mgmt/texts/many", value }] }, never());
  const written = performance.now() - began;
  await Promise.all(seen);
  const followed = performance.now() - began;
  stopping.abort();
  for (const exchange of exchanges) await exchange.close();
  for (const each of [...clusters, cluster]) await each.close();
  const rate = (ms: number): string => `${Math.round((count / ms) * 1000)} a second`;
  process.stdout.write(`  ${"puts, 64 at a time, one process".padEnd(54)} ${rate(written)}\n`);
  process.stdout.write(`  ${"  seen by three followers in the same process".padEnd(54)} ${rate(followed)}\n`);
}

process.stdout.write(`exchange of hosts through etcd, ${program}\n`);
try {
  startFirst();
  await until("one host has its files", () => has(...filesOf("a", "a")));
  const b = start("b", await invited("b"));
  await until("two hosts have everything", () => has(...filesOf("a", "a", "b"), ...filesOf("b", "a", "b")));
  const cluster = connect();
  const exchange = createExchange({ cluster, hostname: "bench", clock, onTrouble: () => {} });
  if (joins > 0) await measureJoins(cluster);
  await measurePuts(exchange);
  await measureThroughput(connect);
  await stop(b);
  await exchange.close();
  await cluster.close();
} finally {
  await leaveNothing();
}
