// SPDX-License-Identifier: Apache-2.0
// The store that a run shares with other hosts: its own file in the state directory, as long as it is alone.

import { embeddedCluster } from "../cluster/embedded/index.ts";
import { memoryCluster } from "../cluster/memory/index.ts";
import type { Cluster } from "../contract/cluster.ts";
import type { Clock, Host } from "../contract/host.ts";
import { createExchange, type OwnExchange } from "../exchange/index.ts";

export interface ClusterOptions {
  /** Where this host keeps what must survive a restart. */
  readonly prefix: string;
  /** Keep nothing, for looking at what would be done. */
  readonly readOnly: boolean;
  readonly host: Host;
  readonly onTrouble: (message: string) => void;
}

export function clusterOf({ prefix, readOnly, host, onTrouble }: ClusterOptions): Cluster {
  const { clock, random } = host;
  return embeddedCluster({ path: `${prefix}/cluster.db`, clock, random, readOnly, onTrouble });
}

/** An empty store that is gone with the process. */
export function emptyCluster(clock: Clock): Cluster {
  return memoryCluster(clock).door();
}

/** For looking at a program without anybody else. */
export function emptyExchange(hostname: string, clock: Clock): OwnExchange {
  return createExchange({ cluster: emptyCluster(clock), hostname, clock, onTrouble: () => {} });
}
