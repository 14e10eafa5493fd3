// SPDX-License-Identifier: Apache-2.0
// What the resource graph costs: 10,000 resources and 30,000 edges at once, then one changed value among them.

import type { SourceFile, Span } from "../src/base/span.ts";
import { createCatalog } from "../src/contract/catalog.ts";
import type { StatementKey, StatementOutput } from "../src/contract/declaration.ts";
import { field } from "../src/contract/field.ts";
import { defineResource } from "../src/contract/resource.ts";
import { createGraph } from "../src/graph/graph.ts";
import { topologicalOrder } from "../src/graph/order.ts";
import { createResourceGraphBuilder } from "../src/resource-graph/builder.ts";

const size = 10_000;
const file: SourceFile = { path: "bench.mcl", text: " ".repeat(4 * size) };
const thing = defineResource({
  kind: "thing",
  summary: "Has a content.",
  fields: { content: field.str({ doc: "Its content." }) },
  traits: {},
  observe: async () => ({}),
  plan: () => [],
  explain: () => ({ mark: "~", text: "" }),
  apply: async () => {},
  watch: async function* () {},
});

function spanAt(at: number): Span {
  return { file, start: at, end: at + 1 };
}

/** A statement with one resource and the edges to three later ones. */
function outputOf(number: number, content: string): StatementOutput {
  const at = spanAt(number);
  const targets = [1, 7, 100].map((distance) => number + distance).filter((target) => target < size);
  return {
    resources: [
      {
        kind: "thing",
        name: `n${number}`,
        fields: new Map([["content", content]]),
        meta: new Map(),
        at,
        fieldsAt: new Map(),
      },
    ],
    edges: targets.map((target) => ({
      from: { kind: "thing", name: `n${number}` },
      to: { kind: "thing", name: `n${target}` },
      notify: false,
      at,
    })),
  };
}

function report(what: string, times: readonly number[]): void {
  const sorted = [...times].sort((left, right) => left - right);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(3);
  process.stdout.write(`${what.padEnd(48)} p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (${sorted.length} runs)\n`);
}

function timed(runs: number, task: (run: number) => void): readonly number[] {
  return Array.from({ length: runs }, (_, run) => {
    const start = performance.now();
    task(run);
    return performance.now() - start;
  });
}

const keys: readonly StatementKey[] = Array.from({ length: size }, (_, number) => ({ at: spanAt(number) }));
const whole = (): Map<StatementKey, StatementOutput> => new Map(keys.map((key, at) => [key, outputOf(at, "old")]));
const catalog = createCatalog({ kinds: [thing], functions: [], constants: [] });
const builder = createResourceGraphBuilder(catalog);
builder.apply({ changed: whole(), removed: [] });
const { shape } = builder.graph;
const again = timed(20, () => createGraph(shape.keys, shape.edges));

report("10,000 vertices, 30,000 edges: graph", again);
report(
  "10,000 vertices, 30,000 edges: order",
  timed(50, () => topologicalOrder(shape)),
);
report(
  "10,000 resources: whole graph from nothing",
  timed(10, () => createResourceGraphBuilder(catalog).apply({ changed: whole(), removed: [] })),
);
report(
  "one value changed among 10,000 resources",
  timed(1000, (run) => {
    const number = (run * 7919) % size;
    const changed = new Map([[keys[number] as StatementKey, outputOf(number, `new ${run}`)]]);
    builder.apply({ changed, removed: [] });
  }),
);
