// SPDX-License-Identifier: Apache-2.0
// Where the sites of a layered drawing stand in their columns: first their order, with few crossings, then their height.

import type { Layers } from "./layers.ts";

const sweeps = 12;
const passes = 10;

/** The sites of each column from top to bottom. Deterministic; each sweep costs little more than the edges. */
export function orderColumns(layers: Layers, vertices: number): readonly (readonly number[])[] {
  let columns = firstOrder(layers, vertices);
  let best = columns;
  let fewest = countCrossings(columns, layers);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep += 1) {
    columns = sweep % 2 === 0 ? sweepColumns(columns, layers.left, 1) : sweepColumns(columns, layers.right, -1);
    const crossings = countCrossings(columns, layers);
    if (crossings < fewest) [best, fewest] = [columns, crossings];
  }
  return best;
}

/** In the order in which a walk finds them, so that what belongs together begins together. */
function firstOrder({ count, layerOf, left, right }: Layers, vertices: number): number[][] {
  const columns: number[][] = Array.from({ length: count }, () => []);
  const isSeen = new Uint8Array(layerOf.length);
  for (let vertex = 0; vertex < vertices; vertex += 1) {
    const work = [vertex];
    for (let site = work.pop(); site !== undefined; site = work.pop()) {
      if (isSeen[site] === 1) continue;
      isSeen[site] = 1;
      columns[layerOf[site] as number]?.push(site);
      work.push(...[...(left[site] ?? []), ...(right[site] ?? [])].reverse());
    }
  }
  return columns;
}

/** Each column, in one direction, by the mean place of its neighbours in the column that was just ordered. */
function sweepColumns(
  columns: readonly (readonly number[])[],
  neighbours: Layers["left"],
  direction: 1 | -1,
): number[][] {
  const place = placesIn(columns);
  const next = columns.map((column) => [...column]);
  for (let at = direction === 1 ? 1 : next.length - 2; at >= 0 && at < next.length; at += direction) {
    const column = next[at] as number[];
    const mean = new Map<number, number>();
    for (const site of column) {
      const beside = neighbours[site] ?? [];
      let sum = 0;
      for (const one of beside) sum += place.get(one) as number;
      mean.set(site, beside.length === 0 ? (place.get(site) as number) : sum / beside.length);
    }
    column.sort((some, other) => (mean.get(some) as number) - (mean.get(other) as number));
    for (let index = 0; index < column.length; index += 1) place.set(column[index] as number, index / column.length);
  }
  return next;
}

/** From 0 to 1, so that columns of different lengths compare. */
function placesIn(columns: readonly (readonly number[])[]): Map<number, number> {
  const place = new Map<number, number>();
  for (const column of columns) column.forEach((site, index) => place.set(site, index / column.length));
  return place;
}

/** Between each two columns, the pairs of edges that cross: by a tree of counts, in the time of a sort. */
function countCrossings(columns: readonly (readonly number[])[], { right }: Layers): number {
  let crossings = 0;
  for (let at = 0; at + 1 < columns.length; at += 1) {
    const head = columns[at + 1] as readonly number[];
    const indexOf = new Map(head.map((site, index) => [site, index]));
    const counts = new Int32Array(head.length + 1);
    let entered = 0;
    for (const site of columns[at] as readonly number[]) {
      const targets = (right[site] ?? []).map((target) => indexOf.get(target) as number);
      for (const target of targets) {
        let above = 0;
        for (let node = target + 1; node > 0; node -= node & -node) above += counts[node] as number;
        crossings += entered - above;
      }
      for (const target of targets) {
        entered += 1;
        for (let node = target + 1; node <= head.length; node += node & -node) {
          counts[node] = (counts[node] as number) + 1;
        }
      }
    }
  }
  return crossings;
}

/**
 * The middle of each site. Each comes as near as possible to the mean of its neighbours, while the order stays and no
 * two touch; long edges are drawn most strongly to be straight.
 */
export function placeSites(
  columns: readonly (readonly number[])[],
  { layerOf, left, right }: Layers,
  heightOf: (site: number) => number,
  isPoint: (site: number) => boolean,
  gap: number,
): Float64Array {
  const middle = new Float64Array(layerOf.length);
  for (const column of columns) {
    let y = 0;
    for (const site of column) {
      middle[site] = y + heightOf(site) / 2;
      y += heightOf(site) + gap;
    }
  }
  for (let pass = 0; pass < passes; pass += 1) {
    const order = pass % 2 === 0 ? columns : [...columns].reverse();
    const beside = pass === passes - 1 ? undefined : pass % 2 === 0 ? left : right;
    for (const column of order) {
      const wishes = column.map((site) => {
        const neighbours = beside?.[site] ?? [...(left[site] ?? []), ...(right[site] ?? [])];
        let [sum, weight] = [(middle[site] as number) * 0.01, 0.01];
        for (const one of neighbours) {
          const strength = isPoint(site) && isPoint(one) ? 8 : isPoint(site) || isPoint(one) ? 2 : 1;
          sum += (middle[one] as number) * strength;
          weight += strength;
        }
        return { at: sum / weight, weight };
      });
      spread(column, wishes, heightOf, gap, middle);
    }
  }
  return middle;
}

/** The nearest places to the wishes that keep order and distance: neighbours that would touch become one block. */
function spread(
  column: readonly number[],
  wishes: readonly { readonly at: number; readonly weight: number }[],
  heightOf: (site: number) => number,
  gap: number,
  middle: Float64Array,
): void {
  const offsets: number[] = [];
  const blocks: { sum: number; weight: number; count: number }[] = [];
  column.forEach((site, index) => {
    const before = column[index - 1];
    const distance = before === undefined ? 0 : (heightOf(before) + heightOf(site)) / 2 + gap;
    offsets.push((offsets[index - 1] ?? 0) + distance);
    const { at, weight } = wishes[index] as { at: number; weight: number };
    let block = { sum: (at - (offsets[index] as number)) * weight, weight, count: 1 };
    for (let above = blocks.at(-1); above !== undefined; above = blocks.at(-1)) {
      if (above.sum / above.weight <= block.sum / block.weight) break;
      block = { sum: above.sum + block.sum, weight: above.weight + block.weight, count: above.count + block.count };
      blocks.pop();
    }
    blocks.push(block);
  });
  let index = 0;
  for (const { sum, weight, count } of blocks) {
    for (const end = index + count; index < end; index += 1) {
      middle[column[index] as number] = sum / weight + (offsets[index] as number);
    }
  }
}
