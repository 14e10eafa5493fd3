// SPDX-License-Identifier: Apache-2.0
// Hosts that keep a store together, all in one process and under one clock: a model of etcd's servers beside the store in
// memory. It holds every change to what must never happen, and can let a host die at any word that it says to either.

import assert from "node:assert/strict";
import { memoryCluster, type MemoryDoor } from "../cluster/memory/index.ts";
import type { Cluster } from "../contract/cluster.ts";
import { Failure } from "../contract/failure.ts";
import { Connection } from "../exchange/connection.ts";
import { idealSizeKey } from "../exchange/keys.ts";
import { type DrivenClock, drivenClock } from "../host/memory/clock.ts";
import { quorumOf } from "./decide.ts";
import { Keeper } from "./keeper.ts";
import type { OwnFirstMembers, OwnServer, StoreMember, StoreServers, StoreServerStatus } from "./servers.ts";
import { usualLimits } from "./world.ts";

interface ModelMember {
  readonly id: string;
  name: string;
  readonly peerUrl: string;
  isLearner: boolean;
  index: number;
}

/** A host dies at this word of all that it says. */
export interface Death {
  readonly host: string;
  readonly word: number;
  /** Whether the word is still heard, and only the answer is not. */
  readonly isHeard: boolean;
}

const never = (): AbortSignal => new AbortController().signal;

export class KeptStore {
  readonly clock: DrivenClock = drivenClock();
  readonly hosts = new Map<string, KeepingHost>();
  readonly members = new Map<string, ModelMember>();
  /** Ids of servers that run. */
  readonly running = new Map<string, KeepingHost>();
  readonly removed = new Set<string>();
  readonly changes: string[] = [];
  death: Death | undefined;
  leader: string | undefined;
  index = 1000;
  #ids = 1;
  readonly #cluster = memoryCluster(this.clock);

  static async begin(names: readonly string[], ideal: number): Promise<KeptStore> {
    const store = new KeptStore();
    const [first = "", ...others] = names;
    const id = store.newId();
    store.members.set(id, { id, name: first, peerUrl: urlOf(first), isLearner: false, index: store.index });
    store.start(first, id);
    await store.size(ideal);
    await store.pass(1000);
    for (const name of others) store.start(name);
    await store.clock.settle();
    return store;
  }

  newId(): string {
    return `id${this.#ids++}`;
  }

