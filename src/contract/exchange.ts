// SPDX-License-Identifier: Apache-2.0
// What hosts tell each other, as resources, functions and the engine see it. Implemented in `exchange/` on the store that
// the hosts share.
//
// What is asked for is answered or refused with a `Failure` within five seconds. What is followed comes at once and then
// whenever it is another; while the store cannot be reached, the last that was known stays in force.

import type { TunnelAddress, TunnelTarget } from "./ssh.ts";

export interface Exchange {
  /** The name of this host among all hosts. */
  readonly hostname: string;
  readonly texts: SharedTexts;
  readonly exports: Exports;
  readonly schedules: Schedules;
  readonly hosts: Hosts;
  readonly doors: StoreDoors;
  readonly idealSize: IdealSize;
}

// ---- Who keeps it ----

/** How many hosts are to keep the store. */
export interface IdealSize {
  get(signal: AbortSignal): Promise<number>;
  /** 0: the store is to end; whoever keeps it last keeps what is in it, too. */
  set(size: number, signal: AbortSignal): Promise<void>;
  follow(signal: AbortSignal): AsyncIterableIterator<number>;
}

// ---- Where it is ----

/** For whoever lets other machines use the store. */
export interface StoreDoors {
  /** Fails with `unsupported` when nobody but this run can use it. */
  now(): StoreDoor;
  /** Tells that it may be another one. The first item means that no change will be missed. */
  changes(signal: AbortSignal): AsyncIterableIterator<void>;
  /**
   * Lets the host of this name into the cluster, once, within some minutes if nothing else is said. Fails with `unsupported` on a
   * host that lets nobody in.
   */
  invite(hostname: string, signal: AbortSignal, validMs?: number): Promise<HostInvitation>;
}

export interface StoreDoor {
  /** As this machine gets there. */
  readonly here: TunnelTarget;
  /** As any machine gets there: URLs without those that mean every machine itself. */
  readonly urls: readonly string[];
  /** Who comes has to prove who he is. */
  readonly isSecure: boolean;
}

export interface HostInvitation {
  readonly token: string;
  /** Where it is shown, as this machine gets there. */
  readonly entrance: TunnelAddress;
}

// ---- Texts ----

/** A place for one text: of all hosts together, or each host's own under the same key. Neither is empty. */
export interface Slot {
  readonly key: string;
  /** Absent: that of all hosts. */
  readonly host?: string;
}

export interface SharedTexts {
  /** Undefined: there is none. */
  get(slot: Slot, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Puts what `next` makes of the text that is there, undefined for none; asked again when another host was faster. The
   * same is no change.
   */
  update(slot: Slot, next: (present: string | undefined) => string | undefined, signal: AbortSignal): Promise<void>;
  /** Tells that the text may have changed. The first item means that no change will be missed. */
  changes(slot: Slot, signal: AbortSignal): AsyncIterableIterator<void>;
  follow(slot: Slot, signal: AbortSignal): AsyncIterableIterator<string | undefined>;
  /** The text of each host that has one under this key, sorted by host. */
  followTable(key: string, signal: AbortSignal): AsyncIterableIterator<ReadonlyMap<string, string>>;
}

// ---- Exported resources ----

/** A resource that some host lets others collect. */
export interface Exported {
  readonly kind: string;
  readonly name: string;
  /** Who exports it. */
  readonly host: string;
  /** Its fields: `storedTextOf` a struct. */
  readonly data: string;
}

/** The name of an export of this host: who may collect it, a host or `*`, and what it is. */
export interface ExportKey {
  readonly to: string;
  readonly kind: string;
  readonly name: string;
}

/** What others can collect of a resource. */
export interface Shown {
  /** Its fields: `storedTextOf` a struct. */
  readonly data: string;
  /** After so many seconds without a word of this host it goes; 0: it stays. */
  readonly expire: number;
}

export interface Exports {
  /**
   * All of a kind that this host may collect, its own too, in an order that is always the same. `names`: those alone, and what
   * happens to others wakes nobody.
   */
  follow(kind: string, signal: AbortSignal, names?: ReadonlySet<string>): AsyncIterableIterator<readonly Exported[]>;
  /**
   * What this host has exported under this name; undefined: nothing. `isHeld`: it does not go while this run lives, which
   * one of a former run might.
   */
  published(key: ExportKey, signal: AbortSignal): Promise<(Shown & { readonly isHeld: boolean }) | undefined>;
  publish(keys: readonly ExportKey[], shown: Shown, signal: AbortSignal): Promise<void>;
  /** Takes back whatever else this host has exported, also in former runs. Returns what that was. */
  keepOnly(isKept: (key: ExportKey) => boolean, signal: AbortSignal): Promise<readonly ExportKey[]>;
  /**
   * Calls when what was refused is worth another attempt, because the store can be reached again; and when something that
   * expires may have gone, because nothing was heard of this host for too long.
   */
  onReachable(listener: () => void): void;
}

// ---- Schedules ----

/** That a host wants to be chosen, and how it thinks that hosts are to be chosen. What is absent, others may say. */
export interface Candidacy {
  /** `rr`: who came first, and stays; `alpha`: by name. */
  readonly strategy?: string;
  /** How many are chosen. */
  readonly max?: number;
  /** It stays for ever, unless it is withdrawn. */
  readonly persist: boolean;
  /** How many seconds it stays after this host has gone in order, too; absent: it then goes at once, else after ten. */
  readonly ttl?: number;
}

export interface Schedules {
  /** Of this host; undefined: it does not want to be chosen. */
  candidacy(namespace: string, signal: AbortSignal): Promise<Candidacy | undefined>;
  /** Makes this host a candidate. */
  enter(namespace: string, candidacy: Candidacy, signal: AbortSignal): Promise<void>;
  withdraw(namespace: string, signal: AbortSignal): Promise<void>;
  /**
   * Tells that the candidacy of this host, or who is chosen, may have changed; the first item means that nothing will be
   * missed. While somebody attends and this host is a candidate, it takes part in choosing.
   */
  attend(namespace: string, signal: AbortSignal): AsyncIterableIterator<void>;
  /** Who is chosen, sorted. */
  follow(namespace: string, signal: AbortSignal): AsyncIterableIterator<readonly string[]>;
}

// ---- Hosts ----

export interface Hosts {
  /** The names of those that are alive, sorted. This one is, as long as anybody follows. */
  follow(signal: AbortSignal): AsyncIterableIterator<readonly string[]>;
  /** Whether this host has converged; undefined when it is not alive. */
  followConverged(host: string, signal: AbortSignal): AsyncIterableIterator<boolean | undefined>;
}
