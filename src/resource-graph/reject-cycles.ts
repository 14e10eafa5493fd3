// SPDX-License-Identifier: Apache-2.0
// No resource may wait for itself: names every knot of edges with all its places.

import { findCycles } from "../graph/cycles.ts";
import { createGraph } from "../graph/graph.ts";
import { automaticCycle, cycle } from "./problems.ts";
import type { Draft } from "./passes.ts";
import type { ResourceEdge } from "./vertex.ts";

export function rejectCycles(draft: Draft): void {
  const graph = createGraph<ResourceEdge>([...draft.vertices.keys()], [...draft.edges.values()]);
  for (const found of findCycles(graph)) {
    const edges = found.map((number) => graph.edges[number] as ResourceEdge);
    const resources = edges.map(({ from }) => referenceOf(draft, from));
    const texts = edges.map((edge) => ({ text: textOf(draft, edge), at: edge.at }));
    const isAutomatic = edges.some(({ automatic }) => automatic !== undefined);
    const problem = isAutomatic ? automaticCycle : cycle;
    draft.problems.report(problem, (edges[0] as ResourceEdge).at, { resources, edges: texts });
  }
  draft.shape = graph;
}

/** Why one comes before the other. */
function textOf(draft: Draft, { from, to, automatic }: ResourceEdge): string {
  const [tail, head] = [referenceOf(draft, from), referenceOf(draft, to)];
  if (automatic === undefined) return `${tail} before ${head}`;
  const reason = automatic.asker === "to" ? `${head} ${automatic.why} ${tail}` : `${tail} ${automatic.why} ${head}`;
  return `automatic, because ${reason}`;
}

function referenceOf(draft: Draft, key: string): string {
  return draft.vertices.get(key)?.reference ?? key;
}
