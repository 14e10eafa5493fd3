// SPDX-License-Identifier: Apache-2.0
// What is known when it is decided who keeps the store, and what may be decided. All times are ages, so a decision needs
// no clock. Knows no store: a *member* is in its configuration, a *voter* is a member that counts for the quorum, a
// *learner* one that does not count yet.

export interface World {
  /** How many voters are wanted; 0: the store is to end. May change at any time. */
  readonly ideal: number;
  /** The leader among the voters, who decides and carries out. */
  readonly decider: string;
  readonly members: readonly Member[];
  /** Hosts that are alive and would keep the store; members too, as long as they are. */
  readonly volunteers: readonly Volunteer[];
  /** Who has been told to keep the store. A host is told before it becomes a member, and before it ceases to be one. */
  readonly nominated: ReadonlySet<string>;
  /** Of hosts that were made learners and did not become voters. */
  readonly setbacks: ReadonlyMap<string, Setback>;
}

export interface Member {
  readonly host: string;
  readonly role: "voter" | "learner";
  /** How long the decider has heard nothing of it, but not longer than it has been deciding; 0: it answers. */
  readonly silentMs: number;
  /** The decider has heard of it since it has been deciding. Until then nothing relies on it. */
  readonly wasHeard: boolean;
  /** How long it has been a member in this role. */
  readonly sinceMs: number;
  /** Of a learner: it has what the leader has. */
  readonly isCaughtUp: boolean;
  /** Its host wants to go. */
  readonly wantsToLeave: boolean;
}

export interface Volunteer {
  readonly host: string;
  /** How long it has been alive without a break. */
  readonly aliveMs: number;
  /** Hosts of one zone may fail together: a rack, a site. Absent: none is known. */
  readonly zone?: string;
}

export interface Setback {
  readonly count: number;
  readonly agoMs: number;
}

/** One step. Whoever carries it out changes the nomination first and then the configuration of the store. */
export type Change = (
  | { readonly do: "add-learner"; readonly host: string }
  | { readonly do: "promote"; readonly host: string }
  /** `isSetback`: it did not become what it should, so that it is not tried again at once. */
  | { readonly do: "remove"; readonly host: string; readonly isSetback: boolean }
  /** Leadership goes to that voter, which decides from then on. */
  | { readonly do: "hand-over"; readonly host: string }
  /** None are wanted, and this one is the last, which decides: it ends its server, and keeps what that knows. */
  | { readonly do: "shut-down"; readonly host: string }
  /** Only the nomination is put right; something was broken off before. */
  | { readonly do: "nominate"; readonly host: string }
  | { readonly do: "forget-nomination"; readonly host: string }
) & {
  /** For people: a phrase. */
  readonly because: string;
};

export interface Limits {
  /** A voter that was silent for so long is replaced. */
  readonly replaceAfterMs: number;
  /** A host counts as a volunteer when it has been alive for so long. */
  readonly steadyMs: number;
  /** Whoever was silent for longer is not relied upon. */
  readonly heardWithinMs: number;
  /** How long a learner may take to catch up. */
  readonly learnerMs: number;
  /** The pause after a setback; doubled by each, up to `longestPauseMs`. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

export const usualLimits: Limits = {
  replaceAfterMs: 60_000,
  steadyMs: 10_000,
  heardWithinMs: 5_000,
  learnerMs: 180_000,
  pauseMs: 30_000,
  longestPauseMs: 600_000,
};

export interface Decision {
  /** Absent: nothing is to be done now. */
  readonly change?: Change;
  /** Time alone may lead to another decision after so long. Absent: only another world can. */
  readonly lookAgainMs?: number;
}
