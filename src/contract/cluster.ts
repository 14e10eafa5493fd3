// SPDX-License-Identifier: Apache-2.0
// The store that the hosts of a cluster share, as everything above it sees it: texts by their keys, changed by
// transactions. `cluster/embedded` is that of a single host, `cluster/memory` its twin for any number of simulated ones;
// one contract suite holds them to the same behaviour. What the texts mean is known in `exchange/` alone.
//
// Every method fails with a `Failure` and stops promptly when its signal aborts. `unreachable` means that nobody answers:
// what was asked for may have been done or not. Nothing here tries again by itself.

export interface Cluster {
  /** Whether other hosts can be here. */
  readonly isShared: boolean;
  /** What there is, all of one instant. */
  read(range: KeyRange, signal: AbortSignal): Promise<Snapshot>;
  /** All changes at once if every condition holds at that instant, else none. */
  commit(transaction: Transaction, signal: AbortSignal): Promise<Committed>;
  /**
   * What changes in the range after a revision; absent: from now on. The first item comes at once, without changes when
   * there are none, and means that nothing will be missed. Ends with its signal, or after `compacted`; fails when the
   * store is lost, and can then be begun anew after the last revision that it has told.
   */
  watch(range: KeyRange, after: Revision | undefined, signal: AbortSignal): AsyncIterableIterator<WatchItem>;
  /** `ttlMs`: how long its keys stay when nothing is heard of us any more. */
  openSession(ttlMs: number, signal: AbortSignal): Promise<Session>;
  /** Lets go of everything: sessions that are open are left. Nothing may be asked afterwards. */
  close(): Promise<void>;
}

/** Grows with every transaction that changes something. 0: there never was one. */
export type Revision = number;

/** A key is printable ASCII without spaces, `[!-~]+`; its order is that of its bytes. */
export type KeyRange = { readonly key: string } | { readonly prefix: string };

export interface Entry {
  readonly key: string;
  /** Any str. */
  readonly value: string;
  /** When it was put last. */
  readonly changed: Revision;
  /** Since when it has been there without a break. */
  readonly created: Revision;
  /** The session with which it goes; absent: it stays until it is deleted. */
  readonly session?: string;
}

export interface Snapshot {
  readonly revision: Revision;
  /** Sorted by key. */
  readonly entries: readonly Entry[];
}

// ---- Transactions ----

export interface Transaction {
  readonly conditions: readonly Condition[];
  /** Of any key one at the most. Within `transactionLimits`, or it fails with `too-large`. */
  readonly changes: readonly Change[];
}

/** The key was put last at that revision; 0: it is not there. */
export interface Condition {
  readonly key: string;
  readonly changed: Revision;
}

export type Change =
  /** A change also when the value is that which is there. With a session that is over: fails with `not-found`. */
  | { readonly do: "put"; readonly key: string; readonly value: string; readonly session?: string }
  /** No change when it is not there. */
  | { readonly do: "delete"; readonly key: string };

export interface Committed {
  /** Whether the conditions held, so that the changes were made. */
  readonly held: boolean;
  /** That of the changes, or of the instant at which they were refused. */
  readonly revision: Revision;
}

/** What every store can take in one transaction: changes, and bytes of all keys and values together. */
export const transactionLimits = { changes: 128, bytes: 1024 * 1024 } as const;

// ---- Watching ----

export type WatchItem =
  /**
   * What happened up to this revision since the item before, in order; what one transaction changed always comes in one
   * item, but a key that was changed several times may come only as it was in the end, and one that came and went not at all.
   */
  | { readonly kind: "changes"; readonly revision: Revision; readonly changes: readonly KeyChange[] }
  /** The store has forgotten what came after the revision that was asked for: read everything again. The last item. */
  | { readonly kind: "compacted" };

export interface KeyChange {
  readonly key: string;
  /** Undefined: it is gone. */
  readonly entry: Entry | undefined;
}

// ---- Sessions ----

/** Proof of life: keys that are put with it go when it is over. Kept alive by itself until one of these. */
export interface Session {
  readonly id: string;
  /** Aborts when it is over: ended, or nothing was heard of us for its whole time. Its keys are gone then, or soon. */
  readonly over: AbortSignal;
  /** Its keys go at once. */
  end(signal: AbortSignal): Promise<void>;
  /** Not kept alive any more: its keys go after its time. */
  leave(): void;
}
