// SPDX-License-Identifier: Apache-2.0
// The journal of a run, on disk. What happens is only put into a list; a moment later the list is written, a piece at a
// time, so whoever tells never waits. Whatever goes wrong with the file is told once and costs entries, never the run.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "../contract/host.ts";
import { isBusy, isDamage, moveAside, numberOf, openDatabase } from "../database/database.ts";
import type { Entry, LastState, Written } from "./entry.ts";
import { journalForm } from "./form.ts";
import { type EntryFilter, entriesOf, lastStateOf, lastStates } from "./queries.ts";

export interface JournalOptions {
  /** Its directory must be there. */
  readonly path: string;
  readonly clock: Clock;
  readonly keepDays: number;
  readonly keepBytes: number;
  /** A sentence for the person who runs the program: the journal has lost something, and why. */
  readonly onTrouble: (message: string) => void;
  /** Told of entries when they have been written, or could not be. */
  readonly onWritten?: (entries: readonly Written[]) => void;
}

/** How long an entry waits for others to be written with it. */
const gatherMs = 50;
/** Written in one go: a few milliseconds. */
const pieceCount = 500;
/** Kept waiting while the file cannot be written; older ones are given up. */
const mostWaiting = 100_000;
/** After so many new entries the file is looked at again. */
const tidyEvery = 2000;
const dayMs = 24 * 60 * 60 * 1000;

type Waiting = { readonly timeMs: number; readonly entry: Entry } | { readonly state: LastState };

/** Throws when the file cannot be opened, whatever is done. */
export class Journal {
  readonly #options: JournalOptions;
  #database: DatabaseSync;
  #insert: StatementSync;
  #upsert: StatementSync;
  #waiting: Waiting[] = [];
  #cancelTimer: (() => void) | undefined;
  #untilTidy = 0;
  #isTidying = false;
  #lost = 0;
  #isTroubled = false;
  #cancelTidy: (() => void) | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#database = this.#open();
    [this.#insert, this.#upsert] = statementsOf(this.#database);
  }

  /** Costs a microsecond. */
  add(entry: Entry): void {
    this.#put({ timeMs: this.#options.clock.now(), entry });
  }

  /** Replaces what is known of the resource. */
  setState(state: LastState): void {
    this.#put({ state });
  }

  // ---- Reading: what was added is flushed first ----

  entries(filter: EntryFilter): readonly Written[] {
    this.flush();
    return entriesOf(this.#database, filter);
  }

  lastState(resource: string): LastState | undefined {
    this.flush();
    return lastStateOf(this.#database, resource);
  }

  lastStates(): readonly LastState[] {
    this.flush();
    return lastStates(this.#database);
  }

  /** Writes all that waits. */
  flush(): void {
    while (this.#waiting.length > 0) if (!this.#writePiece()) return;
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#cancelTidy?.();
    this.flush();
    try {
      this.#database.close();
    } catch (reason) {
      this.#tell(reason);
    }
  }

  // ---- Writing ----

  #put(item: Waiting): void {
    if (this.#waiting.length >= mostWaiting) this.#lost += this.#waiting.splice(0, pieceCount).length;
    this.#waiting.push(item);
    this.#cancelTimer ??= this.#options.clock.after(gatherMs, this.#onTimer);
  }

  readonly #onTimer = (): void => {
    this.#cancelTimer = undefined;
    const done = this.#writePiece();
    if (this.#waiting.length > 0) this.#cancelTimer = this.#options.clock.after(done ? 1 : gatherMs, this.#onTimer);
    else if (this.#untilTidy <= 0) this.#tidy();
  };

  /** False when it cannot be written now. */
  #writePiece(): boolean {
    const piece = this.#waiting.slice(0, pieceCount);
    let written: readonly Written[];
    try {
      written = this.#writeAll(piece);
    } catch (reason) {
      if (isBusy(reason)) return false;
      if (isDamage(reason) && this.#beginAnew()) return true;
      this.#tell(reason);
      this.#lost += piece.length;
      written = [];
    }
    this.#waiting.splice(0, piece.length);
    this.#untilTidy -= piece.length;
    if (written.length > 0) this.#options.onWritten?.(written);
    return true;
  }

  #writeAll(piece: readonly Waiting[]): readonly Written[] {
    const written: Written[] = [];
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const item of piece) {
        if ("state" in item) {
          const { resource, state, timeMs, ...body } = item.state;
          this.#upsert.run(resource, state, timeMs, JSON.stringify(body));
          continue;
        }
        const { timeMs, entry } = item;
        const { type, ...rest } = entry;
        const { resource = null, ...body } = { resource: undefined, ...rest };
        const { lastInsertRowid } = this.#insert.run(timeMs, type, resource, JSON.stringify(body));
        written.push({ ...entry, id: Number(lastInsertRowid), timeMs });
      }
      this.#database.exec("COMMIT");
    } catch (reason) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw reason;
    }
    return written;
  }

  // ---- Keeping it small ----

  /** A piece at a time, until nothing in it is too old and it is not too large. */
  #tidy(): void {
    if (this.#isTidying) return;
    this.#untilTidy = tidyEvery;
    this.#isTidying = this.#tidyPiece();
    if (!this.#isTidying) return;
    this.#cancelTidy = this.#options.clock.after(gatherMs, () => {
      this.#isTidying = false;
      this.#tidy();
    });
  }

