// SPDX-License-Identifier: Apache-2.0
// Finds cycles so that a person can break them: one shortest cycle out of every knot of vertices.

import type { Graph, Link } from "./graph.ts";

/**
 * One cycle for each strongly connected component that has one, as numbers of edges in the order of walking. It is a
 * shortest one through the first vertex of the component, so breaking it may show another. Empty: no cycle at all.
 */
export function findCycles<Edge extends Link>(graph: Graph<Edge>): readonly (readonly number[])[] {
  const component = componentsOf(graph);
  const started = new Set<number>();
  const cycles: (readonly number[])[] = [];
  for (let vertex = 0; vertex < graph.keys.length; vertex += 1) {
    const own = component[vertex] as number;
    if (started.has(own)) continue;
    started.add(own);
    const cycle = shortestCycle(graph, vertex, component);
    if (cycle !== undefined) cycles.push(cycle);
  }
  return cycles;
}

/** Breadth first from the vertex, inside its component, until an edge leads back. */
function shortestCycle<Edge extends Link>(
  graph: Graph<Edge>,
  start: number,
  component: Int32Array,
): readonly number[] | undefined {
  const reachedBy = new Map<number, number>();
  const queue = [start];
  for (let next = 0; next < queue.length; next += 1) {
    for (const edge of graph.outgoing[queue[next] as number] as readonly number[]) {
      const head = graph.heads[edge] as number;
      if (head === start) return walkBack(graph, edge, start, reachedBy);
      if (component[head] !== component[start] || reachedBy.has(head)) continue;
      reachedBy.set(head, edge);
      queue.push(head);
    }
  }
  return undefined;
}

function walkBack<Edge extends Link>(
  graph: Graph<Edge>,
  last: number,
  start: number,
  reachedBy: ReadonlyMap<number, number>,
): readonly number[] {
  const edges = [last];
  for (let at = graph.tails[last] as number; at !== start; at = graph.tails[edges.at(-1) as number] as number) {
    edges.push(reachedBy.get(at) as number);
  }
  return edges.reverse();
}

/** The number of its strongly connected component for each vertex (Tarjan, with its stack kept by hand). */
function componentsOf<Edge extends Link>(graph: Graph<Edge>): Int32Array {
  const size = graph.keys.length;
  const component = new Int32Array(size).fill(-1);
  const found = new Int32Array(size).fill(-1); // When the vertex was first seen.
  const lowest = new Int32Array(size); // The earliest seen vertex that it can reach.
  const position = new Int32Array(size); // How many of its outgoing edges have been followed.
  const open: number[] = []; // Seen, but of no component yet.
  let clock = 0;
  let components = 0;
  for (let root = 0; root < size; root += 1) {
    if (found[root] !== -1) continue;
    const path = [root];
    while (path.length > 0) {
      const vertex = path.at(-1) as number;
      if (found[vertex] === -1) {
        found[vertex] = clock;
        lowest[vertex] = clock;
        clock += 1;
        open.push(vertex);
      }
      const edge = graph.outgoing[vertex]?.[position[vertex] as number];
      if (edge !== undefined) {
        position[vertex] = (position[vertex] as number) + 1;
        const head = graph.heads[edge] as number;
        if (found[head] === -1) path.push(head);
        else if (component[head] === -1) lowest[vertex] = Math.min(lowest[vertex] as number, found[head] as number);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lowest[parent] = Math.min(lowest[parent] as number, lowest[vertex] as number);
      if (lowest[vertex] !== found[vertex]) continue;
      for (let member = -1; member !== vertex; ) {
        member = open.pop() as number;
        component[member] = components;
      }
      components += 1;
    }
  }
  return component;
}
