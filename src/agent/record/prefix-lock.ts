// SPDX-License-Identifier: Apache-2.0
// One agent for each state directory, and one at a time for whatever else must be alone. The lock is one of the kernel's,
// taken through SQLite, so it ends with the process however that ends; a file that merely says who is there would have to be
// cleared away after a kill.

import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isBusy } from "../../database/database.ts";

/** Undefined when another process holds it. The directory must be there. Throws when the disk refuses. */
export function lockPrefix(prefix: string): Lock | undefined {
  return lockFile(`${prefix}/agent.lock`);
}

export interface Lock {
  readonly release: () => void;
}

/** The same with any file, which is made when it is not there. */
export function lockFile(path: string): Lock | undefined {
  closeSync(openSync(path, "a", 0o600)); // Whoever can read it could hold it.
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE");
  } catch (reason) {
    database.close();
    if (isBusy(reason)) return undefined;
    throw reason;
  }
  return { release: () => database.close() };
}
