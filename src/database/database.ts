// SPDX-License-Identifier: Apache-2.0
// A SQLite file of ours: how it is opened, and what to do with one that is not ours, damaged, or of another version. None
// of them is worth a run: such a file is moved aside and a new one begun. Knows no table.

import { closeSync, existsSync, openSync, renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

/** What one sort of file has in it. */
export interface DatabaseForm {
  /** For people: "a journal of mgmt". */
  readonly what: string;
  /** Four letters in ASCII, so that `file` and we can tell what it is. */
  readonly applicationId: number;
  readonly version: number;
  /** Statements that make the tables. */
  readonly schema: string;
  /** Absent: a power cut loses the last of what was written, a kill nothing. */
  readonly survivesPowerCuts?: boolean;
}

/** `onAside` is told where a file has gone that cannot be used, and why. Throws when the disk refuses. */
export function openDatabase(
  form: DatabaseForm,
  path: string,
  onAside: (movedTo: string, why: string) => void,
): DatabaseSync {
  try {
    return openOurs(form, path);
  } catch (reason) {
    const why = reason instanceof NotOurs ? reason.message : isDamage(reason) ? "it is damaged" : undefined;
    if (why === undefined) throw reason;
    onAside(moveAside(path), why);
    return openOurs(form, path);
  }
}

/** For reading only; undefined when there is none, or none of ours. Throws when the disk refuses. */
export function openForReading(form: DatabaseForm, path: string): DatabaseSync | undefined {
  if (!existsSync(path)) return undefined;
  const database = new DatabaseSync(urlForReading(path), { readOnly: true, timeout: 2000 });
  try {
    const [id, found] = [numberOf(database, "application_id"), numberOf(database, "user_version")];
    if (id === form.applicationId && found === form.version) return database;
  } catch (reason) {
    database.close();
    if (isDamage(reason)) return undefined;
    throw reason;
  }
  database.close();
  return undefined;
}

/** Where its writer has closed it, it is read as it is, so that reading leaves no files beside it. */
function urlForReading(path: string): URL {
  const url = pathToFileURL(path);
  if (!existsSync(`${path}-wal`)) url.searchParams.set("immutable", "1");
  return url;
}

/** Whether a write or a read found that the file is not what it should be. */
export function isDamage(reason: unknown): boolean {
  const code = errorNumber(reason);
  return code === 11 || code === 26; // SQLITE_CORRUPT, SQLITE_NOTADB
}

/** Whether another process holds the file just now. */
export function isBusy(reason: unknown): boolean {
  const code = errorNumber(reason);
  return code === 5 || code === 6; // SQLITE_BUSY, SQLITE_LOCKED
}

export function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0);
}

/** Under a name that is free. Returns it. */
export function moveAside(path: string): string {
  let target = `${path}.aside`;
  for (let count = 2; existsSync(target); count += 1) target = `${path}.aside-${count}`;
  renameSync(path, target);
  for (const part of ["-wal", "-shm"]) if (existsSync(path + part)) renameSync(path + part, target + part);
  return target;
}

class NotOurs extends Error {}

function openOurs(form: DatabaseForm, path: string): DatabaseSync {
  closeSync(openSync(path, "a", 0o600)); // Only its owner may read it; the files beside it inherit that.
  const database = new DatabaseSync(path, { timeout: 2000 });
  try {
    prepare(form, database);
    return database;
  } catch (reason) {
    database.close();
    throw reason;
  }
}

function prepare(form: DatabaseForm, database: DatabaseSync): void {
  database.exec("BEGIN"); // Another process may be making the tables: all of this is of one instant.
  const [id, found] = [numberOf(database, "application_id"), numberOf(database, "user_version")];
  const tables = Number(database.prepare("SELECT count(*) AS count FROM sqlite_master").get()?.["count"] ?? 0);
  database.exec("COMMIT");
  const isEmpty = id === 0 && found === 0 && tables === 0;
  if (!isEmpty && id !== form.applicationId) throw new NotOurs(`it is not ${form.what}`);
  if (!isEmpty && found !== form.version) throw new NotOurs("another version of mgmt has written it");
  const marks = `PRAGMA application_id = ${form.applicationId}; PRAGMA user_version = ${form.version};`;
  if (isEmpty) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
  // A write is one append that is not waited for, so a kill loses nothing that was written; a power cut the last of it.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304");
  if (form.survivesPowerCuts === true) database.exec("PRAGMA synchronous = FULL"); // Each write is waited for.
  // From here on nothing waits for another process: what cannot be written now is written later.
  if (isEmpty) database.exec(`BEGIN IMMEDIATE; ${form.schema} ${marks} COMMIT`);
  database.exec("PRAGMA busy_timeout = 0");
}

function errorNumber(reason: unknown): number | undefined {
  if (!(reason instanceof Error) || !("errcode" in reason)) return undefined;
  return typeof reason.errcode === "number" ? reason.errcode & 0xff : undefined;
}
