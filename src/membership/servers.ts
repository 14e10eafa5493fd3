// SPDX-License-Identifier: Apache-2.0
// The servers of the store as those see them who decide about them. Every method fails with a `Failure`; what is `busy` may
// be asked again.

export interface StoreServers {
  /** The same, put to that one server alone. */
  at(url: string): StoreServers;
  list(options: { readonly isExact: boolean }, signal: AbortSignal): Promise<readonly StoreMember[]>;
  status(url: string, signal: AbortSignal): Promise<StoreServerStatus>;
  add(
    peerUrls: readonly string[],
    options: { readonly isLearner: boolean },
    signal: AbortSignal,
  ): Promise<{ readonly added: StoreMember }>;
  promote(id: string, signal: AbortSignal): Promise<void>;
  remove(id: string, signal: AbortSignal): Promise<void>;
  update(id: string, peerUrls: readonly string[], signal: AbortSignal): Promise<void>;
  moveLeader(leaderUrl: string, to: string, signal: AbortSignal): Promise<void>;
}

export interface StoreMember {
  readonly id: string;
  /** That of its host; empty until it has been started for the first time. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  /** Empty until it has been started for the first time. */
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface StoreServerStatus {
  readonly id: string;
  /** Undefined: it knows of none. */
  readonly leader: string | undefined;
  readonly isLearner: boolean;
  /** How many entries of the log it knows. */
  readonly index: number;
}

/** The server of this host. */
export interface OwnServer {
  readonly state: "stopped" | "starting" | "ready" | "starting again" | "removed";
  /** It has been a member before, and has what it knew then. */
  hasData(): Promise<boolean>;
  /** Until it answers. Fails when it does not. */
  start(first: OwnFirstMembers, signal: AbortSignal): Promise<void>;
  /** In order; its data stays. */
  stop(): Promise<void>;
  /** Only when it was removed; it is stopped then. */
  removeData(): Promise<void>;
}

export interface OwnFirstMembers {
  readonly state: "new" | "existing";
  readonly members: readonly { readonly name: string; readonly serverUrls: readonly string[] }[];
}
