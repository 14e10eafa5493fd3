// SPDX-License-Identifier: Apache-2.0
// A graph in which vertices are merged step by step. Knows who leads to whom, and nothing of why they are merged.
// Edges stay where they were; the ends of an edge are read through their roots.

import type { Graph, Link } from "../graph/graph.ts";

/** The neighbours of all vertices in one row: those of a vertex begin at its start and end at that of the next one. */
interface Neighbours {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export class MergedGraph {
  readonly #neighbours: { readonly above: Neighbours; readonly below: Neighbours };
  /** The vertex that stands for each vertex. */
  readonly #roots: Int32Array;
  /** All that a root stands for, as a chain that begins with it: the next one of each vertex, or -1. */
  readonly #nextOf: Int32Array;
  /** The end of the chain of each root. */
  readonly #lastOf: Int32Array;
  /** By the search that saw the vertex last: as leading to its start, as led to by it. */
  readonly #above: Int32Array;
  readonly #below: Int32Array;
  #searches = 0;

  constructor(graph: Graph<Link>) {
    const { incoming, outgoing, heads, tails } = graph;
    this.#neighbours = { above: neighboursOf(incoming, tails), below: neighboursOf(outgoing, heads) };
    this.#roots = Int32Array.from(graph.keys, (_, number) => number);
    this.#nextOf = new Int32Array(graph.keys.length).fill(-1);
    this.#lastOf = this.#roots.slice();
    this.#above = new Int32Array(graph.keys.length);
    this.#below = new Int32Array(graph.keys.length);
  }

  get size(): number {
    return this.#roots.length;
  }

  /** The root stands for nothing but itself. */
  isAlone(root: number): boolean {
    return this.#nextOf[root] === -1;
  }

  hasEdges(root: number): boolean {
    for (const { starts } of [this.#neighbours.above, this.#neighbours.below]) {
      for (let vertex = root; vertex >= 0; vertex = this.#nextOf[vertex] as number) {
        if (starts[vertex] !== starts[vertex + 1]) return true;
      }
    }
    return false;
  }

  /** Both are roots, and neither leads to the other. */
  merge(into: number, root: number): void {
    for (let vertex = root; vertex >= 0; vertex = this.#nextOf[vertex] as number) this.#roots[vertex] = into;
    this.#nextOf[this.#lastOf[into] as number] = root;
    this.#lastOf[into] = this.#lastOf[root] as number;
  }

  /** Calls `visit` for the root at the other end of each edge that leaves (or enters) the root. */
  eachNext(root: number, direction: "below" | "above", visit: (root: number) => void): void {
    const { starts, ends } = this.#neighbours[direction];
    for (let vertex = root; vertex >= 0; vertex = this.#nextOf[vertex] as number) {
      const end = starts[vertex + 1] as number;
      for (let at = starts[vertex] as number; at < end; at += 1) visit(this.#roots[ends[at] as number] as number);
    }
  }

  /** Roots that have edges, each after all that lead to it. */
  orderOfConnected(): readonly number[] {
    const missing = new Int32Array(this.size);
    const order: number[] = [];
    for (let vertex = 0; vertex < this.size; vertex += 1) {
      if (this.#roots[vertex] !== vertex || !this.hasEdges(vertex)) continue;
      this.eachNext(vertex, "above", () => (missing[vertex] = (missing[vertex] as number) + 1));
      if (missing[vertex] === 0) order.push(vertex);
    }
    for (const root of order) {
      this.eachNext(root, "below", (next) => {
        missing[next] = (missing[next] as number) - 1;
        if (missing[next] === 0) order.push(next);
      });
    }
    return order;
  }

  /** Only the last search begun may be used. */
  searchFrom(root: number): Search {
    this.#searches += 1;
    const search = this.#searches;
    const spread = (from: number, seen: Int32Array, direction: "below" | "above"): void => {
      const stack = [from];
      for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
        this.eachNext(at, direction, (next) => {
          if (seen[next] === search) return;
          seen[next] = search;
          stack.push(next);
        });
      }
    };
    const add = (from: number): void => {
      spread(from, this.#below, "below");
      spread(from, this.#above, "above");
    };
    add(root);
    return { meets: (other) => this.#below[other] === search || this.#above[other] === search, add };
  }
}

/** What leads to some vertices or is led to by them. Each vertex and edge is visited once in a search. */
export interface Search {
  meets(root: number): boolean;
  /** Also from this one, which is going to be merged with the start. */
  add(root: number): void;
}

function neighboursOf(edgesOf: readonly (readonly number[])[], other: Int32Array): Neighbours {
  const starts = new Int32Array(edgesOf.length + 1);
  const ends = new Int32Array(other.length);
  let at = 0;
  edgesOf.forEach((edges, vertex) => {
    for (const edge of edges) ends[at++] = other[edge] as number;
    starts[vertex + 1] = at;
  });
  return { starts, ends };
}
