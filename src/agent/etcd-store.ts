// SPDX-License-Identifier: Apache-2.0
// The store that hosts keep together, as one of them has it: the way to its servers, and the part of this host in keeping
// it. The first host founds it; every other one, and the first when it comes back, finds it.

import type { EtcdCluster } from "../cluster/etcd/index.ts";
import { type EtcdServer, etcdServer } from "../cluster/etcd/server/index.ts";
import { etcdVersion } from "../cluster/etcd/server/program.ts";
import { openSignpost, type Whereabouts } from "../cluster/etcd/signpost.ts";
import { Failure, isAbort } from "../contract/failure.ts";
import { Connection } from "../exchange/connection.ts";
import { idealSizeKey, olderIdealSizeKey } from "../exchange/keys.ts";
import { followServers } from "../membership/follow-servers.ts";
import { Keeper } from "../membership/keeper.ts";
import { usualLimits } from "../membership/world.ts";
import { spreadRevocations } from "./spread-revocations.ts";
import { TrustFiles } from "../trust/files.ts";
import { howToComeBack } from "./removal.ts";
import { beliefsNow, certifyPlace, isRemoved, revocationsNow, serverTls, tlsNow, usualScheme } from "./trust.ts";
import { borrowed } from "./deploys/client.ts";
import { KnownServers } from "./known-servers.ts";
import { forgetPlace, serverAddresses } from "./server-addresses.ts";
import { ServerOrSignpost } from "./server-or-signpost.ts";
import { connectWith, rememberedIn, type Store, type StoreOptions } from "./store.ts";
import { etcdDoors } from "./store-doors.ts";
import { type Keeping, ownClientUrls, type ServeAddresses, type StoreChoice } from "./store-choice.ts";

type EtcdChoice = Extract<StoreChoice, { readonly kind: "join" | "serve" }>;

/** A server that was one before may need others that begin later; the run does not wait for longer. */
const patienceMs = 5000;
const againMs = 1000;
const longestPauseMs = 30_000;

export async function openEtcdStore(choice: EtcdChoice, options: StoreOptions): Promise<Store> {
  const { prefix } = options;
  const known = new KnownServers(prefix, choice.kind === "join" ? choice.seeds : []);
  const first = choice.kind === "join" ? choice.seeds : ownUrls(choice.addresses, prefix);
  const cluster = await connectWith(known, first, options);
  const remembered = rememberedIn(options);
  const part = new PartInStore(choice, cluster, known.last(), options);
  return {
    cluster,
    remembered,
    doors: etcdDoors(cluster),
    place: first.join(", "),
    seeds: () => seedsFor(choice, cluster),
    start: (onLog, signal) => part.start(onLog, signal),
    async end() {
      await part.end();
      await cluster.close();
      remembered.close();
    },
  };
}

function seedsFor(choice: EtcdChoice, { urls }: EtcdCluster): readonly string[] {
  if (choice.kind === "join") return urls;
  const { advertiseClientUrls, noNetwork, clientUrls } = choice.addresses;
  return noNetwork ? [] : [...new Set([...advertiseClientUrls, ...urls.filter((url) => !clientUrls.includes(url))])];
}

/** etcd takes the name of a socket in its working directory only, and a port with it that means nothing. */
const sockets = { clientUrls: ["unix://clients.sock:0"], serverUrls: ["unix://servers.sock:0"] };

function ownUrls(addresses: ServeAddresses, prefix: string): readonly string[] {
  return addresses.noNetwork ? [`unix:${prefix}/etcd/clients.sock:0`] : ownClientUrls(addresses);
}

class PartInStore {
  readonly #choice: EtcdChoice;
  readonly #cluster: EtcdCluster;
  /** Those that were there when this host was there before. */
  readonly #others: readonly string[];
  readonly #options: StoreOptions;
  readonly #connection: Connection;
  readonly #ending = new AbortController();
  /** Nobody believes this host any more, so it keeps nothing for others. */
  readonly #retired = new AbortController();
  #server: EtcdServer | undefined;
  #signpost: ServerOrSignpost | undefined;
  #task: Promise<void> = Promise.resolve();
  #spreading: Promise<void> = Promise.resolve();

  constructor(choice: EtcdChoice, cluster: EtcdCluster, known: readonly string[], options: StoreOptions) {
    this.#choice = choice;
    this.#cluster = cluster;
    const own = choice.kind === "serve" ? choice.addresses.advertiseClientUrls : [];
    this.#others = known.filter((url) => !own.includes(url) && !cluster.urls.slice(0, 1).includes(url));
    this.#options = options;
    // The run tells when the store is lost.
    const quiet = { cluster: borrowed(cluster), clock: options.host.clock, onTrouble: () => {} };
    this.#connection = new Connection(quiet);
  }

