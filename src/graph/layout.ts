// SPDX-License-Identifier: Apache-2.0
// A place for everything in a picture: columns from left to right for each part that hangs together, and these parts in
// rows. Knows sizes and no texts. Near-linear; same graph, same places.

import { orderColumns, placeSites } from "./arrange.ts";
import { createGraph, type Link } from "./graph.ts";
import { layersOf } from "./layers.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  /** Of the corner at the upper left. */
  readonly x: number;
  readonly y: number;
}

/**
 * Where an edge runs, in its direction: level through each of these, which are as wide as their columns, so that it bends
 * only between columns.
 */
export type Route = readonly { readonly fromX: number; readonly toX: number; readonly y: number }[];

export interface Layout extends Size {
  /** By the numbers of the vertices and of the edges. */
  readonly boxes: readonly Box[];
  readonly routes: readonly Route[];
}

const columnGap = 48;
const rowGap = 10;
const partGap = 28;
/** A point of a long edge takes so much of its column. */
const pointHeight = 4;
/** Width to height. */
const pageShape = 1.6;

export function layOut(keys: readonly string[], sizes: readonly Size[], edges: readonly Link[]): Layout {
  const numberOf = new Map(keys.map((key, number) => [key, number]));
  const parts = partsOf(keys, edges, numberOf).map((part) => layOutPart(part, keys, sizes, edges));
  const boxes: Box[] = [];
  const routes: Route[] = [];
  let [width, height] = [0, 0];
  for (const { part, x, y } of inRows(parts)) {
    for (const [vertex, box] of part.boxes) boxes[vertex] = { ...box, x: box.x + x, y: box.y + y };
    for (const [edge, route] of part.routes) {
      routes[edge] = route.map((stretch) => ({ fromX: stretch.fromX + x, toX: stretch.toX + x, y: stretch.y + y }));
    }
    width = Math.max(width, x + part.width);
    height = Math.max(height, y + part.height);
  }
  return { width, height, boxes, routes };
}

interface Members {
  readonly vertices: readonly number[];
  readonly edges: readonly number[];
}

/** What hangs together. */
function partsOf(
  keys: readonly string[],
  edges: readonly Link[],
  numberOf: ReadonlyMap<string, number>,
): readonly Members[] {
  const leader = Int32Array.from(keys, (_, vertex) => vertex);
  const find = (vertex: number): number => {
    let at = vertex;
    while (leader[at] !== at) {
      leader[at] = leader[leader[at] as number] as number;
      at = leader[at] as number;
    }
    return at;
  };
  const ends = edges.map(({ from, to }) => [numberOf.get(from) as number, numberOf.get(to) as number] as const);
  for (const [tail, head] of ends) {
    const [some, other] = [find(tail), find(head)];
    leader[Math.max(some, other)] = Math.min(some, other);
  }
  const parts = new Map<number, { vertices: number[]; edges: number[] }>();
  for (let vertex = 0; vertex < keys.length; vertex += 1) {
    const found = parts.get(find(vertex));
    if (found === undefined) parts.set(find(vertex), { vertices: [vertex], edges: [] });
    else found.vertices.push(vertex);
  }
  ends.forEach(([tail], edge) => parts.get(find(tail))?.edges.push(edge));
  return [...parts.values()];
}

interface Part extends Size {
  readonly boxes: ReadonlyMap<number, Box>;
  readonly routes: ReadonlyMap<number, Route>;
}

function layOutPart(members: Members, keys: readonly string[], sizes: readonly Size[], edges: readonly Link[]): Part {
  const sizeOf = (at: number): Size => sizes[members.vertices[at] as number] as Size;
  const count = members.vertices.length;
  const graph = createGraph(
    members.vertices.map((vertex) => keys[vertex] as string),
    members.edges.map((edge) => edges[edge] as Link),
  );
  const layers = layersOf(graph);
  const isPoint = (site: number): boolean => site >= count;
  const heightOf = (site: number): number => (isPoint(site) ? pointHeight : sizeOf(site).height);
  const columns = orderColumns(layers, count);
  const middle = placeSites(columns, layers, heightOf, isPoint, rowGap);
  const widths = columns.map((column) =>
    Math.max(...column.map((site) => (isPoint(site) ? 0 : sizeOf(site).width)), 0),
  );
  const lefts = widths.map(() => 0);
  for (let at = 1; at < widths.length; at += 1) {
    lefts[at] = (lefts[at - 1] as number) + (widths[at - 1] as number) + columnGap;
  }
  let [top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  middle.forEach((y, site) => {
    top = Math.min(top, y - heightOf(site) / 2);
    bottom = Math.max(bottom, y + heightOf(site) / 2);
  });
  const boxes = new Map<number, Box>();
  members.vertices.forEach((vertex, at) => {
    const { width, height } = sizeOf(at);
    boxes.set(vertex, {
      x: lefts[layers.layerOf[at] as number] as number,
      y: (middle[at] as number) - top - height / 2,
      width,
      height,
    });
  });
  const routes = new Map<number, Route>();
  members.edges.forEach((edge, at) => {
    const sites = layers.routes[at] as readonly number[];
    const route = sites.map((site, place) => {
      const left = lefts[layers.layerOf[site] as number] as number;
      const right = left + (widths[layers.layerOf[site] as number] as number);
      const y = (middle[site] as number) - top;
      if (place === 0) return { fromX: left + sizeOf(site).width, toX: right, y };
      return { fromX: left, toX: place === sites.length - 1 ? left : right, y };
    });
    // One that was turned round, because it closes a cycle, runs from right to left.
    const isTurned = sites[0] !== graph.tails[at];
    routes.set(edge, isTurned ? route.map(({ fromX, toX, y }) => ({ fromX: toX, toX: fromX, y })).reverse() : route);
  });
  return { boxes, routes, width: (lefts.at(-1) ?? 0) + (widths.at(-1) ?? 0), height: bottom - top };
}

/** The highest first, so that those of one row are alike. */
function inRows(parts: readonly Part[]): readonly { readonly part: Part; readonly x: number; readonly y: number }[] {
  const sorted = [...parts.entries()].sort(([at, a], [before, b]) => b.height - a.height || at - before);
  const area = parts.reduce((sum, { width, height }) => sum + (width + partGap) * (height + partGap), 0);
  const widest = parts.reduce((most, { width }) => Math.max(most, width), Math.sqrt(area * pageShape));
  let [x, y, rowHeight] = [0, 0, 0];
  return sorted.map(([, part]) => {
    if (x > 0 && x + part.width > widest) [x, y, rowHeight] = [0, y + rowHeight + partGap, 0];
    const placed = { part, x, y };
    x += part.width + partGap;
    rowHeight = Math.max(rowHeight, part.height);
    return placed;
  });
}
