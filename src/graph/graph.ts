// SPDX-License-Identifier: Apache-2.0
// A directed graph over keyed vertices: who leads to whom, and nothing of what the vertices are.
// Vertices are numbered in the order given; whatever belongs to them lives in arrays beside the graph.

import { invariant } from "../base/invariant.ts";

/** An edge by the keys of its ends. Callers add what an edge means to them. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** Never changes, so several graphs of values can share one. */
export interface Graph<Edge extends Link> {
  /** The key of each vertex, by its number. */
  readonly keys: readonly string[];
  readonly numberOf: ReadonlyMap<string, number>;
  readonly edges: readonly Edge[];
  /** The number of the vertex that each edge leaves, by the number of the edge. */
  readonly tails: Int32Array;
  /** The number of the vertex that each edge enters. */
  readonly heads: Int32Array;
  /** For each vertex the numbers of the edges that leave it, in the order given. */
  readonly outgoing: readonly (readonly number[])[];
  /** For each vertex the numbers of the edges that enter it, in the order given. */
  readonly incoming: readonly (readonly number[])[];
}

/** Keys are unique and every edge has both its ends; cycles and parallel edges are allowed. */
export function createGraph<Edge extends Link>(keys: readonly string[], edges: readonly Edge[]): Graph<Edge> {
  const numberOf = new Map<string, number>();
  for (let vertex = 0; vertex < keys.length; vertex += 1) numberOf.set(keys[vertex] as string, vertex);
  invariant(numberOf.size === keys.length, "the keys of a graph are unique");
  const tails = new Int32Array(edges.length);
  const heads = new Int32Array(edges.length);
  const outgoing: number[][] = keys.map(() => []);
  const incoming: number[][] = keys.map(() => []);
  for (let number = 0; number < edges.length; number += 1) {
    const edge = edges[number] as Edge;
    const tail = numberOf.get(edge.from);
    const head = numberOf.get(edge.to);
    invariant(tail !== undefined && head !== undefined, `both ends of ${edge.from} -> ${edge.to} are in the graph`);
    tails[number] = tail;
    heads[number] = head;
    outgoing[tail]?.push(number);
    incoming[head]?.push(number);
  }
  return { keys, numberOf, edges, tails, heads, outgoing, incoming };
}
