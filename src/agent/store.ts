// SPDX-License-Identifier: Apache-2.0
// The store of a run, with what has to run for it. etcd and what speaks with it are loaded only where they are used.

import type { EtcdCluster } from "../cluster/etcd/index.ts";
import type { Cluster } from "../contract/cluster.ts";
import type { StoreDoors } from "../contract/exchange.ts";
import type { Host } from "../contract/host.ts";
import type { Remembered } from "../exchange/remembered.ts";
import { clusterOf } from "./cluster.ts";
import { KnownServers } from "./known-servers.ts";
import { RememberedStore } from "./remembered-store.ts";
import type { StoreChoice } from "./store-choice.ts";
import { openWay, type StoreWay } from "./store-way.ts";
import { isRemoved, tlsNow } from "./trust.ts";

export interface StoreOptions {
  readonly prefix: string;
  readonly readOnly: boolean;
  readonly hostname: string;
  readonly host: Host;
  readonly onTrouble: (message: string) => void;
  /** How the servers of the store are reached, when not in the usual way. */
  readonly way?: StoreWay;
}

export interface Store {
  readonly cluster: Cluster;
  /** Where it is, for people. */
  readonly place: string;
  /** Where other hosts find it now; none: they cannot. */
  readonly seeds: () => readonly string[];
  /** Of a store that can be away. */
  readonly remembered?: Remembered;
  /** Of a store that other machines can get to. */
  readonly doors?: StoreDoors;
  /**
   * What this host has to run for it is running. Only for who has the state directory for itself. `onLog`: what that says,
   * worth keeping.
   */
  start(onLog: (text: string) => void, signal: AbortSignal): Promise<void>;
  /** After the run, which leaves the cluster open. */
  end(): Promise<void>;
}

export async function openStore(choice: StoreChoice, options: StoreOptions): Promise<Store> {
  switch (choice.kind) {
    case "own file":
      return inFile(clusterOf(options), `${options.prefix}/cluster.db`);
    case "shared file": {
      const { sharedFileCluster } = await import("../cluster/shared-file/index.ts");
      return inFile(sharedFileCluster({ ...options, ...options.host, path: choice.path }), choice.path);
    }
    case "join":
    case "serve": {
      const { openEtcdStore } = await import("./etcd-store.ts");
      return openEtcdStore(choice, options);
    }
  }
}

function inFile(cluster: Cluster, place: string): Store {
  return { cluster, place, seeds: () => [], start: () => Promise.resolve(), end: () => cluster.close() };
}

/** The servers that were known last are asked, too, when none of the seeds is there any more. */
export async function connectTo(seeds: readonly string[], options: StoreOptions): Promise<EtcdCluster> {
  return connectWith(new KnownServers(options.prefix, seeds), seeds, options);
}

/** `first`: those that are asked first. */
export async function connectWith(
  known: KnownServers,
  first: readonly string[],
  options: StoreOptions,
): Promise<EtcdCluster> {
  const { prefix, host, readOnly, onTrouble } = options;
  const { etcdCluster } = await import("../cluster/etcd/index.ts");
  const onUrls = (urls: readonly string[]): void => {
    if (!readOnly) known.keep(urls);
  };
  const way = openWay(options);
  const urls = way.learnsNone ? first : [...first, ...known.last()];
  const cluster = etcdCluster({
    urls,
    clock: host.clock,
    readOnly,
    onTrouble,
    onUrls,
    tls: () => tlsNow(prefix),
    ...way,
  });
  if (urls.some((url) => url.startsWith("https:")) && isRemoved(prefix)) cluster.giveUp();
  return cluster;
}

export function rememberedIn({ prefix, host, readOnly, onTrouble }: StoreOptions): RememberedStore {
  return new RememberedStore({ path: `${prefix}/remembered.db`, clock: host.clock, readOnly, onTrouble });
}
