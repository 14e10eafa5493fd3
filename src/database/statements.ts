// SPDX-License-Identifier: Apache-2.0
// A database with its statements, each of which is prepared once.

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

export class Statements {
  readonly database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  of(text: string): StatementSync {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const made = this.database.prepare(text);
    this.#prepared.set(text, made);
    return made;
  }

  run(text: string, ...values: readonly SQLInputValue[]): void {
    this.of(text).run(...values);
  }

  /** All that `work` writes, or nothing. `begin` says when it is locked. */
  within<Result>(begin: "BEGIN" | "BEGIN IMMEDIATE", work: () => Result): Result {
    this.database.exec(begin);
    try {
      const result = work();
      this.database.exec("COMMIT");
      return result;
    } catch (reason) {
      if (this.database.isTransaction) this.database.exec("ROLLBACK");
      throw reason;
    }
  }
}
