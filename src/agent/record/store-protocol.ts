// SPDX-License-Identifier: Apache-2.0
// What goes over the control socket about the store that a run has for itself. A request is taken apart field by field: only what
// every store takes comes out of it.

import type { Change, Condition, Entry, KeyRange, Revision, Transaction } from "../../contract/cluster.ts";
import type { FailureCode, Retry } from "../../contract/failure.ts";

export type StoreRequest =
  /** Answered by its entries, then by the revision. */
  | { readonly ask: "read"; readonly range: KeyRange }
  | { readonly ask: "commit"; readonly transaction: Transaction }
  /** Answered until it ends: the changes of an item of the watch, then its revision. */
  | { readonly ask: "watch"; readonly range: KeyRange; readonly after?: Revision }
  /** Kept alive by its connection, which ends when the session is over. */
  | { readonly ask: "session"; readonly ttlMs: number }
  /** From now on nobody keeps it alive, or it is over at once. */
  | { readonly ask: "leave session" | "end session"; readonly session: string };

export type StoreAnswer =
  | { readonly answer: "entry"; readonly entry: Entry }
  | { readonly answer: "change"; readonly key: string; readonly entry?: Entry }
  | { readonly answer: "revision"; readonly revision: Revision }
  | { readonly answer: "compacted" }
  | { readonly answer: "committed"; readonly held: boolean; readonly revision: Revision }
  | { readonly answer: "session"; readonly session: string }
  /** The store does not do it; nothing more comes but the end. */
  | {
      readonly answer: "failed";
      readonly message: string;
      readonly code: FailureCode;
      readonly hint?: string;
      readonly retry: Retry;
    };

const longestSessionMs = 24 * 3600 * 1000;

/** Undefined: it is none, or asks for what no store does. */
export function parseStoreRequest(read: object): StoreRequest | undefined {
  const asked = read as { readonly [name: string]: unknown };
  const { ask, session, ttlMs, after } = asked;
  switch (ask) {
    case "read":
    case "watch": {
      const range = rangeIn(asked["range"]);
      if (range === undefined || (after !== undefined && !isRevision(after))) return undefined;
      return ask === "read" ? { ask, range } : { ask, range, ...(after === undefined ? {} : { after }) };
    }
    case "commit": {
      const transaction = transactionIn(asked["transaction"]);
      return transaction && { ask, transaction };
    }
    case "session":
      return isRevision(ttlMs) && ttlMs > 0 && ttlMs <= longestSessionMs ? { ask, ttlMs } : undefined;
    case "leave session":
    case "end session":
      return typeof session === "string" ? { ask, session } : undefined;
    default:
      return undefined;
  }
}

function transactionIn(value: unknown): Transaction | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { conditions, changes } = value as { readonly [name: string]: unknown };
  if (!Array.isArray(conditions) || !Array.isArray(changes)) return undefined;
  const transaction = { conditions: conditions.flatMap(conditionIn), changes: changes.flatMap(changeIn) };
  const isWhole = transaction.conditions.length === conditions.length && transaction.changes.length === changes.length;
  const keys = new Set(transaction.changes.map(({ key }) => key));
  return isWhole && keys.size === changes.length ? transaction : undefined;
}

function conditionIn(value: unknown): readonly Condition[] {
  if (typeof value !== "object" || value === null) return [];
  const { key, changed } = value as { readonly [name: string]: unknown };
  return isKey(key) && isRevision(changed) ? [{ key, changed }] : [];
}

function changeIn(value: unknown): readonly Change[] {
  if (typeof value !== "object" || value === null) return [];
  const { do: task, key, value: text, session } = value as { readonly [name: string]: unknown };
  if (!isKey(key)) return [];
  if (task === "delete") return [{ do: "delete", key }];
  if (task !== "put" || typeof text !== "string") return [];
  if (session === undefined) return [{ do: "put", key, value: text }];
  return typeof session === "string" ? [{ do: "put", key, value: text, session }] : [];
}

function rangeIn(value: unknown): KeyRange | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { key, prefix } = value as { readonly [name: string]: unknown };
  if (isKey(key)) return { key };
  return typeof prefix === "string" && /^[!-~]*$/.test(prefix) ? { prefix } : undefined;
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && /^[!-~]+$/.test(value);
}

function isRevision(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
