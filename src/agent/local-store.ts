// SPDX-License-Identifier: Apache-2.0
// Several runs on one machine that share a store at its usual place, by `--join-local`: whoever comes first keeps it.

import { clientPort } from "../cluster/etcd/urls.ts";
import { Failure } from "../contract/failure.ts";
import { knownHosts } from "../exchange/hosts.ts";
import { connectTo, type StoreOptions } from "./store.ts";
import { usualScheme } from "./trust.ts";

/** A store on this machine answers at once, or there is none. */
const patienceMs = 2000;

/** Where it is, or is to be begun. */
export interface LocalStore {
  readonly url: string;
  readonly isThere: boolean;
}

/** Fails with `conflict` when a host of this name uses it already. */
export async function findLocalStore(options: Omit<StoreOptions, "readOnly" | "way">): Promise<LocalStore> {
  const { hostname, host, prefix } = options;
  const url = `${usualScheme(prefix)}://127.0.0.1:${clientPort}`;
  // Nothing is known of it before, and what is found out is kept by the run itself.
  const cluster = await connectTo([url], { ...options, readOnly: true, onTrouble: () => {} });
  const limit = new AbortController();
  const cancel = host.clock.after(patienceMs, () => limit.abort());
  try {
    const living = await knownHosts(cluster, limit.signal);
    if (!living.some(({ name }) => name === hostname)) return { url, isThere: true };
  } catch (reason) {
    if (reason instanceof Failure || limit.signal.aborted) return { url, isThere: false };
    throw reason;
  } finally {
    cancel();
    await cluster.close();
  }
  throw new Failure(`The store at ${url} has a host named ${hostname} already.`, {
    code: "conflict",
    hint: "Give this one a name of its own by --hostname. One that was killed is forgotten within ten seconds.",
  });
}
