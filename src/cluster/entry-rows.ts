// SPDX-License-Identifier: Apache-2.0
// The table `entry` of the stores that are files of SQLite: its rows as entries, and ranges as conditions.

import type { SQLInputValue } from "node:sqlite";
import type { Entry, KeyRange } from "../contract/cluster.ts";
import type { Statements } from "../database/statements.ts";
import { textOf } from "../values/bytes.ts";

/** A condition, and its values. */
export type Where = readonly [where: string, ...values: SQLInputValue[]];

export function inRange(range: KeyRange): Where {
  if ("key" in range) return ["key = ?", range.key];
  return ["key >= ? AND key < ?", range.prefix, `${range.prefix}\u007f`];
}

/** In the order of their keys. */
export function entriesWhere(statements: Statements, [where, ...values]: Where): readonly Entry[] {
  return statements
    .of(`SELECT * FROM entry WHERE ${where} ORDER BY key`)
    .all(...values)
    .map(entryOf);
}

export function entryOf(row: Readonly<Record<string, unknown>>): Entry {
  const { session } = row;
  return {
    key: String(row["key"]),
    value: textOf(row["value"] as Uint8Array),
    created: Number(row["created"]),
    changed: Number(row["changed"]),
    ...(typeof session === "string" ? { session } : {}),
  };
}
