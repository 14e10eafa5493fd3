// SPDX-License-Identifier: Apache-2.0
// Simulated hosts that share a store in memory, under a clock that tests drive.

import { memoryCluster, type MemoryCluster, type MemoryDoor } from "../cluster/memory/index.ts";
import { type DrivenClock, drivenClock } from "../host/memory/clock.ts";
import type { Entry } from "../contract/cluster.ts";
import { createExchange, type OwnExchange } from "./index.ts";
import type { Remembered, Remembrance } from "./remembered.ts";

export interface FleetHost {
  readonly name: string;
  readonly door: MemoryDoor;
  readonly exchange: OwnExchange;
  /** What its person was told. */
  readonly troubles: readonly string[];
  /** Aborts when it stops or crashes. */
  readonly signal: AbortSignal;
  /** In order. */
  stop(): Promise<void>;
  crash(): void;
}

export interface Fleet {
  readonly clock: DrivenClock;
  readonly cluster: MemoryCluster;
  /** A second life of a host remembers what it has known. */
  start(name: string, options?: { readonly cutOff?: boolean }): FleetHost;
  /** Until nothing more happens without time. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

class Memory implements Remembered {
  readonly #kept = new Map<string, Remembrance>();
  readonly #clock: DrivenClock;

  constructor(clock: DrivenClock) {
    this.#clock = clock;
  }

  load(range: string): Remembrance | undefined {
    return this.#kept.get(range);
  }

  save(range: string, entries: () => readonly Entry[]): void {
    this.#kept.set(range, { timeMs: this.#clock.now(), entries: entries() });
  }
}

export function createFleet(): Fleet {
  const clock = drivenClock();
  const cluster = memoryCluster(clock);
  const running = new Set<FleetHost>();
  const memories = new Map<string, Memory>();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await clock.settle();
  };
  const fleet: Fleet = {
    clock,
    cluster,
    settle,
    start(name, { cutOff = false } = {}) {
      const door = cluster.door();
      if (cutOff) door.cutOff();
      const remembered = memories.get(name) ?? new Memory(clock);
      memories.set(name, remembered);
      const troubles: string[] = [];
      const living = new AbortController();
      const exchange = createExchange({
        cluster: door,
        hostname: name,
        remembered,
        clock,
        onTrouble: (text) => troubles.push(text),
      });
      const host: FleetHost = {
        name,
        door,
        exchange,
        troubles,
        signal: living.signal,
        async stop() {
          running.delete(host);
          living.abort();
          const closing = exchange.close();
          await settle();
          await closing;
        },
        crash() {
          running.delete(host);
          living.abort();
          door.crash();
        },
      };
      running.add(host);
      return host;
    },
    async stop() {
      for (const host of running) {
        host.door.heal();
        await host.stop();
      }
    },
  };
  return fleet;
}

/** Collects what comes, until the host is gone. */
export function collect<Item>(items: AsyncIterable<Item>): {
  readonly all: Item[];
  readonly last: Item | undefined;
  readonly end: Error | "ended" | undefined;
} {
  const all: Item[] = [];
  let end: Error | "ended" | undefined;
  const read = async (): Promise<void> => {
    for await (const item of items) all.push(item);
  };
  read().then(
    () => {
      end = "ended";
    },
    (reason: unknown) => {
      end = reason as Error;
    },
  );
  return {
    all,
    get last() {
      return all.at(-1);
    },
    get end() {
      return end;
    },
  };
}

export async function withFleet(run: (fleet: Fleet) => Promise<void>): Promise<void> {
  const fleet = createFleet();
  try {
    await run(fleet);
  } finally {
    await fleet.stop();
  }
}

export const never = (): AbortSignal => new AbortController().signal;
