// SPDX-License-Identifier: Apache-2.0
// What clients of a store did and were told while it was harmed, as texts in order of time. Knows no store and no fault.

import type { Committed, KeyRange, Snapshot, Transaction, WatchItem } from "../../src/contract/cluster.ts";
import type { FailureCode } from "../../src/contract/failure.ts";

export interface History {
  /** Of all clients, by time; what one client did is in the order in which it did it. */
  readonly events: readonly Recorded[];
  /** All that is in the store when everything has healed and nobody asks for anything any more. */
  readonly end: Snapshot;
  /** Who is left then, and has to know all of it. */
  readonly living: readonly string[];
  /** How many hosts of each schedule may be chosen, whoever says it. */
  readonly most: Readonly<Record<string, number>>;
}

/** Who and when, on a clock that all clients share. */
export type Recorded = Told & { readonly client: string; readonly atMs: number };

export type Told =
  // ---- Calls: asked, then answered, or never ----
  | { readonly what: "reads"; readonly call: string; readonly range: KeyRange }
  | { readonly what: "commits"; readonly call: string; readonly transaction: Transaction }
  | { readonly what: "read"; readonly call: string; readonly snapshot: Snapshot }
  | { readonly what: "committed"; readonly call: string; readonly committed: Committed }
  /** `unknown`: by no failure. Whether it was done is certain for some codes alone; see `isCertain`. */
  | { readonly what: "refused"; readonly call: string; readonly code: FailureCode | "unknown" }
  // ---- Watches ----
  | { readonly what: "watches"; readonly watch: string; readonly range: KeyRange; readonly after?: number }
  | { readonly what: "told"; readonly watch: string; readonly item: WatchItem }
  | { readonly what: "watch-ended"; readonly watch: string }
  // ---- Sessions ----
  | { readonly what: "session"; readonly session: string; readonly ttlMs: number; readonly askedMs: number }
  | { readonly what: "session-ends"; readonly session: string }
  | { readonly what: "session-over"; readonly session: string }
  // ---- Schedules ----
  | { readonly what: "chosen"; readonly namespace: string; readonly isChosen: boolean }
  | { readonly what: "withdraws"; readonly namespace: string }
  // ---- Life ----
  /** It has done nothing from then until now: it was stopped, or others had the processor. */
  | { readonly what: "asleep"; readonly fromMs: number }
  | { readonly what: "killed" }
  /** Somebody asks the store to forget what has happened so far. */
  | { readonly what: "compacts" }
  | { readonly what: "at-rest"; readonly view: View };

/** What a client knows in the end. */
export interface View {
  /** By its own read. */
  readonly snapshot: Snapshot;
  /** By following: who is chosen in each schedule, and a text of each client. */
  readonly chosen: Readonly<Record<string, readonly string[]>>;
  readonly table: Readonly<Record<string, string>>;
}

/** Whoever changes something leaves the name of the call, so that the end tells which calls were done, and when. */
export const callsPrefix = "/calls/";

/** What was refused so was certainly not done. */
export function isCertain(code: FailureCode | "unknown"): boolean {
  return code === "not-found" || code === "too-large" || code === "read-only" || code === "invalid";
}

export interface Violation {
  readonly property: Property;
  readonly text: string;
}

export type Property =
  /** What was acknowledged is there, what was refused is not, and nothing comes from nowhere. */
  | "acknowledged"
  /** Nobody sees an older state than somebody has seen before. */
  | "real time"
  /** All conditions and all reads are those of one order of transactions. */
  | "one order"
  /** A watch tells everything behind its start, once and in order. */
  | "watch"
  /** Keys of a session go together, not before its owner knows that it is over, and then soon. */
  | "session"
  /** Never are more hosts chosen than may be. */
  | "schedule"
  /** In the end all know the same. */
  | "convergence";
