// SPDX-License-Identifier: Apache-2.0
// The last changes of a store, for those who follow it. What is older is forgotten, so it stays small.

import type { KeyChange, KeyRange, Revision } from "../contract/cluster.ts";
import { isInRange } from "./table.ts";

interface Remembered {
  readonly revision: Revision;
  readonly changes: readonly KeyChange[];
}

export class History {
  readonly #limit: number;
  #remembered: Remembered[] = [];
  #count = 0;
  #forgotten: Revision;

  /** `revision`: what happened up to it is not known. `limit`: how many changes are kept at the most. */
  constructor(revision: Revision, limit: number) {
    this.#forgotten = revision;
    this.#limit = limit;
  }

  add(revision: Revision, changes: readonly KeyChange[]): void {
    this.#remembered.push({ revision, changes });
    this.#count += changes.length;
    if (this.#count <= this.#limit) return;
    // Half at once, so that forgetting costs next to nothing for each change.
    let dropped = 0;
    while (this.#count > this.#limit / 2 && dropped < this.#remembered.length) {
      const oldest = this.#remembered[dropped] as Remembered;
      this.#count -= oldest.changes.length;
      this.#forgotten = oldest.revision;
      dropped += 1;
    }
    this.#remembered = this.#remembered.slice(dropped);
  }

  forgetUpTo(revision: Revision): void {
    this.#forgotten = Math.max(this.#forgotten, revision);
    this.#remembered = this.#remembered.filter((each) => each.revision > revision);
    this.#count = this.#remembered.reduce((sum, { changes }) => sum + changes.length, 0);
  }

  /** Each key as it was in the end; undefined when something of it is forgotten. */
  since(after: Revision, range: KeyRange): readonly KeyChange[] | undefined {
    if (after < this.#forgotten) return undefined;
    const last = new Map<string, KeyChange>();
    for (let at = this.#firstAfter(after); at < this.#remembered.length; at += 1) {
      for (const change of (this.#remembered[at] as Remembered).changes) {
        if (!isInRange(range, change.key)) continue;
        last.delete(change.key); // In the order of the last changes.
        last.set(change.key, change);
      }
    }
    return [...last.values()];
  }

  #firstAfter(revision: Revision): number {
    let [low, high] = [0, this.#remembered.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#remembered[middle] as Remembered).revision > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
