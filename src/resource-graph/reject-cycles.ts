// SPDX-License-Identifier: Apache-2.0
// No resource may wait for itself: names every knot of edges with all its places.

import { findCycles } from "../graph/cycles.ts";
import { createGraph } from "../graph/graph.ts";
import { cycle } from "./problems.ts";
import type { Draft } from "./passes.ts";
import type { ResourceEdge } from "./vertex.ts";

export function rejectCycles(draft: Draft): void {
  const graph = createGraph<ResourceEdge>([...draft.vertices.keys()], [...draft.edges.values()]);
  for (const found of findCycles(graph)) {
    const edges = found.map((number) => graph.edges[number] as ResourceEdge);
    const referenceOf = (key: string): string => draft.vertices.get(key)?.reference ?? key;
    draft.problems.report(cycle, (edges[0] as ResourceEdge).at, {
      resources: edges.map(({ from }) => referenceOf(from)),
      edges: edges.map(({ from, to, at }) => ({ text: `${referenceOf(from)} before ${referenceOf(to)}`, at })),
    });
  }
  draft.shape = graph;
}
