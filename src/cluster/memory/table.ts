// SPDX-License-Identifier: Apache-2.0
// A table that forgets everything with the process.

import type { Entry, KeyChange, KeyRange, Revision } from "../../contract/cluster.ts";
import type { Table } from "../table.ts";

export class MemoryTable implements Table {
  revision: Revision = 0;
  readonly leftSessions = [];
  readonly #entries = new Map<string, Entry>();
  /** Sorted, for ranges. */
  readonly #keys: string[] = [];
  readonly #sessions = new Map<string, Set<string>>();

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  range(range: KeyRange): readonly Entry[] {
    if ("key" in range) {
      const entry = this.#entries.get(range.key);
      return entry === undefined ? [] : [entry];
    }
    const found: Entry[] = [];
    for (let at = this.#placeOf(range.prefix); this.#keys[at]?.startsWith(range.prefix) === true; at += 1) {
      found.push(this.#entries.get(this.#keys[at] as string) as Entry);
    }
    return found;
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
        if (former !== undefined) this.#keys.splice(this.#placeOf(key), 1);
        continue;
      }
      this.#entries.set(key, entry);
      if (former === undefined) this.#keys.splice(this.#placeOf(key), 0, key);
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

  /** Of the first key that is not before this one. */
  #placeOf(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
