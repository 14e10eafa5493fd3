// SPDX-License-Identifier: Apache-2.0
// What it costs that hosts tell each other things, by how many they are: simulated hosts with a store in memory and a clock
// that is driven. Counts what goes over the network of each host, and what the store holds; takes the time of all of them
// together, in one thread. `npm run bench -- fleet [HOSTS …]`.

import { memoryCluster, type MemoryCluster } from "../src/cluster/memory/index.ts";
import type { Cluster, WatchItem } from "../src/contract/cluster.ts";
import { createExchange, type OwnExchange } from "../src/exchange/index.ts";
import { type DrivenClock, drivenClock } from "../src/host/memory/clock.ts";
import { collectsEach, Fleet as Agents } from "./fleet-agents.ts";

/** What one host has said and heard. */
class Traffic {
  /** Reads, transactions and items of watches: each is a message. */
  messages = 0;
  changes = 0;
  bytes = 0;

  add(changes: number, bytes: number): void {
    this.messages += 1;
    this.changes += changes;
    this.bytes += bytes;
  }
}

interface SimulatedHost {
  readonly name: string;
  readonly exchange: OwnExchange;
  readonly traffic: Traffic;
  readonly living: AbortController;
  collected: number;
}

class Fleet {
  readonly clock: DrivenClock = drivenClock();
  readonly cluster: MemoryCluster = memoryCluster(this.clock);
  readonly hosts: SimulatedHost[] = [];

  add(count: number): void {
    for (let at = 0; at < count; at += 1) {
      const traffic = new Traffic();
      const cluster = counted(this.cluster.door(), traffic);
      const name = `host${at}`;
      const exchange = createExchange({ cluster, hostname: name, clock: this.clock, onTrouble: () => {} });
      this.hosts.push({ name, exchange, traffic, living: new AbortController(), collected: 0 });
    }
  }

  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 6; ) {
      const before = this.total().messages;
      await this.clock.settle();
      quiet = this.total().messages === before ? quiet + 1 : 0;
    }
  }

  total(): Traffic {
    const total = new Traffic();
    for (const { traffic } of this.hosts) {
      total.messages += traffic.messages;
      total.changes += traffic.changes;
      total.bytes += traffic.bytes;
    }
    return total;
  }

  async measure(what: string, work: () => Promise<void>): Promise<void> {
    const before = this.total();
    const start = process.cpuUsage();
    await work();
    await this.settle();
    const { user, system } = process.cpuUsage(start);
    const after = this.total();
    const count = this.hosts.length;
    const messages = after.messages - before.messages;
    const bytes = after.bytes - before.bytes;
    const cpuMs = (user + system) / 1000;
    line(what, [
      `${messages} messages`,
      `${(messages / count).toFixed(2)} a host`,
      size(bytes),
      `${cpuMs.toFixed(cpuMs < 10 ? 2 : 0)} ms`,
      `${((cpuMs * 1000) / count).toFixed(1)} µs a host`,
    ]);
  }

  async held(): Promise<void> {
    const { entries } = await this.cluster.door().read({ prefix: "/" }, never());
    const bytes = entries.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    line("the store holds", [`${entries.length} keys`, size(bytes)]);
  }

  async stop(): Promise<void> {
    for (const { living } of this.hosts) living.abort();
    await Promise.all(this.hosts.map(({ exchange }) => exchange.close()));
  }
}

function counted(cluster: Cluster, traffic: Traffic): Cluster {
  return {
    isShared: cluster.isShared,
    async read(range, signal) {
      const snapshot = await cluster.read(range, signal);
      traffic.add(snapshot.entries.length, snapshot.entries.reduce((sum, { key, value }) => sum + key.length + value.length, 0)); // biome-ignore format: one line
      return snapshot;
    },
    commit(transaction, signal) {
      const bytes = transaction.changes.reduce(
        (sum, change) => sum + change.key.length + (change.do === "put" ? change.value.length : 0),
        0,
      );
      traffic.add(transaction.changes.length, bytes);
      return cluster.commit(transaction, signal);
    },
    async *watch(range, after, signal) {
      for await (const item of cluster.watch(range, after, signal)) {
        traffic.add(item.kind === "changes" ? item.changes.length : 0, bytesOf(item));
        yield item;
      }
    },
    openSession: (ttlMs, signal) => {
      traffic.add(0, 0);
      return cluster.openSession(ttlMs, signal);
    },
    close: () => cluster.close(),
  };
}

function bytesOf(item: WatchItem): number {
  if (item.kind !== "changes") return 0;
  return item.changes.reduce((sum, { key, entry }) => sum + key.length + (entry?.value.length ?? 0), 0);
}

// ---- What hosts do ----

const data = (text: string): string => JSON.stringify(["s", ["content", text.padEnd(100, "x")]]);

async function publish(host: SimulatedHost, to: string, text: string): Promise<void> {
  const shown = { data: data(text), expire: 0 };
  await host.exchange.exports.publish([{ to, kind: "file", name: `/srv/${host.name}` }], shown, never());
}

function collect(host: SimulatedHost): void {
  const read = async (): Promise<void> => {
    for await (const all of host.exchange.exports.follow("file", host.living.signal)) host.collected = all.length;
  };
  read().catch(() => {});
}

