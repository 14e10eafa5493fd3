// SPDX-License-Identifier: Apache-2.0
// A table in a SQLite file. The file is made by the first write: whoever only looks leaves nothing behind.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { invariant } from "../../base/invariant.ts";
import type { Entry, KeyChange, KeyRange, Revision } from "../../contract/cluster.ts";
import { type DatabaseForm, openDatabase, openForReading } from "../../database/database.ts";
import { Statements } from "../../database/statements.ts";
import { bytesOf } from "../../values/bytes.ts";
import { entriesWhere, inRange, type Where } from "../entry-rows.ts";
import type { KeptSession, Table } from "../table.ts";

const form: DatabaseForm = {
  what: "a store of mgmt",
  applicationId: 0x6d676d63, // `mgmc`
  version: 1,
  survivesPowerCuts: true,
  schema: `
    CREATE TABLE entry (
      key TEXT PRIMARY KEY,
      value BLOB NOT NULL,
      created INTEGER NOT NULL,
      changed INTEGER NOT NULL,
      session TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX entry_of_session ON entry (session) WHERE session IS NOT NULL;
    CREATE TABLE session (id TEXT PRIMARY KEY, ttl_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE revision (last INTEGER NOT NULL) STRICT;
    INSERT INTO revision VALUES (0);
  `,
};

export interface SqliteTableOptions {
  readonly path: string;
  /** Then writes are bugs, and sessions are the business of whoever writes. */
  readonly readOnly: boolean;
  /** A file that cannot be used was put aside. */
  readonly onAside: (movedTo: string, why: string) => void;
}

export class SqliteTable implements Table {
  readonly leftSessions: readonly KeptSession[];
  revision: Revision = 0;
  readonly #options: SqliteTableOptions;
  #open: OpenFile | undefined;

  constructor(options: SqliteTableOptions) {
    this.#options = options;
    const { path, readOnly, onAside } = options;
    const found = openForReading(form, path);
    if (found === undefined) {
      this.leftSessions = [];
      return;
    }
    if (readOnly) {
      this.#open = new OpenFile(found);
    } else {
      found.close();
      this.#open = new OpenFile(openDatabase(form, path, onAside));
    }
    this.revision = this.#open.revision();
    this.leftSessions = readOnly ? [] : this.#open.sessions();
  }

  get(key: string): Entry | undefined {
    return this.range({ key })[0];
  }

  range(range: KeyRange): readonly Entry[] {
    return this.#open?.entries(inRange(range)) ?? [];
  }

  keysOfSession(session: string): readonly string[] {
    return this.#open?.entries(["session = ?", session]).map(({ key }) => key) ?? [];
  }

  together<Result>(work: () => Result): Result {
    const { statements } = this.#file();
    const { revision } = this;
    try {
      return statements.within("BEGIN IMMEDIATE", work);
    } catch (reason) {
      this.revision = revision;
      throw reason;
    }
  }

  write(revision: Revision, changes: readonly KeyChange[]): void {
    this.revision = revision;
    this.#file().write(revision, changes);
  }

  addSession({ id, ttlMs }: KeptSession): void {
    this.#file().statements.run("INSERT INTO session VALUES (?, ?)", id, ttlMs);
  }

  removeSession(id: string): void {
    this.#file().statements.run("DELETE FROM session WHERE id = ?", id);
  }

  close(): void {
    this.#open?.statements.database.close();
    this.#open = undefined;
  }

  #file(): OpenFile {
    const { path, readOnly, onAside } = this.#options;
    invariant(!readOnly, "who may only look at the store does not write");
    if (this.#open === undefined) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.#open = new OpenFile(openDatabase(form, path, onAside));
    }
    return this.#open;
  }
}

class OpenFile {
  readonly statements: Statements;

  constructor(database: DatabaseSync) {
    this.statements = new Statements(database);
  }

  revision(): Revision {
    return Number(this.statements.of("SELECT last FROM revision").get()?.["last"] ?? 0);
  }

  sessions(): readonly KeptSession[] {
    const rows = this.statements.of("SELECT id, ttl_ms FROM session ORDER BY id").all();
    return rows.map((row) => ({ id: String(row["id"]), ttlMs: Number(row["ttl_ms"]) }));
  }

  entries(where: Where): readonly Entry[] {
    return entriesWhere(this.statements, where);
  }

  write(revision: Revision, changes: readonly KeyChange[]): void {
    const { statements } = this;
    statements.run("UPDATE revision SET last = ?", revision);
    for (const { key, entry } of changes) {
      if (entry === undefined) {
        statements.run("DELETE FROM entry WHERE key = ?", key);
        continue;
      }
      const { value, created, changed, session = null } = entry;
      statements.run(
        "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)",
        key,
        bytesOf(value),
        created,
        changed,
        session,
      );
    }
  }
}
