// SPDX-License-Identifier: Apache-2.0
// The file of a store that several processes write: entries, what was removed lately, and sessions. Every transaction is
// one of SQLite, so whoever looks sees whole ones. What changed after a revision is read off the entries themselves, which
// know when they were put last, and off the marks that removed ones leave.

import type { DatabaseSync } from "node:sqlite";
import type { Change, Entry, KeyChange, KeyRange, Revision } from "../../contract/cluster.ts";
import { type DatabaseForm, numberOf, openDatabase } from "../../database/database.ts";
import { Statements } from "../../database/statements.ts";
import { bytesOf } from "../../values/bytes.ts";
import { entriesWhere, entryOf, inRange } from "../entry-rows.ts";

const form: DatabaseForm = {
  what: "a store of several mgmt",
  applicationId: 0x6d676d66, // `mgmf`
  version: 1,
  survivesPowerCuts: true,
  schema: `
    CREATE TABLE entry (
      key TEXT PRIMARY KEY,
      value BLOB NOT NULL,
      created INTEGER NOT NULL,
      changed INTEGER NOT NULL,
      place INTEGER NOT NULL,
      session TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX entry_of_session ON entry (session) WHERE session IS NOT NULL;
    CREATE INDEX entry_by_change ON entry (changed);
    CREATE TABLE removed (key TEXT PRIMARY KEY, changed INTEGER NOT NULL, place INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX removed_by_change ON removed (changed);
    CREATE TABLE session (id TEXT PRIMARY KEY, ttl_ms INTEGER NOT NULL, beat INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE revision (last INTEGER NOT NULL, forgotten INTEGER NOT NULL) STRICT;
    INSERT INTO revision VALUES (0, 0);
  `,
};

/** So many removed keys are remembered, for those who follow. */
const mostRemoved = 10_000;

export interface SessionRow {
  readonly id: string;
  readonly ttlMs: number;
  /** Grows while its owner is alive. */
  readonly beat: number;
}

export class SharedDatabase {
  readonly #statements: Statements;

  constructor(path: string, onAside: (movedTo: string, why: string) => void) {
    this.#statements = new Statements(openTogether(path, onAside));
  }

  /** Another number when another process has written anything. */
  get version(): number {
    return numberOf(this.#statements.database, "data_version");
  }

  /** `work` sees one instant, and what it writes is kept as a whole. Throws when another process is writing just now. */
  writing<Result>(work: () => Result): Result {
    return this.#statements.within("BEGIN IMMEDIATE", work);
  }

  reading<Result>(work: () => Result): Result {
    return this.#statements.within("BEGIN", work);
  }

  close(): void {
    this.#statements.database.close();
  }

  revision(): { readonly last: Revision; readonly forgotten: Revision } {
    const row = this.#statements.of("SELECT * FROM revision").get();
    return { last: Number(row?.["last"] ?? 0), forgotten: Number(row?.["forgotten"] ?? 0) };
  }

  get(key: string): Entry | undefined {
    return entriesWhere(this.#statements, inRange({ key }))[0];
  }

  range(range: KeyRange): readonly Entry[] {
    return entriesWhere(this.#statements, inRange(range));
  }

  /** What there is of the range that changed after the revision, and what has gone from it, in that order. */
  changes(range: KeyRange, after: Revision): readonly KeyChange[] {
    const [where, ...values] = inRange(range);
    const put = this.#statements.of(`SELECT * FROM entry WHERE changed > ? AND ${where}`).all(after, ...values);
    const removed = this.#statements.of(`SELECT * FROM removed WHERE changed > ? AND ${where}`).all(after, ...values);
    return [...put, ...removed]
      .sort((left, right) => Number(left["changed"]) - Number(right["changed"]) || Number(left["place"]) - Number(right["place"])) // biome-ignore format: one line
      .map((row) => ({ key: String(row["key"]), entry: "value" in row ? entryOf(row) : undefined }));
  }

  /** Returns whether anything has changed. Only inside of `writing`. */
  apply(changes: readonly Change[], revision: Revision): boolean {
    const real = changes.filter((change) => change.do === "put" || this.get(change.key) !== undefined);
    real.forEach((change, place) => {
      const { key } = change;
      if (change.do === "delete") {
        this.#statements.run("DELETE FROM entry WHERE key = ?", key);
        this.#statements.run("INSERT OR REPLACE INTO removed VALUES (?, ?, ?)", key, revision, place);
        return;
      }
      const created = this.get(key)?.created ?? revision;
      this.#statements.run("DELETE FROM removed WHERE key = ?", key);
      const { value, session = null } = change;
      this.#statements.run("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?)", key, bytesOf(value), created, revision, place, session); // biome-ignore format: one line
    });
    if (real.length === 0) return false;
    this.#statements.run("UPDATE revision SET last = ?", revision);
    this.#forgetSome();
    return true;
  }

  forgetAll(): void {
    this.#statements.run("DELETE FROM removed");
    this.#statements.run("UPDATE revision SET forgotten = last");
  }

  // ---- Sessions ----

  sessions(): readonly SessionRow[] {
    const rows = this.#statements.of("SELECT * FROM session ORDER BY id").all();
    return rows.map((row) => ({ id: String(row["id"]), ttlMs: Number(row["ttl_ms"]), beat: Number(row["beat"]) }));
  }

  hasSession(id: string): boolean {
    return this.#statements.of("SELECT 1 FROM session WHERE id = ?").get(id) !== undefined;
  }

  addSession(id: string, ttlMs: number): void {
    this.#statements.run("INSERT INTO session VALUES (?, ?, 0)", id, ttlMs);
  }

  beat(id: string): void {
    this.#statements.run("UPDATE session SET beat = beat + 1 WHERE id = ?", id);
  }

  /** With its keys. */
  endSession(id: string): void {
    const keys = entriesWhere(this.#statements, ["session = ?", id]).map(({ key }): Change => ({ do: "delete", key }));
    this.apply(keys, this.revision().last + 1);
    this.#statements.run("DELETE FROM session WHERE id = ?", id);
  }

  // ---- Rows ----

  /** Half at once, so that forgetting costs next to nothing for each change. */
  #forgetSome(): void {
    const count = Number(this.#statements.of("SELECT count(*) AS count FROM removed").get()?.["count"] ?? 0);
    if (count <= mostRemoved) return;
    const newest = this.#statements.of("SELECT changed FROM removed ORDER BY changed DESC LIMIT 1 OFFSET ?").get(mostRemoved / 2); // biome-ignore format: one line
    const forgotten = Number(newest?.["changed"] ?? 0);
    this.#statements.run("DELETE FROM removed WHERE changed <= ?", forgotten);
    this.#statements.run("UPDATE revision SET forgotten = max(forgotten, ?)", forgotten);
  }
}

/** Of several that begin it at the same instant, one makes the tables, and the others find them at the next attempt. */
function openTogether(path: string, onAside: (movedTo: string, why: string) => void): DatabaseSync {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return openDatabase(form, path, onAside);
    } catch (reason) {
      if (attempt === 5) throw reason;
    }
  }
}
