// SPDX-License-Identifier: Apache-2.0
// The order in which every vertex comes after all that lead to it (Kahn, first come first served).

import type { Graph, Link } from "./graph.ts";

/**
 * Numbers of all vertices, or undefined when there is a cycle. Depends only on the order in which vertices and edges
 * were given. Costs one visit of each vertex and each edge.
 */
export function topologicalOrder<Edge extends Link>(graph: Graph<Edge>): readonly number[] | undefined {
  const missing = Int32Array.from(graph.incoming, (edges) => edges.length);
  const order: number[] = [];
  for (let vertex = 0; vertex < missing.length; vertex += 1) if (missing[vertex] === 0) order.push(vertex);
  for (let next = 0; next < order.length; next += 1) {
    for (const edge of graph.outgoing[order[next] as number] as readonly number[]) {
      const head = graph.heads[edge] as number;
      missing[head] = (missing[head] as number) - 1;
      if (missing[head] === 0) order.push(head);
    }
  }
  return order.length === graph.keys.length ? order : undefined;
}
