// SPDX-License-Identifier: Apache-2.0
// A table that forgets everything with the process.

import type { Entry, KeyChange, KeyRange, Revision } from "../../contract/cluster.ts";
import { SortedMap } from "../../base/sorted-map.ts";
import type { Table } from "../table.ts";

export class MemoryTable implements Table {
  revision: Revision = 0;
  readonly leftSessions = [];
  readonly #entries = new SortedMap<Entry>();
  readonly #sessions = new Map<string, Set<string>>();

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  range(range: KeyRange): readonly Entry[] {
    if ("key" in range) {
      const entry = this.#entries.get(range.key);
      return entry === undefined ? [] : [entry];
    }
    return Array.from(this.#entries.from(range.prefix), ([, entry]) => entry);
  }

  keysOfSession(session: string): readonly string[] {
    return [...(this.#sessions.get(session) ?? [])].sort();
  }

  together<Result>(work: () => Result): Result {
    return work(); // Nothing here can refuse.
  }

  write(revision: Revision, changes: readonly KeyChange[]): void {
    this.revision = revision;
    for (const { key, entry } of changes) {
      const former = this.#entries.get(key);
      if (former?.session !== undefined) this.#sessions.get(former.session)?.delete(key);
      if (entry === undefined) {
        this.#entries.delete(key);
        continue;
      }
      this.#entries.set(key, entry);
      if (entry.session !== undefined) this.#sessions.get(entry.session)?.add(key);
    }
  }

  addSession({ id }: { readonly id: string }): void {
    this.#sessions.set(id, new Set());
  }

  removeSession(id: string): void {
    this.#sessions.delete(id);
  }

  close(): void {}
}