/** Each tells everybody something: N × N. */
async function everybody(count: number): Promise<void> {
  console.log(`  ${count} hosts, each exports one file to all and collects those of all`);
  const fleet = new Fleet();
  fleet.add(count);
  await fleet.measure("all come up", async () => {
    await Promise.all(fleet.hosts.map((host) => publish(host, "*", "1")));
    for (const host of fleet.hosts) collect(host);
  });
  if (fleet.hosts.some(({ collected }) => collected !== count)) throw new Error("a host has not collected all");
  const [one] = fleet.hosts;
  if (one !== undefined) await fleet.measure("one file changes", () => publish(one, "*", "2"));
  await fleet.held();
  await fleet.stop();
}

/** Each tells one of a few what it needs of it: as a load balancer, a monitor, a directory does. */
async function few(count: number): Promise<void> {
  const readers = Math.max(1, Math.round(count / 100));
  console.log(`  ${count} hosts, each exports one file to one of ${readers}, which collects those for it`);
  const fleet = new Fleet();
  fleet.add(count);
  await fleet.measure("all come up", async () => {
    await Promise.all(fleet.hosts.map((host, at) => publish(host, `host${at % readers}`, "1")));
    for (const host of fleet.hosts) collect(host);
  });
  const [one] = fleet.hosts;
  if (one !== undefined) await fleet.measure("one file changes", () => publish(one, "host0", "2"));
  await fleet.held();
  await fleet.stop();
}

async function alive(count: number): Promise<void> {
  console.log(`  ${count} hosts tell that they are alive, and a tenth of them follow who is`);
  const fleet = new Fleet();
  fleet.add(count);
  await fleet.measure("all come up", async () => {
    for (const { exchange } of fleet.hosts) exchange.announce();
    await fleet.settle();
    for (const { exchange, living } of fleet.hosts.slice(0, Math.ceil(count / 10))) {
      drain(exchange.hosts.follow(living.signal));
    }
  });
  await fleet.stop();
}

async function deploys(count: number): Promise<void> {
  console.log(`  ${count} hosts follow deploys and report; a rollout in four waves`);
  const fleet = new Fleet();
  fleet.add(count);
  const having = new Map<string, number>();
  await fleet.measure("all come up", async () => {
    for (const host of fleet.hosts) {
      const { rollouts, deploys: all } = host.exchange;
      const { signal } = host.living;
      host.exchange.announce();
      const follow = async (): Promise<void> => {
        for await (const { chosen } of rollouts.follow(signal)) {
          const id = chosen?.record.id ?? 0;
          if (chosen === undefined || having.get(host.name) === id) continue;
          having.set(host.name, id);
          await all.content(chosen.record.bundle, signal);
          await rollouts.report({ deploy: id, state: "starting" }, signal);
          await rollouts.report({ deploy: id, state: "well" }, signal);
        }
      };
      follow().catch(() => {});
      rollouts.judge(signal).catch(() => {});
    }
  });
  const [one] = fleet.hosts;
  await fleet.measure("to all at once", async () => {
    await one?.exchange.deploys.publish({ record: record(undefined), manifest: "", contents: new Map(), checksParent: false }, never()); // biome-ignore format: one line
  });
  await fleet.measure("in waves", async () => {
    const plan = { waves: [{ hosts: 1 }, { percent: 10 }, { percent: 50 }], first: [], splayMs: 0, soakMs: 1000, patienceMs: 600_000, mayFail: 0 }; // biome-ignore format: one line
    await one?.exchange.deploys.publish({ record: record(plan), manifest: "", contents: new Map(), checksParent: false }, never()); // biome-ignore format: one line
    for (let second = 0; second < 10; second += 1) {
      await fleet.settle();
      await fleet.clock.advance(1_001);
    }
  });
  if ([...having.values()].filter((id) => id === 2).length !== count) throw new Error("not every host has the deploy");
  await fleet.held();
  await fleet.stop();
}

type Published = Parameters<OwnExchange["deploys"]["publish"]>[0]["record"];

function record(rollout: Published["rollout"]): Published {
  const settings = { noop: false, autoedges: true, autogroups: true };
  const plan = rollout === undefined ? {} : { rollout };
  return { bundle: "0".repeat(64), frontend: "empty", name: "site", settings, atMs: 0, by: "bench", ...plan };
}

function drain(items: AsyncIterable<unknown>): void {
  const read = async (): Promise<void> => {
    for await (const _ of items);
  };
  read().catch(() => {});
}

function line(what: string, parts: readonly string[]): void {
  console.log(`    ${what.padEnd(20)} ${parts.join(", ")}`);
}

function size(bytes: number): string {
  return bytes < 10_000 ? `${bytes} bytes` : bytes < 10_000_000 ? `${(bytes / 1000).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(0)} MB`; // biome-ignore format: one line
}

function never(): AbortSignal {
  return new AbortController().signal;
}

/** Each of N hosts holds what N export: what is more does not fit into one process. */
const mostForEverybody = 1000;
const mostAgents = 300;
const mostArrivals = 100;

const given = process.argv.slice(2).map(Number);
for (const count of given.length > 0 ? given : [10, 100, 1000, 10_000]) {
  console.log(`${count} hosts`);
  if (count <= mostForEverybody) await everybody(count);
  await few(count);
  await alive(count);
  await deploys(count);
  if (count <= mostAgents) await new Agents(count).measure();
  if (count <= mostArrivals) await new Agents(count, collectsEach).measureArrivals();
  console.log(`  the process has ${size(process.memoryUsage().rss)} resident\n`);
}
