// SPDX-License-Identifier: Apache-2.0
// What was last known of the store, kept on this machine: with it a host begins when the store does not answer.

import type { Entry } from "../contract/cluster.ts";

export interface Remembered {
  /** Of a range by its name; undefined: nothing was kept. */
  load(range: string): Remembrance | undefined;
  /** It is another one now. Comes to the disk a moment later; never fails. */
  save(range: string, entries: () => readonly Entry[]): void;
}

export interface Remembrance {
  /** Until when it was so, at least: `Clock.now`. */
  readonly timeMs: number;
  /** Sorted by key. */
  readonly entries: readonly Entry[];
}
