// SPDX-License-Identifier: Apache-2.0
// What was last known of the store that hosts share, in a file of the state directory. It is worth no run: whatever is
// wrong with the file, the run goes on without it.

import type { DatabaseSync } from "node:sqlite";
import type { Entry } from "../contract/cluster.ts";
import type { Clock } from "../contract/host.ts";
import { type DatabaseForm, openDatabase, openForReading } from "../database/database.ts";
import type { Remembered, Remembrance } from "../exchange/remembered.ts";

const form: DatabaseForm = {
  what: "what mgmt remembers of other hosts",
  applicationId: 0x6d676d77, // `mgmw`
  version: 1,
  schema: `
    CREATE TABLE range (
      name TEXT PRIMARY KEY,
      time_ms INTEGER NOT NULL,
      entries TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};

export interface RememberedOptions {
  /** The file; made when something is first kept in it. */
  readonly path: string;
  readonly clock: Clock;
  /** Keeps nothing. */
  readonly readOnly: boolean;
  readonly onTrouble: (message: string) => void;
}

/** Changes that follow each other are kept at once: all of a range is written, so ever more of them while they keep coming. */
const gatherMs = 500;
const longestGatherMs = 8000;
/** What nobody has asked for so long is forgotten. */
const keepMs = 30 * 24 * 60 * 60 * 1000;

export class RememberedStore implements Remembered {
  readonly #options: RememberedOptions;
  #database: DatabaseSync | undefined;
  #isTroubled = false;
  readonly #waiting = new Map<string, () => readonly Entry[]>();
  #cancel = (): void => {};
  #gatherMs = gatherMs;
  #writtenMs = Number.NEGATIVE_INFINITY;

  constructor(options: RememberedOptions) {
    this.#options = options;
  }

  load(range: string): Remembrance | undefined {
    return this.#try(() => {
      const database = this.#database ?? openForReading(form, this.#options.path);
      const row = database?.prepare("SELECT time_ms, entries FROM range WHERE name = ?").get(range);
      if (database !== this.#database) database?.close();
      if (row === undefined) return undefined;
      return { timeMs: Number(row["time_ms"]), entries: JSON.parse(String(row["entries"])) as readonly Entry[] };
    });
  }

  save(range: string, entries: () => readonly Entry[]): void {
    if (this.#options.readOnly || this.#isTroubled) return;
    if (this.#waiting.size === 0) this.#plan();
    this.#waiting.set(range, entries);
  }

  #plan(): void {
    const { clock } = this.#options;
    const isQuiet = clock.monotonicMs() - this.#writtenMs > this.#gatherMs;
    this.#gatherMs = isQuiet ? gatherMs : Math.min(this.#gatherMs * 2, longestGatherMs);
    this.#cancel = clock.after(this.#gatherMs, () => this.#flush());
  }

  close(): void {
    this.#flush();
    this.#database?.close();
    this.#database = undefined;
  }

  #flush(): void {
    this.#cancel();
    if (this.#waiting.size === 0) return;
    this.#writtenMs = this.#options.clock.monotonicMs();
    this.#try(() => {
      const database = this.#open();
      const timeMs = this.#options.clock.now();
      database.exec("BEGIN IMMEDIATE");
      try {
        const put = database.prepare("INSERT OR REPLACE INTO range VALUES (?, ?, ?)");
        for (const [name, entries] of this.#waiting) put.run(name, timeMs, JSON.stringify(entries()));
        database.exec("COMMIT");
      } finally {
        if (database.isTransaction) database.exec("ROLLBACK");
      }
    });
    this.#waiting.clear();
  }

  #open(): DatabaseSync {
    const { path, clock } = this.#options;
    if (this.#database === undefined) {
      this.#database = openDatabase(form, path, (movedTo, why) => this.#trouble(`${why}; it was moved to ${movedTo}`));
      this.#database.prepare("DELETE FROM range WHERE time_ms < ?").run(clock.now() - keepMs);
    }
    return this.#database;
  }

  #try<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (reason) {
      if (!this.#isTroubled) this.#trouble(reason instanceof Error ? reason.message : String(reason));
      this.#isTroubled = true;
      return undefined;
    }
  }

  #trouble(why: string): void {
    this.#options.onTrouble(`what is known of other hosts cannot be kept in ${this.#options.path}: ${why}`);
  }
}
