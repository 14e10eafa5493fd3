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
import { report } from "./report.ts";

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

async function timed(task: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

/** The engine with so many resources: their start, one event, one changed value, their end. Gives the middle of an event. */
async function measure(count: number): Promise<number> {
  watches.clear();
  const keys: readonly StatementKey[] = Array.from({ length: count }, () => ({ at }));
  const builder = createResourceGraphBuilder(createCatalog({ kinds: [thing], functions: [], constants: [] }));
  builder.apply({ changed: new Map(keys.map((key, number) => [key, outputOf(number, "old")])), removed: [] });
  let settled: (() => void) | undefined;
  const engine = createEngine({
    host,
    local: memoryLocalStore(),
    exchange: exchangeAlone(host.clock),
    emit: (event) => (event.type === "settled" ? settled?.() : undefined),
    noop: false,
    stateRoot: "/nowhere",
  });
  const timedOften = async (task: (number: number) => void): Promise<readonly number[]> => {
    const times: number[] = [];
    for (let run = 0; run < 2000; run += 1) {
      const { promise, resolve } = Promise.withResolvers<void>();
      settled = resolve;
      const time = await timed(() => {
        task((run * 7919) % count);
        return promise;
      });
      if (run >= 500) times.push(time); // What comes first is still being compiled.
    }
    settled = undefined;
    return times;
  };
  const first = await timed(async () => {
    await engine.swap(builder.graph);
    await engine.whenConverged(0, new AbortController().signal);
  });
  report(`${count} resources: first converged`, [first]);
  const events = await timedOften((number) => watches.get(`n${number}`)?.pulse());
  report(`${count} resources: an event until it is settled`, events);
  let swaps: Promise<void> = Promise.resolve();
  const values = await timedOften((number) => {
    const changed = new Map([[keys[number] as StatementKey, outputOf(number, `new ${performance.now()}`)]]);
    builder.apply({ changed, removed: [] });
    swaps = engine.swap(builder.graph);
  });
  report(`${count} resources: one changed, until it is settled`, values, 2);
  await swaps;
  const heap = process.memoryUsage().heapUsed / count / 1024;
  if (count === size)
    process.stdout.write(`  ${"heap for each resource, graph and all".padEnd(54)} ${heap.toFixed(1)} KiB\n`);
  report(`${count} resources: stopped`, [await timed(() => engine.stop())], 1000);
  return events.toSorted((left, right) => left - right)[Math.floor(events.length / 2)] ?? 0;
}

process.stdout.write("the engine, on resources that do nothing\n");
await measure(10); // Warms up; what it prints is not what counts.
const [few, , many] = [await measure(10), await measure(1000), await measure(size)];
process.stdout.write(`  an event at 10,000 resources takes ${(many / few).toFixed(2)} × of what it takes at 10\n`);
