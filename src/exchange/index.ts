// SPDX-License-Identifier: Apache-2.0
// What hosts tell each other, on any store. Knows no kind, no function and no program.

import type { Exchange, StoreDoors } from "../contract/exchange.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { type Contents, contentsOf } from "./contents.ts";
import { type Deploys, deploysOf } from "./deploys.ts";
import { noDoors } from "./doors.ts";
import { seal } from "./envelope.ts";
import { exportsOf } from "./exports.ts";
import { LivingHosts } from "./hosts.ts";
import { idealSizeOf } from "./ideal-size.ts";
import { leavingKey, revocationsKey } from "./keys.ts";
import { Mirrors } from "./mirrors.ts";
import { type Proposals, proposalsOf } from "./proposals.ts";
import { type Rollouts, rolloutsOf } from "./rollouts.ts";
import type { Remembered } from "./remembered.ts";
import { StoredSchedules } from "./schedules.ts";
import { Sessions } from "./sessions.ts";
import { sharedTexts } from "./texts.ts";

export interface ExchangeOptions extends ConnectionOptions {
  /** The name of this host; no other host may have it. */
  readonly hostname: string;
  /** What earlier runs of this host have known of the store. */
  readonly remembered?: Remembered;
  /** How other machines get to the store; absent: not at all. */
  readonly doors?: StoreDoors;
}

/** What can be said of the store. */
export interface StoreState {
  readonly isShared: boolean;
  /** Since when it cannot be reached, by `Clock.now`; absent: it can, as far as is known. */
  readonly lostMs?: number;
  /** What is in force of it is from an earlier run of this host, and was so at this time. */
  readonly rememberedFromMs?: number;
}

export interface OwnExchange extends Exchange {
  readonly deploys: Deploys;
  readonly rollouts: Rollouts;
  readonly proposals: Proposals;
  /** What is kept in the store. */
  readonly contents: Contents;
  /** A host has gone for good. `revocations`: what is told of its certificates with it. */
  removeHost(host: string, revocations: string | undefined, signal: AbortSignal): Promise<void>;
  /** Who is alive, for somebody who is no host. */
  living(signal: AbortSignal): AsyncIterableIterator<readonly string[]>;
  readonly state: StoreState;
  /** Lets others know that this host is alive, from now on until `close`. */
  announce(): void;
  /** What is told to others of this host. */
  setConverged(isConverged: boolean): void;
  /** Whether all hosts that are alive have converged, this one too. */
  followConvergence(signal: AbortSignal): AsyncIterableIterator<boolean>;
  /** Takes leave: what is to go with this host goes. The store itself stays open. */
  close(): Promise<void>;
}

/** How long a stop waits for a store that does not answer. */
const leaveMs = 1000;

export function createExchange({ hostname, remembered, doors = noDoors, ...options }: ExchangeOptions): OwnExchange {
  const connection = new Connection(options);
  const mirrors = new Mirrors(connection, remembered);
  const sessions = new Sessions(connection);
  const hosts = new LivingHosts(hostname, connection, mirrors, sessions);
  const deploys = deploysOf(connection, mirrors);
  return {
    hostname,
    texts: sharedTexts(connection, mirrors),
    exports: exportsOf(hostname, connection, mirrors, sessions),
    schedules: new StoredSchedules(hostname, connection, mirrors, sessions),
    hosts,
    doors,
    deploys,
    rollouts: rolloutsOf(hostname, deploys, { connection, mirrors, sessions }),
    proposals: proposalsOf(hostname, { connection, mirrors, sessions }),
    idealSize: idealSizeOf(connection, mirrors),
    contents: contentsOf(connection, mirrors),
    async removeHost(host, revocations, signal) {
      const leaving = { do: "put", key: leavingKey(host), value: seal({}) } as const;
      const put = { do: "put", key: revocationsKey, value: revocations ?? "" } as const;
      await connection.commit(
        { conditions: [], changes: revocations === undefined ? [leaving] : [leaving, put] },
        signal,
      );
    },
    living: (signal) => hosts.living(signal),
    get state() {
      const { lostMs } = connection;
      const { rememberedFromMs } = mirrors;
      return {
        isShared: options.cluster.isShared,
        ...(lostMs === undefined ? {} : { lostMs }),
        ...(rememberedFromMs === undefined ? {} : { rememberedFromMs }),
      };
    },
    announce: () => hosts.announce(),
    setConverged: (isConverged) => hosts.setConverged(isConverged),
    followConvergence: (signal) => hosts.followConvergence(signal),
    async close() {
      const limit = new AbortController();
      const cancel = options.clock.after(leaveMs, () => limit.abort());
      await hosts.stop();
      await sessions.close(limit.signal);
      cancel();
      connection.close();
    },
  };
}
