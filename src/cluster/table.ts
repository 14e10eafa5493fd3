// SPDX-License-Identifier: Apache-2.0
// Where a store keeps its entries: in memory, or on a disk. Decides nothing, and tells nobody.

import type { Entry, KeyChange, KeyRange, Revision } from "../contract/cluster.ts";

export interface Table {
  /** That of the last write. */
  readonly revision: Revision;
  get(key: string): Entry | undefined;
  /** Sorted by key. */
  range(range: KeyRange): readonly Entry[];
  keysOfSession(session: string): readonly string[];
  /** Sessions that were there when the table was opened: nobody keeps them alive. */
  readonly leftSessions: readonly KeptSession[];
  /** Whatever `work` writes is kept as a whole, or nothing of it: then the failure is thrown. */
  together<Result>(work: () => Result): Result;
  /** Only inside of `together`. */
  write(revision: Revision, changes: readonly KeyChange[]): void;
  addSession(session: KeptSession): void;
  removeSession(id: string): void;
  close(): void;
}

export interface KeptSession {
  readonly id: string;
  readonly ttlMs: number;
}

export function isInRange(range: KeyRange, key: string): boolean {
  return "key" in range ? range.key === key : key.startsWith(range.prefix);
}
