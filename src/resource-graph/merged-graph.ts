// SPDX-License-Identifier: Apache-2.0
// A graph in which vertices are merged step by step. Knows who leads to whom, and nothing of why they are merged.
// Edges stay where they were; the ends of an edge are read through `rootOf`.

import type { Graph, Link } from "../graph/graph.ts";

export class MergedGraph {
  readonly #graph: Graph<Link>;
  /** The vertex that stands for each vertex. */
  readonly #roots: Int32Array;
  /** All that a merged vertex stands for, itself first. */
  readonly #groups = new Map<number, number[]>();
  /** By the search that saw the vertex last: as leading to its start, as led to by it. */
  readonly #above: Int32Array;
  readonly #below: Int32Array;
  #searches = 0;

  constructor(graph: Graph<Link>) {
    this.#graph = graph;
    this.#roots = Int32Array.from(graph.keys, (_, number) => number);
    this.#above = new Int32Array(graph.keys.length);
    this.#below = new Int32Array(graph.keys.length);
  }

  get size(): number {
    return this.#roots.length;
  }

  rootOf(vertex: number): number {
    return this.#roots[vertex] as number;
  }

  groupOf(root: number): readonly number[] {
    return this.#groups.get(root) ?? [root];
  }

  hasEdges(root: number): boolean {
    const { incoming, outgoing } = this.#graph;
    return this.groupOf(root).some((vertex) => incoming[vertex]?.length !== 0 || outgoing[vertex]?.length !== 0);
  }

  /** Both are roots, and neither leads to the other. */
  merge(into: number, root: number): void {
    const group = this.#groups.get(into) ?? [into];
    this.#groups.set(into, group);
    for (const vertex of this.groupOf(root)) {
      this.#roots[vertex] = into;
      group.push(vertex);
    }
    this.#groups.delete(root);
  }

  /** Calls `visit` for the root at the other end of each edge that leaves (or enters) the root. */
  eachNext(root: number, direction: "below" | "above", visit: (root: number) => void): void {
    const { incoming, outgoing, heads, tails } = this.#graph;
    const [edgesOf, ends] = direction === "below" ? [outgoing, heads] : [incoming, tails];
    for (const vertex of this.groupOf(root)) {
      for (const edge of edgesOf[vertex] as readonly number[]) visit(this.#roots[ends[edge] as number] as number);
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
