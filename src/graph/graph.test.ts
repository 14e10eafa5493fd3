// SPDX-License-Identifier: Apache-2.0
// The graph library: order, cycles, difference, reduction, DOT. Graphs are written `a>b b>c d`.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findCycles } from "./cycles.ts";
import { differenceOf } from "./difference.ts";
import { renderDot } from "./dot.ts";
import { createGraph, type Graph, type Link } from "./graph.ts";
import { topologicalOrder } from "./order.ts";
import { transitiveReduction } from "./reduction.ts";

function parse(text: string): Graph<Link> {
  const words = text.split(" ").filter((word) => word !== "");
  const keys = new Set(words.flatMap((word) => word.split(">")));
  const edges = words.filter((word) => word.includes(">")).map((word) => word.split(">"));
  return createGraph(
    [...keys],
    edges.map(([from = "", to = ""]) => ({ from, to })),
  );
}

const show = (edges: readonly Link[]): string => edges.map(({ from, to }) => `${from}>${to}`).join(" ");

function checkOrder(text: string, expected: string | undefined): void {
  const graph = parse(text);
  const order = topologicalOrder(graph)?.map((vertex) => graph.keys[vertex]);
  assert.equal(order?.join(" "), expected);
}

function checkCycles(text: string, expected: readonly string[]): void {
  const graph = parse(text);
  const cycles = findCycles(graph).map((cycle) => show(cycle.map((edge) => graph.edges[edge] as Link)));
  assert.deepEqual(cycles, expected);
}

function checkReduction(text: string, expected: string): void {
  assert.equal(show(transitiveReduction(parse(text))), expected);
}

test("the order follows the edges and otherwise the order given", () => {
  checkOrder("", "");
  checkOrder("c b a", "c b a");
  checkOrder("a>b a>c b>d c>d", "a b c d");
  checkOrder("z>y y>x w", "z w y x");
  checkOrder("a>b a>b b>c", "a b c");
});

test("a graph with a cycle has no order", () => {
  checkOrder("a>b b>a", undefined);
  checkOrder("a>a", undefined);
});

test("every knot gives one shortest cycle, with all its edges", () => {
  checkCycles("a>b b>c a>c", []);
  checkCycles("a>a", ["a>a"]);
  checkCycles("a>b b>c c>d d>a c>a", ["a>b b>c c>a"]);
  checkCycles("s>a a>b b>a s>x x>y y>z z>x", ["a>b b>a", "x>y y>z z>x"]);
});

test("a difference names what was added, changed and removed", () => {
  const before = new Map([
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ]);
  const after = new Map([
    ["b", 2],
    ["c", 4],
    ["d", 5],
  ]);
  assert.deepEqual(
    differenceOf(before, after, (left, right) => left === right),
    { added: [5], changed: [{ before: 3, after: 4 }], removed: [1], kept: 1 },
  );
});

test("a reduction leaves only edges that no longer way replaces", () => {
  checkReduction("a>b b>c a>c", "a>b b>c");
  checkReduction("a>c a>b b>c c>d a>d b>d", "a>b b>c c>d");
  checkReduction("a>b a>b", "a>b");
  checkReduction("a>b c>d", "a>b c>d");
});

test("DOT text quotes names and keeps the order given", () => {
  const text = renderDot({
    name: 'my "graph"',
    vertices: [{ key: "file[/a\\b]" }, { key: 'print["x"]', label: "line\nbreak", dashed: true }],
    edges: [{ from: "file[/a\\b]", to: 'print["x"]', label: "content", bold: true }],
  });
  assert.equal(
    text,
    [
      'digraph "my \\"graph\\"" {',
      '\tlabel="my \\"graph\\"";',
      "\tnewrank=true;",
      '\t"file[/a\\\\b]" [label="file[/a\\\\b]"];',
      '\t"print[\\"x\\"]" [label="line\\nbreak", style=dashed];',
      '\t"file[/a\\\\b]" -> "print[\\"x\\"]" [label="content", style=bold];',
      "}",
      "",
    ].join("\n"),
  );
});

/** Random edges over up to twelve vertices; `forward` makes them acyclic. */
const randomGraph = (forward: boolean): fc.Arbitrary<Graph<Link>> =>
  fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 40 }).map((pairs) => {
    const edges = pairs
      .filter(([from, to]) => !forward || from !== to)
      .map(([from, to]) => (forward && from > to ? [to, from] : [from, to]))
      .map(([from, to]) => ({ from: `v${from}`, to: `v${to}` }));
    return createGraph(
      Array.from({ length: 12 }, (_, vertex) => `v${vertex}`),
      edges,
    );
  });

test("there is an order exactly when there is no cycle, and cycles close", () => {
  fc.assert(
    fc.property(randomGraph(false), (graph) => {
      const cycles = findCycles(graph);
      assert.equal(topologicalOrder(graph) === undefined, cycles.length > 0);
      for (const cycle of cycles) {
        cycle.forEach((edge, at) => {
          assert.equal(graph.heads[edge], graph.tails[cycle[(at + 1) % cycle.length] as number]);
        });
      }
    }),
  );
});

test("a reduction reaches the same vertices, and none of its edges can go", () => {
  const reached = (keys: readonly string[], edges: readonly Link[]): string => {
    const graph = createGraph(keys, edges);
    return keys
      .map((_, start) => {
        const seen = new Set<number>();
        const stack = [start];
        while (stack.length > 0) {
          for (const edge of graph.outgoing[stack.pop() as number] ?? []) {
            const head = graph.heads[edge] as number;
            if (!seen.has(head)) stack.push(head);
            seen.add(head);
          }
        }
        return [...seen].sort((left, right) => left - right).join(",");
      })
      .join(";");
  };
  fc.assert(
    fc.property(randomGraph(true), (graph) => {
      const reduced = transitiveReduction(graph);
      assert.equal(reached(graph.keys, reduced), reached(graph.keys, graph.edges));
      for (const edge of reduced) {
        const without = reduced.filter((other) => other !== edge);
        assert.notEqual(reached(graph.keys, without), reached(graph.keys, graph.edges));
      }
    }),
  );
});
