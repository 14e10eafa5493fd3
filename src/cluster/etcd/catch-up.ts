// SPDX-License-Identifier: Apache-2.0
// When a watch that begins in the past has told all that happened before it was begun. etcd does not say: it sends what
// happened in pieces, and nothing at all when that was nothing. So the range is looked at first, then and now. Pure.

import { deletion, type WatchEvent } from "./messages.ts";

/** What is known of a range. */
export interface Look {
  /** How many keys there were then, and are now. */
  readonly before: number;
  readonly now: number;
  /** When any of those that are there now was put last, if that was since then; else 0. */
  readonly lastPut: number;
  /** The revision of "now". */
  readonly revision: number;
}

/**
 * Events after "then" are told to `add`, in order. What is left after `lastPut` can only be deletions, each of which
 * changes how many keys there are, or of keys that were not there at either time: so equal numbers mean equal keys.
 */
export class CatchUp {
  readonly #look: Look;
  #count: number;
  #last = 0;

  constructor(look: Look) {
    this.#look = look;
    this.#count = look.before;
  }

  /** All that happened up to this revision has been told when it is done. */
  get upTo(): number {
    return this.#look.revision;
  }

  get isDone(): boolean {
    const { lastPut, now, revision } = this.#look;
    return this.#last > revision || (this.#last >= lastPut && this.#count === now);
  }

  add({ type, entry }: WatchEvent): void {
    this.#last = entry.changed;
    if (entry.changed > this.#look.revision) return; // Came after "now", in one answer with what came before.
    if (type === deletion) this.#count -= 1;
    else if (entry.created === entry.changed) this.#count += 1;
  }
}
