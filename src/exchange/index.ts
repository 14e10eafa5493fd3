// SPDX-License-Identifier: Apache-2.0
// What hosts tell each other, on any store. Knows no kind, no function and no program.

import type { Exchange } from "../contract/exchange.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { type Deploys, deploysOf } from "./deploys.ts";
import { exportsOf } from "./exports.ts";
import { LivingHosts } from "./hosts.ts";
import { type IdealSize, idealSizeOf } from "./ideal-size.ts";
import { Mirrors } from "./mirrors.ts";
import { type Proposals, proposalsOf } from "./proposals.ts";
import { type Rollouts, rolloutsOf } from "./rollouts.ts";
import { StoredSchedules } from "./schedules.ts";
import { Sessions } from "./sessions.ts";
import { sharedTexts } from "./texts.ts";

export interface ExchangeOptions extends ConnectionOptions {
  /** The name of this host; no other host may have it. */
  readonly hostname: string;
}

export interface OwnExchange extends Exchange {
  readonly deploys: Deploys;
  readonly rollouts: Rollouts;
  readonly proposals: Proposals;
  readonly idealSize: IdealSize;
  /** Who is alive, for somebody who is no host. */
  living(signal: AbortSignal): AsyncIterableIterator<readonly string[]>;
  /** Lets others know that this host is alive, from now on until `close`. */
  announce(): void;
  /** Takes leave: what is to go with this host goes. The store itself stays open. */
  close(): Promise<void>;
}

/** How long a stop waits for a store that does not answer. */
const leaveMs = 1000;

export function createExchange({ hostname, ...options }: ExchangeOptions): OwnExchange {
  const connection = new Connection(options);
  const mirrors = new Mirrors(connection);
  const sessions = new Sessions(connection);
  const hosts = new LivingHosts(hostname, connection, mirrors, sessions);
  const deploys = deploysOf(connection, mirrors);
  return {
    hostname,
    texts: sharedTexts(connection, mirrors),
    exports: exportsOf(hostname, connection, mirrors),
    schedules: new StoredSchedules(hostname, connection, mirrors, sessions),
    hosts,
    deploys,
    rollouts: rolloutsOf(hostname, deploys, { connection, mirrors, sessions }),
    proposals: proposalsOf(hostname, { connection, mirrors, sessions }),
    idealSize: idealSizeOf(connection, mirrors),
    living: (signal) => hosts.living(signal),
    announce: () => hosts.announce(),
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