  /** True when there may be more to do. */
  #tidyPiece(): boolean {
    const { clock, keepDays, keepBytes } = this.#options;
    try {
      const beforeMs = clock.now() - keepDays * dayMs;
      const oldest = this.#database.prepare("SELECT id, time_ms FROM entry ORDER BY id LIMIT 1").get();
      const isOld = oldest !== undefined && Number(oldest["time_ms"]) < beforeMs;
      if (!isOld && bytesOf(this.#database) <= keepBytes) {
        this.#database.prepare("DELETE FROM resource WHERE state = 'removed' AND time_ms < ?").run(beforeMs);
        return false;
      }
      if (oldest === undefined) return false;
      const upTo = Number(oldest["id"]) + pieceCount;
      if (isOld) this.#database.prepare("DELETE FROM entry WHERE id < ? AND time_ms < ?").run(upTo, beforeMs);
      else this.#database.prepare("DELETE FROM entry WHERE id < ?").run(upTo);
      this.#database.exec("PRAGMA incremental_vacuum(256)");
      return true;
    } catch (reason) {
      if (!isBusy(reason)) this.#tell(reason);
      return false;
    }
  }

  // ---- Trouble ----

  #open(): DatabaseSync {
    const { path, onTrouble } = this.#options;
    return openDatabase(journalForm, path, (movedTo, why) => {
      onTrouble(`The journal ${path} cannot be used: ${why}. It was moved to ${movedTo}, and a new one is begun.`);
    });
  }

  /** The file has turned out to be damaged while it was used. */
  #beginAnew(): boolean {
    const { path, onTrouble } = this.#options;
    try {
      this.#database.close();
      const movedTo = moveAside(path);
      onTrouble(`The journal ${path} is damaged. It was moved to ${movedTo}, and a new one is begun.`);
      this.#database = this.#open();
      [this.#insert, this.#upsert] = statementsOf(this.#database);
      return true;
    } catch {
      return false; // Told by the caller, with what was wrong first.
    }
  }

  #tell(reason: unknown): void {
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    const why = reason instanceof Error ? reason.message : String(reason);
    this.#options.onTrouble(`The journal ${this.#options.path} cannot be written (${why}): what happens is not kept.`);
  }

  /** How many could not be kept. */
  get lost(): number {
    return this.#lost;
  }
}

function statementsOf(database: DatabaseSync): [insert: StatementSync, upsert: StatementSync] {
  return [
    database.prepare("INSERT INTO entry (time_ms, type, resource, body) VALUES (?, ?, ?, ?)"),
    database.prepare("INSERT OR REPLACE INTO resource (resource, state, time_ms, body) VALUES (?, ?, ?, ?)"),
  ];
}

/** What is in use, not what the file has room for. */
function bytesOf(database: DatabaseSync): number {
  return (numberOf(database, "page_count") - numberOf(database, "freelist_count")) * numberOf(database, "page_size");
}
