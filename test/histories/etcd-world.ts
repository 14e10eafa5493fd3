// SPDX-License-Identifier: Apache-2.0
// Real etcd servers and clients that are processes, each on a host of its own: what can be done to them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Snapshot } from "../../src/contract/cluster.ts";
import { Failure } from "../../src/contract/failure.ts";
import type { Clock } from "../../src/contract/host.ts";
import { Dice } from "./dice.ts";
import { EtcdServers, type Server } from "./etcd-servers.ts";
import { type Plan, planOf } from "./faults.ts";
import type { Recorded } from "./history.ts";
import { machineClock } from "./machine-clock.ts";
import { Network, type NetworkHost } from "./network.ts";
import { Processes } from "./processes.ts";
import { type Actor, clientKinds, live, type Story, type World } from "./world.ts";

const kinds = [
  "a server is killed",
  "the leader is killed",
  "two servers are killed",
  "all servers are killed",
  "a server is stopped for a while",
  "the leader is stopped for a while",
  "a server is cut off",
  "the minority is cut off",
  "the leader is cut off",
  "a client is cut off",
  "a disk is full",
  "the store forgets",
] as const;
type Kind = (typeof kinds)[number];

const patienceMs = 60_000;
/** The places of clients; those of several lives take turns. */
const seats = 4;

class EtcdWorld implements World {
  readonly clock: Clock = machineClock();
  readonly servers: EtcdServers;
  readonly #network: Network;
  readonly #processes: Processes;
  readonly #own: Recorded[] = [];
  #begun = 0;

  constructor(network: Network, servers: EtcdServers, directory: string) {
    this.#network = network;
    this.servers = servers;
    this.#processes = new Processes(directory);
  }

  get #seats(): readonly NetworkHost[] {
    return this.#network.hosts.slice(this.servers.all.length);
  }

  begin(name: string, seed: number): Promise<Actor> {
    const seat = this.#seats[this.#begun % seats] as NetworkHost;
    this.#begun += 1;
    return this.#processes.begin({ name, seed, store: { urls: this.servers.urls } }, seat.through);
  }

  async harm(kind: string, dice: Dice): Promise<() => Promise<void>> {
    const { servers } = this;
    const some = dice.shuffled(servers.all);
    const minority = some.slice(0, Math.floor((some.length - 1) / 2));
    const [any] = some as [Server];
    switch (kind as Kind) {
      case "a server is killed":
        return this.#kill([any]);
      case "the leader is killed":
        return this.#kill([(await servers.leader()) ?? any]);
      case "two servers are killed":
        return this.#kill(some.slice(0, 2));
      case "all servers are killed":
        return this.#kill(some);
      case "a server is stopped for a while":
        return later(servers.pause(any));
      case "the leader is stopped for a while":
        return later(servers.pause((await servers.leader()) ?? any));
      case "a server is cut off":
        return this.#network.cut([any.host.address]);
      case "the minority is cut off":
        return this.#network.cut([...minority.map(({ host }) => host.address), dice.pick(this.#seats).address]);
      case "the leader is cut off":
        return this.#network.cut([((await servers.leader()) ?? any).host.address]);
      case "a client is cut off":
        return this.#network.cut([dice.pick(this.#seats).address]);
      case "a disk is full":
        return later(servers.fill(any));
      case "the store forgets":
        this.#own.push({ what: "compacts", client: "the world", atMs: this.clock.monotonicMs() });
        // Nobody has to be there for it.
        await servers.cluster.members.compact(new AbortController().signal).catch(() => {});
        return async () => {};
    }
  }

  heal(): Promise<void> {
    return this.servers.ready();
  }

  /** Again when a busy machine did not answer in time. */
  async read(): Promise<Snapshot> {
    const { signal } = new AbortController();
    const untilMs = this.clock.monotonicMs() + patienceMs;
    for (;;) {
      try {
        return await this.servers.cluster.read({ prefix: "/" }, signal);
      } catch (reason) {
        if (!(reason instanceof Failure) || this.clock.monotonicMs() > untilMs) throw reason;
      }
    }
  }

  events(): readonly Recorded[] {
    return [...this.#processes.events(), ...this.#own];
  }

  async stop(): Promise<void> {
    try {
      await this.#processes.stop();
      await this.servers.stop();
    } finally {
      await this.#network.remove();
    }
  }

  async #kill(servers: readonly Server[]): Promise<() => Promise<void>> {
    await Promise.all(servers.map((server) => this.servers.kill(server)));
    return async () => {
      for (const server of servers) this.servers.begin(server);
    };
  }
}

function later(undo: () => void): () => Promise<void> {
  return async () => undo();
}

export interface EtcdStory extends Story {
  readonly plan: Plan;
  readonly servers: number;
  /** How many servers have ended by themselves. */
  readonly ended: number;
}

/** `number`: that of a network that nobody has. */
export async function liveOnEtcd(seed: number, number: number): Promise<EtcdStory> {
  const plan = planOf(seed, [...kinds, ...clientKinds]);
  const dice = new Dice(seed + 7);
  const isLarge = dice.below(3) === 0 || plan.faults.some(({ kind }) => kind === "two servers are killed");
  const count = isLarge ? 5 : 3;
  const names = Array.from({ length: count }, (_, at) => `s${at + 1}`);
  const network = await Network.make(number, [...names, ...Array.from({ length: seats }, (_, at) => `c${at + 1}`)]);
  const directory = mkdtempSync(join(tmpdir(), "mgmt-history-"));
  const hasDisks = plan.faults.some(({ kind }) => kind === "a disk is full");
  const clocks = names.map(() => dice.between(0, 400) * 86_400);
  const servers = new EtcdServers(directory, network.hosts.slice(0, count), clocks, hasDisks);
  const world = new EtcdWorld(network, servers, directory);
  try {
    await servers.ready();
    return { ...(await live(world, plan)), plan, servers: count, ended: servers.ended };
  } finally {
    await world.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
