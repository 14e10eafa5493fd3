// SPDX-License-Identifier: Apache-2.0
// The fewest edges that still put all vertices of a DAG in the same order: for pictures that can be read.

import { invariant } from "../base/invariant.ts";
import type { Graph, Link } from "./graph.ts";
import { topologicalOrder } from "./order.ts";

/**
 * The edges that no longer way replaces, in the order given; of parallel edges the first. The graph has no cycle.
 * Memory is linear; time is, in the worst case, vertices times edges.
 */
export function transitiveReduction<Edge extends Link>(graph: Graph<Edge>): readonly Edge[] {
  const order = topologicalOrder(graph);
  invariant(order !== undefined, "only a graph without cycles is reduced");
  const rank = new Int32Array(order.length);
  for (let at = 0; at < order.length; at += 1) rank[order[at] as number] = at;
  const seenFor = new Int32Array(order.length).fill(-1);
  const keep = new Uint8Array(graph.edges.length);
  for (const vertex of order) keepShortest(graph, vertex, rank, seenFor, keep);
  return graph.edges.filter((_, number) => keep[number] === 1);
}

/** Visits what the nearest successors reach first: a successor that was already reached needs no edge of its own. */
function keepShortest<Edge extends Link>(
  graph: Graph<Edge>,
  vertex: number,
  rank: Int32Array,
  seenFor: Int32Array,
  keep: Uint8Array,
): void {
  const rankOf = (edge: number): number => rank[graph.heads[edge] as number] as number;
  const outgoing = [...(graph.outgoing[vertex] as readonly number[])].sort((a, b) => rankOf(a) - rankOf(b) || a - b);
  const furthest = outgoing.length === 0 ? 0 : rankOf(outgoing.at(-1) as number);
  for (const edge of outgoing) {
    const head = graph.heads[edge] as number;
    if (seenFor[head] === vertex) continue;
    keep[edge] = 1;
    const stack = [head];
    seenFor[head] = vertex;
    while (stack.length > 0) {
      for (const next of graph.outgoing[stack.pop() as number] as readonly number[]) {
        const target = graph.heads[next] as number;
        if (seenFor[target] === vertex || (rank[target] as number) > furthest) continue;
        seenFor[target] = vertex;
        stack.push(target);
      }
    }
  }
}
