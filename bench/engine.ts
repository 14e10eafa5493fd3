// SPDX-License-Identifier: Apache-2.0
// What the engine itself costs, on resources that do nothing: 10,000 of them settled, one event, one changed value, stop.

import { Pulses } from "../src/base/pulse.ts";
import type { Span } from "../src/base/span.ts";
import { createCatalog } from "../src/contract/catalog.ts";
import type { StatementKey, StatementOutput } from "../src/contract/declaration.ts";
import { field } from "../src/contract/field.ts";
import type { Host } from "../src/contract/host.ts";
import { defineResource } from "../src/contract/resource.ts";
import { createEngine } from "../src/engine/engine.ts";
import { createResourceGraphBuilder } from "../src/resource-graph/builder.ts";
import { exchangeAlone } from "../src/exchange/alone.test-support.ts";
import { memoryLocalStore } from "../src/host/memory/local-store.ts";

const size = 10_000;
const watches = new Map<string, Pulses>();
const thing = defineResource({
  kind: "thing",
  summary: "Is always what it should be.",
  fields: { content: field.str({ doc: "Its content." }) },
  watchedFields: [],
  traits: {},
  observe: async () => ({}),
  plan: () => [],
  explain: () => ({ mark: "~", text: "" }),
  apply: async () => {},
  watch: async function* (_, env) {
    const pulses = new Pulses(env.signal);
    watches.set(env.name, pulses);
    yield;
    yield* pulses;
  },
});
const clock: Partial<Host["clock"]> = {
  monotonicMs: () => performance.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
const host = { clock } as unknown as Host; // Nothing here asks for more.
const at: Span = { file: { path: "bench.mcl", text: " ".repeat(size) }, start: 0, end: 1 };

function outputOf(number: number, content: string): StatementOutput {
  const resource = { kind: "thing", name: `n${number}`, fields: new Map([["content", content]]), meta: new Map(), at };
  const from = { kind: "thing", name: `n${number >> 1}` };
  const to = { kind: "thing", name: `n${number}` };
  const edges = number === 0 ? [] : [{ from, to, notify: false, at }];
  return { resources: [{ ...resource, fieldsAt: new Map() }], edges };
}

function report(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((left, right) => left - right);
  const share = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(3);
  process.stdout.write(`${what.padEnd(48)} p50 ${share(0.5)} ms, p99 ${share(0.99)} ms (${times.length} runs)\n`);
}

const keys: readonly StatementKey[] = Array.from({ length: size }, () => ({ at }));
const builder = createResourceGraphBuilder(createCatalog({ kinds: [thing], functions: [], constants: [] }));
builder.apply({ changed: new Map(keys.map((key, number) => [key, outputOf(number, "old")])), removed: [] });
const signal = new AbortController().signal;
let settled: (() => void) | undefined;
const engine = createEngine({
  host,
  local: memoryLocalStore(),
  exchange: exchangeAlone(host.clock),
  emit: (event) => (event.type === "settled" ? settled?.() : undefined),
  noop: false,
  stateRoot: "/nowhere",
});

async function timed(task: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

async function timedOften(task: (number: number) => void): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = 0; run < 1000; run += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    settled = resolve;
    times.push(
      await timed(() => {
        task((run * 7919) % size);
        return promise;
      }),
    );
  }
  settled = undefined;
  return times;
}

const first = await timed(async () => {
  await engine.swap(builder.graph);
  await engine.whenConverged(0, signal);
});
report("10,000 resources: first converged", [first]);
report("one event among 10,000: settled again", await timedOften((number) => watches.get(`n${number}`)?.pulse()));
let swaps: Promise<void> = Promise.resolve();
report(
  "one value changed among 10,000: settled again",
  await timedOften((number) => {
    const changed = new Map([[keys[number] as StatementKey, outputOf(number, `new ${performance.now()}`)]]);
    builder.apply({ changed, removed: [] });
    swaps = engine.swap(builder.graph);
  }),
);
await swaps;
const heap = process.memoryUsage().heapUsed / size / 1024;
process.stdout.write(`${"heap for each resource, graph and all".padEnd(48)} ${heap.toFixed(1)} KiB\n`);
report("10,000 resources: stopped", [await timed(() => engine.stop())]);
