// SPDX-License-Identifier: Apache-2.0
// Nodes waiting to be computed, lowest first. Knows nothing of why they wait.

import { ByHeight } from "./by-height.ts";
import type { Node } from "./node.ts";

/** `node.queuedAt` tells which entry of a node counts: others are left over from a former height and are skipped. */
export class RecomputeQueue {
  readonly #entries = new ByHeight();
  /** Nodes that wait. */
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Adding below the height that was last taken is allowed. A node that waits is moved to its present height. */
  add(node: Node): void {
    if (node.queuedAt === node.height) return;
    if (node.queuedAt === -1) this.#size += 1;
    node.queuedAt = node.height;
    this.#entries.add(node, node.height);
  }

  takeLowest(): Node | undefined {
    while (this.#size > 0) {
      const entry = this.#entries.takeLowest();
      if (entry === undefined) break;
      const { node, height } = entry;
      if (node.queuedAt !== height) continue;
      node.queuedAt = -1;
      this.#size -= 1;
      return node;
    }
    this.#entries.clear(); // What is left over would hold on to nodes that are long gone.
    return undefined;
  }
}
