// SPDX-License-Identifier: Apache-2.0
// Which resources run as one: against the plain rule of trying all pairs, and that no order is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createGraph, type Graph, type Link } from "../graph/graph.ts";
import { topologicalOrder } from "../graph/order.ts";
import { chooseGroups, type GroupCandidate } from "./choose-groups.ts";

type Candidates = readonly (GroupCandidate | undefined)[];

/** Every pair in the order of trying, with a search for a path each time. */
function chooseByTrying(graph: Graph<Link>, candidates: Candidates): Int32Array {
  const takenBy = new Int32Array(candidates.length).fill(-1);
  const rootOf = (vertex: number): number => {
    const taker = takenBy[vertex] as number;
    return taker === -1 ? vertex : rootOf(taker);
  };
  const leads = (from: number, to: number): boolean => {
    const seen = new Set([rootOf(from)]);
    for (const at of seen) {
      for (const edge of graph.edges.keys()) {
        if (rootOf(graph.tails[edge] as number) === at) seen.add(rootOf(graph.heads[edge] as number));
      }
    }
    return seen.has(rootOf(to));
  };
  const hasMembers = (vertex: number): boolean => takenBy.includes(vertex);
  const accepts = (taker: number, other: number): boolean => {
    const [v, w] = [candidates[taker], candidates[other]];
    if (v === undefined || w === undefined || v.noop !== w.noop) return false;
    if (v.kind === w.kind) return v.alike !== undefined && v.alike === w.alike && !hasMembers(other);
    return w.partOf?.kind === v.kind && (w.partOf.name === "" || w.partOf.name === v.name);
  };
  const depth = (vertex: number): number => candidates[vertex]?.kind.split(":").length ?? 0;
  const compare = (left = "", right = ""): number => (left < right ? 1 : left > right ? -1 : 0);
  const order = [...candidates.keys()].sort(
    (left, right) =>
      depth(right) - depth(left) ||
      compare(candidates[left]?.kind, candidates[right]?.kind) ||
      compare(candidates[left]?.name, candidates[right]?.name),
  );
  for (const taker of order) {
    for (const other of order) {
      if (taker === other || takenBy[taker] !== -1 || takenBy[other] !== -1) continue;
      if (accepts(taker, other) && !leads(taker, other) && !leads(other, taker)) takenBy[other] = taker;
    }
  }
  return takenBy;
}

const candidate = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("pkg", "print"), alike: fc.constantFrom("a", "a", "b") }) },
  { weight: 1, arbitrary: fc.constant({ kind: "svc" }) },
  { weight: 1, arbitrary: fc.constant({ kind: "http:server" }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("http:server:file", "http:server:ui"),
      partOf: fc.constantFrom("", "x00", "x03").map((name) => ({ kind: "http:server", name })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ kind: "http:server:flag", alike: "f", partOf: { kind: "http:server", name: "" } }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "x02").map((name) => {
      return { kind: "http:server:ui:input", partOf: { kind: "http:server:ui", name } };
    }),
  },
);

/** Vertices in any order of their names, edges from a vertex to one with a greater number. */
const graphs = fc
  .record({
    candidates: fc.array(candidate, { minLength: 1, maxLength: 14 }),
    edges: fc.array(fc.tuple(fc.nat(13), fc.nat(13)), { maxLength: 24 }),
    noop: fc.array(fc.constantFrom(false, false, false, true), { minLength: 14, maxLength: 14 }),
    names: fc.shuffledSubarray([...Array(14).keys()], { minLength: 14 }),
  })
  .map(({ candidates, edges, noop, names }) => {
    const keys = candidates.map((_, number) => `x${String(names[number]).padStart(2, "0")}`);
    const links = edges
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
      .filter(([a, b]) => a !== b && b < keys.length)
      .map(([a, b]) => ({ from: keys[a] ?? "", to: keys[b] ?? "" }));
    const all: Candidates = candidates.map((given, number) => {
      return { alike: undefined, partOf: undefined, noop: noop[number] ?? false, ...given, name: keys[number] ?? "" };
    });
    return { graph: createGraph(keys, links), candidates: all };
  });

test("what is grouped is what trying every pair in order would group", () => {
  fc.assert(
    fc.property(graphs, ({ graph, candidates }) => {
      assert.deepEqual(chooseGroups(graph, candidates), chooseByTrying(graph, candidates));
    }),
    { numRuns: Number(process.env["RUNS"] ?? 2000) },
  );
});

/** The groups as vertices, with the edges between them. */
function quotient(graph: Graph<Link>, takenBy: Int32Array): Graph<Link> {
  const rootOf = (vertex: number): number => (takenBy[vertex] === -1 ? vertex : rootOf(takenBy[vertex] as number));
  const keyOf = (key: string): string => graph.keys[rootOf(graph.numberOf.get(key) ?? -1)] ?? "";
  const keys = graph.keys.filter((_, vertex) => takenBy[vertex] === -1);
  return createGraph(
    keys,
    graph.edges.map(({ from, to }) => ({ from: keyOf(from), to: keyOf(to) })),
  );
}

test("groups make no cycle and stand in the order of every edge, also when they are formed in portions", () => {
  fc.assert(
    fc.property(graphs, fc.constantFrom(2 ** 29, 1), ({ graph, candidates }, matrixBits) => {
      const grouped = quotient(graph, chooseGroups(graph, candidates, matrixBits));
      // In an order of the groups every edge leads forward, so members that wait for each other are never in one group.
      assert.ok(topologicalOrder(grouped) !== undefined);
      assert.ok(grouped.edges.every(({ from, to }) => from !== to));
    }),
  );
});

test("more alike resources than a matrix holds are grouped in portions", () => {
  const keys = Array.from({ length: 100 }, (_, number) => `n${String(number).padStart(3, "0")}`);
  const edges = keys.slice(50).map((to, at) => ({ from: keys[at] ?? "", to }));
  const candidates = keys.map((name) => ({ kind: "pkg", name, alike: "", partOf: undefined, noop: false }));
  const graph = createGraph(keys, edges);
  const groups = (matrixBits: number): number =>
    chooseGroups(graph, candidates, matrixBits).filter((taker) => taker === -1).length;
  assert.equal(groups(2 ** 29), 2);
  assert.equal(groups(1), 4);
  assert.ok(topologicalOrder(quotient(graph, chooseGroups(graph, candidates, 1))) !== undefined);
});
