// SPDX-License-Identifier: Apache-2.0
// The cluster as somebody sees it who deploys to it: reads and writes, and is no host of it.

import type { Cluster } from "../../contract/cluster.ts";
import { Failure } from "../../contract/failure.ts";
import { createExchange, type OwnExchange } from "../../exchange/index.ts";
import { openStore, type StoreOptions } from "../store.ts";
import type { StoreChoice } from "../store-choice.ts";

/** Fails with `invalid` without seeds: there would be nobody to deploy to. */
export async function withCluster<Result>(
  choice: StoreChoice,
  options: StoreOptions,
  work: (exchange: OwnExchange) => Promise<Result>,
): Promise<Result> {
  if (choice.kind !== "join" && choice.kind !== "shared file") {
    throw new Failure("Nothing says which hosts this is for.", {
      code: "invalid",
      hint: "Give --seeds, as the hosts have it, or set MGMT_SEEDS.",
    });
  }
  const { cluster } = await openStore(choice, options);
  return withExchange(cluster, options, work);
}

/** Closes both at the end. */
export async function withExchange<Result>(
  cluster: Cluster,
  { hostname, host, onTrouble }: StoreOptions,
  work: (exchange: OwnExchange) => Promise<Result>,
): Promise<Result> {
  const exchange = createExchange({ cluster, hostname, clock: host.clock, onTrouble, isVisitor: true });
  try {
    return await work(exchange);
  } finally {
    await exchange.close();
    await cluster.close();
  }
}

/** The same store, which is not closed by whoever borrows it. */
export function borrowed(cluster: Cluster): Cluster {
  return {
    isShared: cluster.isShared,
    read: (range, signal) => cluster.read(range, signal),
    commit: (transaction, signal) => cluster.commit(transaction, signal),
    watch: (range, after, signal) => cluster.watch(range, after, signal),
    openSession: (ttlMs, signal) => cluster.openSession(ttlMs, signal),
    close: () => Promise.resolve(),
  };
}