  /** `data`: the id of its server, when it has been one. */
  start(name: string, data?: string, more: { readonly isLeaving?: boolean } = {}): KeepingHost {
    const host = new KeepingHost(name, this, this.#cluster.door(), data, more.isLeaving ?? false);
    this.hosts.set(name, host);
    this.weigh();
    return host;
  }

  async size(ideal: number, key: string = idealSizeKey): Promise<void> {
    const put = { do: "put", key, value: `${ideal}` } as const;
    await this.#cluster.door().commit({ conditions: [], changes: [put] }, never());
  }

  get voters(): readonly ModelMember[] {
    return [...this.members.values()].filter(({ isLearner }) => !isLearner);
  }

  get names(): string {
    return [...this.members.values()]
      .map(({ name, isLearner }) => `${name}${isLearner ? "?" : ""}`)
      .toSorted()
      .join(" ");
  }

  get hasQuorum(): boolean {
    const living = this.voters.filter(({ id }) => this.running.has(id)).length;
    return living >= quorumOf(this.voters.length);
  }

  /** After everything that happens to servers: who leads, and whether the store answers. */
  weigh(): void {
    for (const member of this.members.values()) if (this.running.has(member.id)) member.index = this.index;
    const isAble = (id: string | undefined): boolean =>
      id !== undefined && this.running.has(id) && this.members.get(id)?.isLearner === false;
    if (!this.hasQuorum) this.leader = undefined;
    else if (!isAble(this.leader)) this.leader = this.voters.find(({ id }) => isAble(id))?.id;
    for (const host of this.hosts.values()) {
      if (this.hasQuorum) host.door.heal();
      else host.door.cutOff();
    }
  }

  changed(what: string): void {
    this.changes.push(what);
    const learners = [...this.members.values()].filter(({ isLearner }) => isLearner).length;
    assert.ok(learners <= 1, `one learns at a time: ${this.changes.join(", ")}`);
    assert.ok(this.hasQuorum, `a change has cost the quorum: ${this.changes.join(", ")}`);
    this.weigh();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  async stop(): Promise<void> {
    for (const host of this.hosts.values()) host.crash();
    await this.clock.advance(60_000);
  }
}

function urlOf(name: string): string {
  return `http://${name}`;
}

export class KeepingHost {
  readonly name: string;
  readonly door: MemoryDoor;
  readonly server: ModelServer;
  readonly news: string[] = [];
  readonly troubles: string[] = [];
  /** The servers of other hosts do not answer this one any more; only servers hear each other. */
  isRefused = false;
  readonly #store: KeptStore;
  readonly #living = new AbortController();
  readonly #connection: Connection;
  #words = 0;

  constructor(name: string, store: KeptStore, door: MemoryDoor, data: string | undefined, isLeaving: boolean) {
    this.name = name;
    this.#store = store;
    this.door = door;
    this.server = new ModelServer(this, store, data, () => keeper.look());
    this.#connection = new Connection({ cluster: this.#mortal(door), clock: store.clock, onTrouble: () => {} });
    const keeper = new Keeper({
      hostname: name,
      connection: this.#connection,
      servers: this.#servers(undefined),
      server: this.server,
      ownUrl: urlOf(name),
      offer: { clientUrls: [urlOf(name)], serverUrls: [urlOf(name)], isLeaving },
      clock: store.clock,
      limits: usualLimits,
      onServers: () => {},
      onNews: (text) => this.news.push(text),
      onTrouble: (text) => this.troubles.push(text),
    });
    keeper.run(this.#living.signal).catch((reason: unknown) => {
      if (!this.#living.signal.aborted) throw reason;
    });
  }

  get isDead(): boolean {
    return this.#living.signal.aborted;
  }

  /** Without a word; its data stays. */
  crash(): void {
    this.#living.abort();
    this.#connection.close();
    this.door.crash();
    for (const [id, host] of this.#store.running) if (host === this) this.#store.running.delete(id);
    this.#store.weigh();
  }

  /** It does nothing any more, and its server goes on. */
  hang(): void {
    this.#living.abort();
    this.#connection.close();
    this.door.crash();
  }

  /** The id of its server, as the next life of this host finds it on the disk. */
  get data(): string | undefined {
    return this.server.id;
  }

  async #say<Answer>(word: () => Promise<Answer>): Promise<Answer> {
    if (this.isDead) return new Promise(() => {});
    const { death } = this.#store;
    if (death?.host !== this.name || (this.#words += 1) !== death.word) return word();
    this.#store.death = undefined;
    if (death.isHeard) await word().catch(() => {});
    this.crash();
    return new Promise(() => {});
  }

  #mortal(door: Cluster): Cluster {
    return {
      isShared: true,
      read: (range, signal) => door.read(range, signal),
      commit: (transaction, signal) => this.#say(() => door.commit(transaction, signal)),
      watch: (range, after, signal) => door.watch(range, after, signal),
      openSession: (ttlMs, signal) => this.#say(() => door.openSession(ttlMs, signal)),
      close: () => door.close(),
    };
  }

  /** `url`: of the one server that is asked; else any that runs. */
  #servers(url: string | undefined): StoreServers {
    const store = this.#store;
    const ask = <Answer>(work: () => Answer): Promise<Answer> => {
      const isThere = url === undefined ? store.running.size > 0 : this.#memberAt(url) !== undefined;
      if (!isThere || !store.hasQuorum) return Promise.reject(unreachable());
      return Promise.resolve().then(work);
    };
    const change = <Answer>(work: () => Answer): Promise<Answer> => this.#say(() => ask(work));
    const memberOf = (id: string): ModelMember => {
      const member = store.members.get(id);
      if (member === undefined) throw new Failure("There is no such member.", { code: "not-found" });
      return member;
    };
    return {
      at: (one) => this.#servers(one),
      list: () => ask(() => Array.from(store.members.values(), listed)),
      status: (at) => this.#status(at),
      add: ([peerUrl = ""], { isLearner }) =>
        change(() => {
          if (Array.from(store.members.values()).some((each) => each.peerUrl === peerUrl))
            throw new Failure("Peer URLs exist.", { code: "exists" });
          const added = { id: store.newId(), name: "", peerUrl, isLearner, index: 0 };
          store.members.set(added.id, added);
          store.changed(`add ${peerUrl}`);
          return { added: listed(added) };
        }),
      promote: (id) =>
        change(() => {
          const member = memberOf(id);
          if (!store.running.has(id)) throw new Failure("It is not in sync.", { code: "busy" });
          member.isLearner = false;
          store.changed(`promote ${member.name}`);
        }),
      remove: (id) =>
        change(() => {
          const member = memberOf(id);
          store.members.delete(id);
          store.removed.add(id);
          store.running.get(id)?.server.remove();
          store.changed(`remove ${member.name}`);
        }),
      update: () => ask(() => {}),
      moveLeader: (_, id) =>
        change(() => {
          memberOf(id);
          store.leader = id;
          store.weigh();
        }),
    };
  }

  #memberAt(url: string): ModelMember | undefined {
    return [...this.#store.members.values()].find(({ id, peerUrl }) => peerUrl === url && this.#store.running.has(id));
  }

  #status(url: string): Promise<StoreServerStatus> {
    const member = this.#memberAt(url);
    if (member === undefined || (this.isRefused && url !== urlOf(this.name))) return Promise.reject(unreachable());
    const { id, isLearner, index } = member;
    return Promise.resolve({ id, leader: this.#store.leader, isLearner, index });
  }
}

/** The server of one host, with its data as the id by which it is known. */
class ModelServer implements OwnServer {
  state: OwnServer["state"] = "stopped";
  id: string | undefined;
  readonly #host: KeepingHost;
  readonly #store: KeptStore;
  readonly #onState: () => void;

  constructor(host: KeepingHost, store: KeptStore, id: string | undefined, onState: () => void) {
    this.#host = host;
    this.#store = store;
    this.id = id;
    this.#onState = onState;
  }

  hasData(): Promise<boolean> {
    return Promise.resolve(this.id !== undefined);
  }

  async start({ members }: OwnFirstMembers, signal: AbortSignal): Promise<void> {
    this.state = "starting";
    await this.#store.clock.sleep(300, signal);
    const { name } = this.#host;
    if (this.id === undefined) {
      const peers = Array.from(this.#store.members.values(), ({ peerUrl }) => peerUrl);
      const said = members.flatMap(({ serverUrls }) => serverUrls);
      const isSame = peers.toSorted().join() === said.toSorted().join();
      const own = Array.from(this.#store.members.values()).find(({ peerUrl }) => peerUrl === urlOf(name));
      if (!isSame || own === undefined) {
        this.state = "stopped";
        throw new Failure("The members are others.", { code: "command-failed" });
      }
      this.id = own.id;
      own.name = name;
    }
    if (this.#store.removed.has(this.id)) {
      this.state = "removed";
      throw new Failure("It was removed.", { code: "conflict" });
    }
    this.#store.running.set(this.id, this.#host);
    this.#store.weigh();
    this.state = "ready";
  }

  remove(): void {
    if (this.id !== undefined) this.#store.running.delete(this.id);
    this.state = "removed";
    this.#onState();
  }

  stop(): Promise<void> {
    if (this.id !== undefined) this.#store.running.delete(this.id);
    this.state = "stopped";
    this.#store.weigh();
    return Promise.resolve();
  }

  removeData(): Promise<void> {
    assert.ok(this.id !== undefined && this.#store.removed.has(this.id), "what is thrown away is of no member");
    this.id = undefined;
    this.state = "stopped";
    return Promise.resolve();
  }
}

function listed({ id, name, peerUrl, isLearner }: ModelMember): StoreMember {
  return { id, name, peerUrls: [peerUrl], clientUrls: name === "" ? [] : [peerUrl], isLearner };
}

function unreachable(): Failure {
  return new Failure("It does not answer.", { code: "unreachable" });
}
