// SPDX-License-Identifier: Apache-2.0
// What the resource graph costs: 10,000 resources and 30,000 edges at once, then one changed value among them; automatic
// edges between 10,000 files, and groups of 1,000 and 10,000 in every form that is hard.

import type { SourceFile, Span } from "../src/base/span.ts";
import { createCatalog } from "../src/contract/catalog.ts";
import type { StatementKey, StatementOutput } from "../src/contract/declaration.ts";
import { field } from "../src/contract/field.ts";
import { defineResource } from "../src/contract/resource.ts";
import { createGraph } from "../src/graph/graph.ts";
import { topologicalOrder } from "../src/graph/order.ts";
import { createResourceGraphBuilder } from "../src/resource-graph/builder.ts";
import { addAutomaticEdges, noFacts } from "../src/resource-graph/automatic-edges.ts";
import { chooseGroups } from "../src/resource-graph/choose-groups.ts";
import { createDraft } from "../src/resource-graph/passes.ts";
import type { Vertex } from "../src/resource-graph/vertex.ts";
import { kinds } from "../src/resources/index.ts";
import { report, timed } from "./report.ts";

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

process.stdout.write("the resource graph\n");
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

// ---- Automatic edges ----

const fileCatalog = createCatalog({ kinds, functions: [], constants: [] });

/** The vertices of files, as the passes before have them. */
function filesAt(paths: readonly string[]): Map<string, Vertex> {
  const files = createResourceGraphBuilder(fileCatalog, { autoedges: false });
  const changed = new Map<StatementKey, StatementOutput>();
  paths.forEach((name, number) => {
    const at = spanAt(number);
    const resource = { kind: "file", name, fields: new Map([["state", "exists"]]), meta: new Map(), at };
    changed.set({ at }, { resources: [{ ...resource, fieldsAt: new Map() }], edges: [] });
  });
  files.apply({ changed, removed: [] });
  return new Map(files.graph.vertices.map((vertex) => [vertex.key, vertex]));
}

function timeEdges(what: string, paths: readonly string[]): void {
  const vertices = filesAt(paths);
  let edges = 0;
  const times = timed(30, () => {
    const parts = { catalog: fileCatalog, statements: [], read: () => assertNever(), facts: () => noFacts };
    const draft = { ...createDraft(parts), vertices };
    addAutomaticEdges(draft);
    edges = draft.edges.size;
  });
  report(`${what}: ${edges} automatic edges`, times, 30);
}

function assertNever(): never {
  throw new Error("nothing is read here");
}

timeEdges(
  "10,000 directories, ten in each",
  Array.from({ length: size }, (_, number) => `/srv/${[...String(number)].join("/")}/`),
);
timeEdges("10,000 files in one directory", [
  "/srv/",
  ...Array.from({ length: size - 1 }, (_, number) => `/srv/f${number}`),
]);

// ---- Groups ----

function timeGroups(what: string, count: number, edgesOf: (number: number) => readonly number[]): void {
  const names = Array.from({ length: count }, (_, number) => `n${String(number).padStart(5, "0")}`);
  const edges = names.flatMap((from, number) =>
    edgesOf(number)
      .filter((to) => to < count)
      .map((to) => ({ from, to: names[to] as string })),
  );
  const graph = createGraph(names, edges);
  const candidates = names.map((name) => ({ kind: "pkg", name, alike: "", partOf: undefined, noop: false }));
  let groups = 0;
  const times = timed(10, () => {
    groups = chooseGroups(graph, candidates).filter((taker) => taker === -1).length;
  });
  report(`${count} alike, ${what}: ${groups} left`, times, 50);
}

for (const count of [1_000, size]) {
  timeGroups("no edges", count, () => []);
  timeGroups("in pairs", count, (number) => (number % 2 === 0 ? [number + 1] : []));
  timeGroups("one chain", count, (number) => [number + 1]);
  timeGroups("two chains", count, (number) => [number + 2]);
  timeGroups("a hundred chains", count, (number) => [number + 100]);
  timeGroups("three edges each", count, (number) => [number + 1, number + 7, number + 100]);
  timeGroups("three far edges each", count, (number) =>
    [31, 57, 90].map((step) => number + 1 + ((number * step) % 997)),
  );
}
