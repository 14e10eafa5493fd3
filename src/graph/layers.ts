// SPDX-License-Identifier: Apache-2.0
// The columns of a drawing: every edge leads to the right, and passes through a point in each column between its ends.
// Edges of a cycle that would lead back are turned round for this.

import type { Graph, Link } from "./graph.ts";

/** Sites are the vertices, by their numbers, and after them the points through which long edges pass. */
export interface Layers {
  readonly count: number;
  /** The column of each site. */
  readonly layerOf: Int32Array;
  /** Sites in the next column, and in the one before, with which each is joined. */
  readonly right: readonly (readonly number[])[];
  readonly left: readonly (readonly number[])[];
  /** The sites that each edge of the graph passes, ends included, from left to right. */
  readonly routes: readonly (readonly number[])[];
}

/** More would not be seen, and costs time: the longest edges then go straight over everything. */
const mostPoints = 40_000;

export function layersOf<Edge extends Link>(graph: Graph<Edge>): Layers {
  const order = orderWithCycles(graph);
  const rank = new Int32Array(order.length);
  for (let at = 0; at < order.length; at += 1) rank[order[at] as number] = at;
  const ends = graph.edges.map((_, edge): readonly [number, number] => {
    const [tail, head] = [graph.tails[edge] as number, graph.heads[edge] as number];
    return (rank[tail] as number) <= (rank[head] as number) ? [tail, head] : [head, tail];
  });
  const columns = columnsOf(order, ends);
  return pointsBetween(columns, ends);
}

/** Every vertex after those that lead to it; where there is a cycle, it begins at the vertex that was given first. */
function orderWithCycles<Edge extends Link>(graph: Graph<Edge>): readonly number[] {
  const missing = Int32Array.from(graph.incoming, (edges) => edges.length);
  const isTaken = new Uint8Array(missing.length);
  const order: number[] = [];
  const take = (vertex: number): void => {
    if (isTaken[vertex] === 1) return;
    isTaken[vertex] = 1;
    order.push(vertex);
  };
  for (let vertex = 0; vertex < missing.length; vertex += 1) if (missing[vertex] === 0) take(vertex);
  for (let next = 0, first = 0; order.length < missing.length || next < order.length; ) {
    if (next === order.length) {
      while (isTaken[first] === 1) first += 1;
      take(first);
    }
    for (const edge of graph.outgoing[order[next] as number] as readonly number[]) {
      const head = graph.heads[edge] as number;
      missing[head] = (missing[head] as number) - 1;
      if (missing[head] === 0) take(head);
    }
    next += 1;
  }
  return order;
}

/** As far left as edges allow; then what has more edges to the right goes as far right, which makes them shorter. */
function columnsOf(order: readonly number[], ends: readonly (readonly [number, number])[]): Int32Array {
  const columns = new Int32Array(order.length);
  const before: number[][] = order.map(() => []);
  const after: number[][] = order.map(() => []);
  for (const [tail, head] of ends) {
    if (tail === head) continue;
    after[tail]?.push(head);
    before[head]?.push(tail);
  }
  for (const vertex of order) {
    for (const tail of before[vertex] ?? []) {
      columns[vertex] = Math.max(columns[vertex] as number, (columns[tail] as number) + 1);
    }
  }
  for (const vertex of [...order].reverse()) {
    const heads = after[vertex] ?? [];
    if (heads.length === 0 || heads.length <= (before[vertex]?.length ?? 0)) continue;
    let nearest = Number.POSITIVE_INFINITY;
    for (const head of heads) nearest = Math.min(nearest, columns[head] as number);
    columns[vertex] = nearest - 1;
  }
  return columns;
}

function pointsBetween(columns: Int32Array, ends: readonly (readonly [number, number])[]): Layers {
  const spanOf = (edge: number): number => {
    const [tail, head] = ends[edge] as readonly [number, number];
    return (columns[head] as number) - (columns[tail] as number);
  };
  const layerOf: number[] = [...columns];
  const right: number[][] = layerOf.map(() => []);
  const left: number[][] = layerOf.map(() => []);
  const routes: (readonly number[])[] = ends.map((pair) => pair);
  let points = 0;
  for (const edge of [...ends.keys()].sort((some, other) => spanOf(some) - spanOf(other) || some - other)) {
    const span = spanOf(edge);
    const [tail, head] = ends[edge] as readonly [number, number];
    if (span < 1 || (points += span - 1) > mostPoints) continue;
    const route = [tail];
    for (let column = (columns[tail] as number) + 1; column < (columns[head] as number); column += 1) {
      route.push(layerOf.length);
      layerOf.push(column);
      right.push([]);
      left.push([]);
    }
    route.push(head);
    for (let at = 1; at < route.length; at += 1) {
      right[route[at - 1] as number]?.push(route[at] as number);
      left[route[at] as number]?.push(route[at - 1] as number);
    }
    routes[edge] = route;
  }
  const count = layerOf.reduce((most, layer) => Math.max(most, layer + 1), 0);
  return { count, layerOf: Int32Array.from(layerOf), right, left, routes };
}
