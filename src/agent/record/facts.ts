// SPDX-License-Identifier: Apache-2.0
// What can be said of a run and of its resources to those who ask: facts as plain data, from a running agent or from
// what it has left in its journal. The sentences are made of them elsewhere.

import type { Removal } from "../removal.ts";
import type { AskedCounts } from "./asked.ts";
import type { KeptFailure, KeptStep, Written } from "../../journal/entry.ts";

export interface Status {
  readonly isRunning: boolean;
  /** When this was said. */
  readonly nowMs: number;
  readonly program: string;
  readonly hostname: string;
  readonly processId: number;
  readonly noop: boolean;
  readonly startedMs: number;
  /** When the text of the program that runs was taken up, and its hash. */
  readonly programMs?: number;
  readonly hash?: string;
  /** Of a run that is over. Absent: it ended without a word, last seen at `lastMs`. */
  readonly ending?: string;
  readonly lastMs: number;
  /** Nothing has work; only while it runs. */
  readonly isConverged?: boolean;
  /** The store that hosts share; only while it runs, and not that of a single host. */
  readonly store?: StoreFacts;
  /** How many resources are in which state. */
  readonly states: Readonly<Record<string, number>>;
  /** Not more than `mostListed` of each. */
  readonly failed: readonly FailedResource[];
  readonly blocked: readonly BlockedResource[];
  readonly lastChange?: Written;
  /** How many have asked its servers something; only while it runs. */
  readonly asked?: AskedCounts;
  /** The journal could not keep so much. */
  readonly lost?: number;
}

export interface StoreFacts {
  readonly place: string;
  /** Since when it cannot be reached; absent: it can, as far as is known. */
  readonly lostMs?: number;
  /** What is in force of it is from an earlier run, and was so at this time. */
  readonly rememberedFromMs?: number;
  /** This host was removed from the cluster. */
  readonly removed?: Removal;
}

export interface FailedResource {
  readonly resource: string;
  readonly at?: string;
  readonly failure: KeptFailure;
  /** Absent: not before something happens. */
  readonly retryAtMs?: number;
}

export interface BlockedResource {
  readonly resource: string;
  readonly by: string;
}

/** Why a resource is as it is. */
export interface Why {
  readonly resource: string;
  readonly isRunning: boolean;
  readonly nowMs: number;
  /** The state of its worker, or the last known one; `unknown` when nothing was ever heard of it. */
  readonly state: string;
  readonly isDeclared: boolean;
  /** Where it is declared, or was. */
  readonly at?: string;
  /** The group which it runs in. */
  readonly group?: string;
  readonly noop?: boolean;
  /** What it would do if it were let. */
  readonly wouldApply?: readonly KeptStep[];
  readonly sinceMs?: number;
  readonly observedMs?: number;
  readonly failure?: KeptFailure;
  readonly retryAtMs?: number;
  readonly blockedBy?: string;
  /** What it waits for: resources before it that are not as declared yet. */
  readonly waitsFor?: readonly { readonly resource: string; readonly state: string }[];
  /** Of what it is blocked by. */
  readonly blocker?: FailedResource;
  /** What was kept of it, oldest first; not more than `mostEntries`. */
  readonly entries: readonly Written[];
  /** What set off its last step, and what set that off: each the last step of the resource before it. */
  readonly chain: readonly Written[];
  /** Resources with a name like this, when this one is not known. */
  readonly alike?: readonly string[];
}

export const mostListed = 100;
export const mostEntries = 50;