  async start(onLog: (text: string) => void, signal: AbortSignal): Promise<void> {
    const choice = this.#choice;
    const living = AbortSignal.any([signal, this.#ending.signal]);
    if (isRemoved(this.#options.prefix)) return this.#tellRemoved(onLog);
    const keeping = AbortSignal.any([living, this.#retired.signal]);
    if (choice.kind === "serve") await this.#serve(choice.addresses, choice.keeping, onLog, keeping);
    this.#spreading = this.#spread(onLog, living).catch(unlessAborted(living));
    if (choice.kind === "serve") return;
    if (this.#options.readOnly || !choice.keeping.isLasting) return;
    this.#task = this.#join(choice, onLog, keeping).catch(unlessAborted(keeping));
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.all([this.#task, this.#spreading]);
    this.#connection.close();
    await this.#server?.stop();
  }

  async #spread(onLog: (text: string) => void, signal: AbortSignal): Promise<void> {
    const { prefix, readOnly, way } = this.#options;
    if (readOnly || !this.#choice.keeping.isLasting || usualScheme(prefix) === "http") return;
    await spreadRevocations(
      {
        ...this.#options,
        connection: this.#connection,
        servers: this.#cluster.members,
        onShown: (listener) => this.#cluster.onRevocations(listener),
        ...(way?.over === undefined ? {} : { over: way.over }),
        server: () => this.#server,
        believed: () => this.#believed,
        onBeliefs: async () => {
          this.#cluster.leaveRevoked();
          await this.#signpost?.renew();
        },
        onRemoved: () => this.#retire(onLog, signal),
      },
      signal,
    );
  }

  /**
   * Its server would call the others for ever: they refuse it, so it may never hear that it is no member any more. Not at once:
   * until they do without it, they may be too few.
   */
  async #retire(onLog: (text: string) => void, signal: AbortSignal): Promise<void> {
    await this.#tellRemoved(onLog);
    await this.#options.host.clock.sleep(this.#choice.keeping.replaceAfterMs ?? usualLimits.replaceAfterMs, signal);
    this.#retired.abort();
    await this.#task;
    await this.#server?.retire();
    this.#cluster.giveUp();
  }

  async #tellRemoved(onLog: (text: string) => void): Promise<void> {
    const { host, prefix, hostname, onTrouble } = this.#options;
    const entrance = await new TrustFiles(host, prefix, new AbortController().signal).entrance();
    const why = "this host was removed from the cluster: it keeps nothing for others, and nobody answers it";
    onLog(why);
    onTrouble(`${why}; what it knew last stays in force\n  hint: ${howToComeBack(hostname, entrance)}`);
  }

  // ---- The first host ----

  async #serve(
    addresses: ServeAddresses,
    keeping: Keeping,
    onLog: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#certify(addresses, signal);
    const server = this.#makeServer(addresses, onLog);
    const isBack = await server.hasData();
    if (!isBack && this.#others.length > 0) {
      // A second store would begin, of which nobody else knows.
      this.#options.onTrouble(`others keep the store now: it is looked for at ${this.#others.join(", ")}`);
    } else {
      const { hostname } = this.#options;
      const self = { name: hostname, serverUrls: this.#placeOf(addresses).advertiseServerUrls };
      const started = server.start({ state: "new", members: [self] }, signal);
      const isAlone = this.#others.length === 0;
      try {
        await (isAlone ? started : this.#within(patienceMs, started, signal));
      } catch (reason) {
        if (server.state !== "removed") throw reason;
      }
      if (isAlone && server.state === "ready") await this.#sayIdealSize(keeping, signal);
    }
    if (!addresses.noNetwork) this.#task = this.#keep(addresses, keeping, onLog, signal).catch(unlessAborted(signal));
  }

  async #within(ms: number, started: Promise<void>, signal: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const waiting = this.#options.host.clock.sleep(ms, AbortSignal.any([limit.signal, signal])).catch(() => {});
    await Promise.race([started, waiting]);
    started.catch(() => {}); // Who looks after the server sees how it is.
    limit.abort();
  }

  /** Unless somebody has said it before. */
  async #sayIdealSize({ idealSize }: Keeping, signal: AbortSignal): Promise<void> {
    if (idealSize === undefined) return;
    const put = { do: "put", key: idealSizeKey, value: `${idealSize}` } as const;
    const conditions = [idealSizeKey, olderIdealSizeKey].map((key) => ({ key, changed: 0 }));
    await this.#connection.commit({ conditions, changes: [put] }, signal);
  }

  // ---- Every other one ----

  async #join(
    { seeds, given, keeping }: Extract<StoreChoice, { readonly kind: "join" }>,
    onLog: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { host, prefix, onTrouble } = this.#options;
    const scheme = seeds.some((seed) => seed.startsWith("https:")) ? "https" : "http";
    const onNetwork = seeds.some((seed) => !seed.startsWith("unix:"));
    for (let pauseMs = againMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const addresses = onNetwork ? await serverAddresses({ given, prefix, seeds, scheme, signal }) : undefined;
      if (!onNetwork) return followServers(this.#connection, () => this.#cluster.refresh(), signal);
      try {
        if (addresses !== undefined) return await this.#keep(addresses, keeping, onLog, signal);
      } catch (reason) {
        if (!(reason instanceof Failure)) throw reason;
        if (reason.code !== "busy") {
          onTrouble(`this host does not offer to keep the store: ${reason.message.replace(/\.$/, "")}`);
          return followServers(this.#connection, () => this.#cluster.refresh(), signal);
        }
        onLog(reason.message);
        forgetPlace(prefix); // Somebody else has taken what was chosen.
      }
      await host.clock.sleep(pauseMs, signal);
    }
  }

  async #keep(
    addresses: ServeAddresses,
    keeping: Keeping,
    onLog: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { hostname, host, onTrouble, prefix } = this.#options;
    await this.#certify(addresses, signal);
    const onServers = (): void => this.#cluster.refresh();
    const server = this.#withSignpost(this.#server ?? this.#makeServer(addresses, onLog), addresses);
    this.#signpost = server;
    const whyNot = keeping.noServer && !(await server.hasData()) ? "it was told not to" : await this.#whyNot(signal);
    if (whyNot !== undefined) {
      onLog(`this host does not offer to keep the store: ${whyNot}`);
      return followServers(this.#connection, onServers, signal);
    }
    const { advertiseClientUrls: clientUrls, advertiseServerUrls: serverUrls } = addresses;
    const { zone, noServer, replaceAfterMs = usualLimits.replaceAfterMs } = keeping;
    const keeper = new Keeper({
      hostname,
      connection: this.#connection,
      servers: this.#cluster.members,
      server,
      ownUrl: ownUrls(addresses, prefix)[0] ?? "",
      offer: { clientUrls, serverUrls, isLeaving: noServer, ...(zone === undefined ? {} : { zone }) },
      clock: host.clock,
      limits: { ...usualLimits, replaceAfterMs },
      onServers,
      onNews: onLog,
      onTrouble,
    });
    this.#onState = keeper.look;
    if (server.state === "stopped" && !(await server.hasData())) await server.putUp();
    try {
      await keeper.run(signal);
    } finally {
      server.takeAway();
    }
  }

  async #certify({ advertiseClientUrls, advertiseServerUrls }: ServeAddresses, signal: AbortSignal): Promise<void> {
    const secret = [...advertiseClientUrls, ...advertiseServerUrls].filter((url) => url.startsWith("https:"));
    if (secret.length > 0) await certifyPlace(secret, { ...this.#options, signal });
  }

  #withSignpost(server: EtcdServer, addresses: ServeAddresses): ServerOrSignpost {
    const cluster = this.#cluster;
    const urls = addresses.clientUrls.filter((url) => !url.startsWith("unix:"));
    const servers = (): Whereabouts => ({
      clusterId: cluster.clusterId,
      clientUrls: cluster.urls.filter((url) => !addresses.advertiseClientUrls.includes(url)),
    });
    const { prefix } = this.#options;
    const shown = { tls: () => tlsNow(prefix), revocations: () => revocationsNow(prefix) };
    return new ServerOrSignpost(server, () => openSignpost({ urls, servers, ...shown }));
  }

  /** A host without etcd shares the store like any other, and says nothing about it to its person. */
  async #whyNot(signal: AbortSignal): Promise<string | undefined> {
    try {
      await etcdVersion(this.#options.host.processes, signal);
      return undefined;
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      return reason.message;
    }
  }

  // ---- Its server ----

  #onState = (): void => {};
  /** Whom our server believes. */
  #believed = "";

  #placeOf(addresses: ServeAddresses): Omit<ServeAddresses, "noNetwork"> {
    if (!addresses.noNetwork) return addresses;
    return { ...sockets, advertiseClientUrls: sockets.clientUrls, advertiseServerUrls: sockets.serverUrls };
  }

  #makeServer(addresses: ServeAddresses, onLog: (text: string) => void): EtcdServer {
    const { prefix, hostname, host, onTrouble } = this.#options;
    const [url = ""] = ownUrls(addresses, prefix);
    const probe = async (signal: AbortSignal): Promise<void> => {
      const { leader } = await this.#cluster.members.status(url, signal);
      if (leader === undefined) throw new Failure("Nobody leads the servers of the store.", { code: "unreachable" });
    };
    this.#server = etcdServer({
      ...this.#placeOf(addresses),
      tls: () => {
        this.#believed = beliefsNow(prefix);
        return serverTls(prefix);
      },
      directory: `${prefix}/etcd/server`,
      name: hostname,
      processes: host.processes,
      clock: host.clock,
      probe,
      onLog,
      onTrouble,
      onState: () => this.#onState(),
    });
    return this.#server;
  }
}

function unlessAborted(signal: AbortSignal): (reason: unknown) => void {
  return (reason) => {
    if (!isAbort(reason, signal)) throw reason;
  };
}
