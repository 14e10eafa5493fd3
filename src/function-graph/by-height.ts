// SPDX-License-Identifier: Apache-2.0
// Nodes by a height each, lowest first. Heights may lie far apart: what is between them costs nothing.

import type { Node } from "./node.ts";

export class ByHeight {
  readonly #buckets = new Map<number, Node[]>();
  /** The heights of the buckets, as a heap: none is below the one at half its place. */
  readonly #heights: number[] = [];

  /** Adding below the height that was last taken is allowed. */
  add(node: Node, height: number): void {
    const bucket = this.#buckets.get(height);
    if (bucket !== undefined) {
      bucket.push(node);
      return;
    }
    this.#buckets.set(height, [node]);
    this.#insert(height);
  }

  /** The one that was added last to the lowest height, and that height. */
  takeLowest(): { readonly node: Node; readonly height: number } | undefined {
    for (let height = this.#heights[0]; height !== undefined; height = this.#heights[0]) {
      const node = this.#buckets.get(height)?.pop();
      if (node !== undefined) return { node, height };
      this.#buckets.delete(height);
      this.#removeLowest();
    }
    return undefined;
  }

  clear(): void {
    this.#buckets.clear();
    this.#heights.length = 0;
  }

  #insert(height: number): void {
    const heights = this.#heights;
    let at = heights.length;
    heights.push(height);
    while (at > 0) {
      const half = (at - 1) >> 1;
      const other = heights[half] as number;
      if (other <= height) break;
      heights[at] = other;
      at = half;
    }
    heights[at] = height;
  }

  #removeLowest(): void {
    const heights = this.#heights;
    const height = heights.pop();
    if (height === undefined || heights.length === 0) return;
    let at = 0;
    for (;;) {
      let next = 2 * at + 1;
      if (next >= heights.length) break;
      if (next + 1 < heights.length && (heights[next + 1] as number) < (heights[next] as number)) next += 1;
      if ((heights[next] as number) >= height) break;
      heights[at] = heights[next] as number;
      at = next;
    }
    heights[at] = height;
  }
}
