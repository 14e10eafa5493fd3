// SPDX-License-Identifier: Apache-2.0
// The store of a run, with what has to run for it. etcd and what speaks with it are loaded only where they are used.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Cluster } from "../contract/cluster.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { EtcdCluster } from "../cluster/etcd/index.ts";
import type { EtcdServer } from "../cluster/etcd/server/index.ts";
import type { Remembered } from "../exchange/remembered.ts";
import { clusterOf } from "./cluster.ts";
import { RememberedStore } from "./remembered-store.ts";
import { tlsOf } from "./trust.ts";
import { ownClientUrls, type ServeAddresses, type StoreChoice } from "./store-choice.ts";

export interface StoreOptions {
  readonly prefix: string;
  readonly readOnly: boolean;
  readonly hostname: string;
  readonly host: Host;
  readonly onTrouble: (message: string) => void;
}

export interface Store {
  readonly cluster: Cluster;
  /** Where it is, for people. */
  readonly place: string;
  /** Of a store that can be away. */
  readonly remembered?: Remembered;
  /**
   * What this host has to run for it is running. Only for who has the state directory for itself. `onLog`: what that says,
   * worth keeping.
   */
  start(onLog: (text: string) => void, signal: AbortSignal): Promise<void>;
  /** After the run, which has closed the cluster. */
  end(): Promise<void>;
}

export async function openStore(choice: StoreChoice, options: StoreOptions): Promise<Store> {
  switch (choice.kind) {
    case "own file":
      return { cluster: clusterOf(options), place: `${options.prefix}/cluster.db`, start: nothing, end: nothing };
    case "shared file": {
      const { sharedFileCluster } = await import("../cluster/shared-file/index.ts");
      const cluster = sharedFileCluster({ ...options, ...options.host, path: choice.path });
      return { cluster, place: choice.path, start: nothing, end: nothing };
    }
    case "join":
      return join(choice.seeds, options);
    case "serve":
      return serve(choice.addresses, options);
  }
}

async function nothing(): Promise<void> {}

async function join(seeds: readonly string[], options: StoreOptions): Promise<Store> {
  const cluster = await connectTo(seeds, options);
  const remembered = rememberedIn(options);
  return { cluster, place: seeds.join(", "), remembered, start: nothing, end: async () => remembered.close() };
}

/** The servers that were known last are asked, too, when none of the seeds is there any more. */
export async function connectTo(seeds: readonly string[], options: StoreOptions): Promise<EtcdCluster> {
  const { prefix, host, readOnly, onTrouble } = options;
  const { etcdCluster } = await import("../cluster/etcd/index.ts");
  const known = new KnownServers(`${prefix}/servers.json`, seeds);
  const onUrls = (urls: readonly string[]): void => {
    if (!readOnly) known.keep(urls);
  };
  const tls = seeds.some((seed) => seed.startsWith("https:")) ? await tlsOf(host, prefix) : undefined;
  const secured = tls === undefined ? {} : { tls };
  const urls = [...seeds, ...known.last()];
  return etcdCluster({ urls, clock: host.clock, readOnly, onTrouble, onUrls, ...secured });
}

function rememberedIn({ prefix, host, readOnly, onTrouble }: StoreOptions): RememberedStore {
  return new RememberedStore({ path: `${prefix}/remembered.db`, clock: host.clock, readOnly, onTrouble });
}

async function serve(addresses: ServeAddresses, options: StoreOptions): Promise<Store> {
  const { prefix, hostname, host } = options;
  const [{ etcdServer }, { etcdCluster }] = await Promise.all([
    import("../cluster/etcd/server/index.ts"),
    import("../cluster/etcd/index.ts"),
  ]);
  const directory = `${prefix}/etcd/server`;
  const { noNetwork } = addresses;
  // etcd takes the name of a socket in its working directory only, and a port with it that means nothing.
  const sockets = { clientUrls: ["unix://clients.sock:0"], serverUrls: ["unix://servers.sock:0"] };
  const place = noNetwork
    ? { ...sockets, advertiseClientUrls: sockets.clientUrls, advertiseServerUrls: sockets.serverUrls }
    : addresses;
  const urls = noNetwork ? [`unix:${prefix}/etcd/clients.sock:0`] : ownClientUrls(addresses);
  const cluster = etcdCluster({ urls, ...options, clock: host.clock });
  const remembered = rememberedIn(options);
  let server: EtcdServer | undefined;
  return {
    cluster,
    remembered,
    place: urls.join(", "),
    async start(onLog, signal) {
      const probe = async (bounded: AbortSignal): Promise<void> => {
        const { leader } = await cluster.members.status(urls[0] ?? "", bounded);
        if (leader === undefined) throw new Failure("Nobody leads the servers of the store.", { code: "unreachable" });
      };
      server = etcdServer({
        ...place,
        directory,
        name: hostname,
        processes: host.processes,
        clock: host.clock,
        probe,
        onLog,
        onTrouble: options.onTrouble,
      });
      const self = { name: hostname, serverUrls: place.advertiseServerUrls };
      await server.start({ state: "new", members: [self] }, signal);
    },
    async end() {
      remembered.close();
      await server?.stop();
    },
  };
}

/** The addresses of all servers, as last heard of, in a file. */
class KnownServers {
  readonly #path: string;
  readonly #seeds: readonly string[];

  constructor(path: string, seeds: readonly string[]) {
    this.#path = path;
    this.#seeds = seeds;
  }

  /** None when the run has other seeds than when they were kept: they may be of another store. */
  last(): readonly string[] {
    try {
      const read: unknown = JSON.parse(readFileSync(this.#path, "utf8"));
      if (typeof read !== "object" || read === null || !("urls" in read) || !("seeds" in read)) return [];
      const isSame = JSON.stringify(read.seeds) === JSON.stringify(this.#seeds);
      return isSame && Array.isArray(read.urls) ? read.urls.filter((url) => typeof url === "string") : [];
    } catch {
      return []; // There is none yet, or it is of no use.
    }
  }

  keep(urls: readonly string[]): void {
    if (JSON.stringify(urls.toSorted()) === JSON.stringify(this.last().toSorted())) return;
    try {
      writeFileSync(`${this.#path}.new`, `${JSON.stringify({ version: 1, seeds: this.#seeds, urls })}\n`, {
        mode: 0o600,
      });
      renameSync(`${this.#path}.new`, this.#path);
    } catch {
      // The next run then has its seeds alone.
    }
  }
}
