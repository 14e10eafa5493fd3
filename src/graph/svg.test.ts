// SPDX-License-Identifier: Apache-2.0
// Pictures of graphs: small ones as they are drawn, and what holds for every layout.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { testGoldenFiles } from "../../test/golden.ts";
import { layOut } from "./layout.ts";
import type { Picture, PictureEdge } from "./picture.ts";
import { renderSvg } from "./svg.ts";

/** `a -> b`, `a => b` (bold), `a -> b : label`, `hidden a`, `a`. */
function read(text: string): Picture {
  const keys = new Set<string>();
  const hidden = new Set<string>();
  const edges: PictureEdge[] = [];
  for (const line of text.trim().split("\n")) {
    const edge = /^(\S+) ([-=])> (\S+)(?: : (.*))?$/.exec(line);
    if (line.startsWith("hidden ")) hidden.add(line.slice(7));
    else if (edge === null) keys.add(line);
    else {
      const [, from = "", arrow, to = "", label] = edge;
      keys.add(from).add(to);
      edges.push({ from, to, bold: arrow === "=", ...(label === undefined ? {} : { label }) });
    }
  }
  const vertices = Array.from(keys, (key) => ({ key, dashed: hidden.has(key), group: key.split("[")[0] ?? "" }));
  return { name: "site.mcl", vertices, edges };
}

testGoldenFiles("test/cases/picture", {
  inputs: ["graph"],
  produce: ({ input }) => {
    const svg = renderSvg(read(input("graph")));
    return [{ heading: "svg", language: "xml", text: svg.slice(svg.indexOf("<g transform")) }];
  },
});

const graphs = fc.integer({ min: 1, max: 25 }).chain((count) =>
  fc.record({
    sizes: fc.array(fc.record({ width: fc.integer({ min: 10, max: 200 }), height: fc.integer({ min: 10, max: 80 }) }), {
      minLength: count,
      maxLength: count,
    }),
    ends: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 50 }),
  }),
);

test("in random graphs, with cycles, nothing overlaps, edges run from box to box and all is inside", () => {
  fc.assert(
    fc.property(graphs, ({ sizes, ends }) => {
      const keys = sizes.map((_, index) => String(index));
      const layout = layOut(
        keys,
        sizes,
        ends.map(([from, to]) => ({ from: String(from), to: String(to) })),
      );
      const slack = 0.001;
      for (const [index, box] of layout.boxes.entries()) {
        assert.deepEqual([box.width, box.height], [sizes[index]?.width, sizes[index]?.height]);
        assert(
          box.x >= 0 &&
            box.y >= -slack &&
            box.x + box.width <= layout.width + slack &&
            box.y + box.height <= layout.height + slack,
        );
        for (const other of layout.boxes.slice(index + 1)) {
          const apart =
            box.x + box.width <= other.x + slack ||
            other.x + other.width <= box.x + slack ||
            box.y + box.height <= other.y + slack ||
            other.y + other.height <= box.y + slack;
          assert(apart, "two boxes overlap");
        }
      }
      for (const [edge, [from, to]] of ends.entries()) {
        const route = layout.routes[edge] ?? [];
        const middleOf = (vertex: number) => (layout.boxes[vertex]?.y ?? 0) + (layout.boxes[vertex]?.height ?? 0) / 2;
        assert(Math.abs((route[0]?.y ?? 0) - middleOf(from)) < slack);
        assert(Math.abs((route.at(-1)?.y ?? 0) - middleOf(to)) < slack);
      }
    }),
    { numRuns: 150 },
  );
});

test("without cycles every edge leads to the right, and through every column between its ends", () => {
  fc.assert(
    fc.property(graphs, ({ sizes, ends }) => {
      const edges = ends
        .filter(([from, to]) => from < to)
        .map(([from, to]) => ({ from: String(from), to: String(to) }));
      const { routes } = layOut(
        sizes.map((_, index) => String(index)),
        sizes,
        edges,
      );
      for (const route of routes) {
        for (let at = 1; at < route.length; at += 1) {
          assert((route[at - 1]?.toX ?? 0) < (route[at]?.fromX ?? 0));
        }
      }
    }),
    { numRuns: 100 },
  );
});

test("a tree is drawn without a crossing", () => {
  const edges = Array.from({ length: 60 }, (_, at) => ({ from: String(Math.floor(at / 3)), to: String(at + 1) }));
  const { boxes } = layOut(
    Array.from({ length: 61 }, (_, at) => String(at)),
    Array.from({ length: 61 }, () => ({ width: 50, height: 20 })),
    edges,
  );
  for (const [some, other] of edges.flatMap((edge) => edges.map((second) => [edge, second] as const))) {
    const [a, b, c, d] = [some.from, other.from, some.to, other.to].map((key) => boxes[Number(key)]);
    if (a?.x === b?.x && (a?.y ?? 0) < (b?.y ?? 0)) assert((c?.y ?? 0) < (d?.y ?? 0));
  }
});

test("thousands of vertices without an edge become a page and not a line", () => {
  const keys = Array.from({ length: 2000 }, (_, at) => String(at));
  const { width, height } = layOut(
    keys,
    keys.map(() => ({ width: 100, height: 28 })),
    [],
  );
  assert(width / height > 1 && width / height < 2.5);
});

test("an edge of thousands of columns, many times over, costs no more points than can be seen", () => {
  const count = 3000;
  const keys = Array.from({ length: count }, (_, at) => String(at));
  const chain = keys.slice(1).map((to, at) => ({ from: String(at), to }));
  const long = keys.slice(2).map((to) => ({ from: "0", to }));
  const { routes } = layOut(
    keys,
    keys.map(() => ({ width: 100, height: 28 })),
    [...chain, ...long],
  );
  assert(routes.reduce((sum, route) => sum + route.length, 0) < 60_000);
});

test("no text breaks the drawing, and long ones are whole in the tooltip", () => {
  const label = `<&"\0\ud800 ${"x".repeat(200)}`;
  const svg = renderSvg({ name: label, vertices: [{ key: "a", label }], edges: [{ from: "a", to: "a", label }] });
  assert.doesNotMatch(svg, /[\0\ud800]|&(?!amp;|lt;|gt;|quot;)/);
  assert.match(svg, new RegExp(`<title>&lt;&amp;&quot;\ufffd\ufffd ${"x".repeat(200)}</title>`));
  assert.doesNotMatch(svg, />[^<]*x{100}[^<]*<\/text>/);
});
