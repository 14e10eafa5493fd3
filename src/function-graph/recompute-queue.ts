// SPDX-License-Identifier: Apache-2.0
// Nodes waiting to be computed, lowest first. Knows nothing of why they wait.

import type { Node } from "./node.ts";

/** `node.queuedAt` tells which entry of a node counts: others are left over from a former height and are skipped. */
export class RecomputeQueue {
  readonly #buckets: Node[][] = [];
  #lowest = 0;
  /** Nodes that wait. */
  #size = 0;
  /** What is in the buckets, left-over entries too. */
  #entries = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Adding below the height that was last taken is allowed. A node that waits is moved to its present height. */
  add(node: Node): void {
    if (node.queuedAt === node.height) return;
    if (node.queuedAt === -1) this.#size += 1;
    node.queuedAt = node.height;
    while (this.#buckets.length <= node.height) this.#buckets.push([]);
    this.#buckets[node.height]?.push(node);
    this.#entries += 1;
    if (node.height < this.#lowest) this.#lowest = node.height;
  }

  takeLowest(): Node | undefined {
    while (this.#size > 0) {
      const node = this.#buckets[this.#lowest]?.pop();
      if (node === undefined) {
        this.#lowest += 1;
        continue;
      }
      this.#entries -= 1;
      if (node.queuedAt !== this.#lowest) continue;
      node.queuedAt = -1;
      this.#size -= 1;
      return node;
    }
    if (this.#entries > 0) this.#dropLeftOver();
    return undefined;
  }

  /** They would hold on to nodes that are long gone. */
  #dropLeftOver(): void {
    for (const bucket of this.#buckets) bucket.length = 0;
    this.#entries = 0;
  }
}
