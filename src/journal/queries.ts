// SPDX-License-Identifier: Apache-2.0
// Questions to the file of the journal; the same for whoever writes it and for whoever reads what a dead agent has left.

import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Entry, LastState, Written } from "./entry.ts";

export interface EntryFilter {
  readonly resource?: string | undefined;
  readonly types?: readonly Entry["type"][];
  readonly exceptType?: Entry["type"];
  readonly sinceMs?: number | undefined;
  /** Only those after this one. */
  readonly afterId?: number;
  /** Only those up to this one. */
  readonly toId?: number;
  readonly limit: number;
}

/** The newest that fit, oldest first. */
export function entriesOf(database: DatabaseSync, filter: EntryFilter): readonly Written[] {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const where = (condition: string, value: SQLInputValue): void => {
    conditions.push(condition);
    values.push(value);
  };
  if (filter.resource !== undefined) where("resource = ?", filter.resource);
  if (filter.sinceMs !== undefined) where("time_ms >= ?", filter.sinceMs);
  if (filter.afterId !== undefined) where("id > ?", filter.afterId);
  if (filter.toId !== undefined) where("id <= ?", filter.toId);
  if (filter.exceptType !== undefined) where("type <> ?", filter.exceptType);
  if (filter.types !== undefined) {
    conditions.push(`type IN (${filter.types.map(() => "?").join(", ")})`);
    values.push(...filter.types);
  }
  const condition = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const sql = `SELECT id, time_ms, type, resource, body FROM entry ${condition} ORDER BY id DESC LIMIT ?`;
  const rows = database.prepare(sql).all(...values, filter.limit);
  return rows.map(writtenOf).reverse();
}

export function lastStateOf(database: DatabaseSync, resource: string): LastState | undefined {
  const row = database.prepare("SELECT * FROM resource WHERE resource = ?").get(resource);
  return row === undefined ? undefined : stateOf(row);
}

/** Of all resources that were ever in a program, sorted. */
export function lastStates(database: DatabaseSync): readonly LastState[] {
  return database.prepare("SELECT * FROM resource ORDER BY resource").all().map(stateOf);
}

type Row = Readonly<Record<string, unknown>>;

/** What stands in the rows was written from the same types. */
function writtenOf({ id, time_ms: timeMs, type, resource, body }: Row): Written {
  const named = resource === null ? {} : { resource };
  return { id, timeMs, type, ...named, ...JSON.parse(String(body)) } as Written;
}

function stateOf({ resource, state, time_ms: timeMs, body }: Row): LastState {
  return { resource, state, timeMs, ...JSON.parse(String(body)) } as LastState;
}
