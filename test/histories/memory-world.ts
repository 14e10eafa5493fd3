// SPDX-License-Identifier: Apache-2.0
// The store of simulated hosts, each client with a door of its own, under a clock that is driven: the same seed gives the
// same history.

import { memoryCluster, type MemoryDoor } from "../../src/cluster/memory/index.ts";
import type { Clock } from "../../src/contract/host.ts";
import { drivenClock, type DrivenClock } from "../../src/host/memory/clock.ts";
import { Client } from "./client.ts";
import type { Dice } from "./dice.ts";
import { planOf } from "./faults.ts";
import type { Recorded, Told } from "./history.ts";
import { recordedCluster } from "./recorded-cluster.ts";
import { type Actor, clientKinds, live, type Story, type World } from "./world.ts";

const kinds = [
  "a client is cut off",
  "nothing is answered to a client",
  "answers are lost",
  "watches break",
  "all are cut off",
  "the store forgets",
] as const;

class MemoryWorld implements World {
  readonly clock: DrivenClock = drivenClock();
  readonly #cluster = memoryCluster(this.clock);
  readonly #doors = new Map<string, MemoryDoor>();
  readonly #clients = new Map<string, Client>();
  readonly #events: Recorded[] = [];

  async begin(name: string, seed: number): Promise<Actor> {
    const door = this.#cluster.door();
    let isGone = false;
    const note = (told: Told): void => {
      if (!isGone) this.#note(name, told);
    };
    const client = new Client({
      name,
      cluster: recordedCluster(door, name, this.clock, note),
      clock: this.clock,
      seed,
      note,
    });
    this.#doors.set(name, door);
    this.#clients.set(name, client);
    client.start();
    return {
      name,
      kill: async () => {
        isGone = true;
        this.#doors.delete(name);
        this.#clients.delete(name);
        door.crash();
        await client.end();
      },
      // Nobody can stop a part of a process; to others it looks the same.
      pause: () => {
        door.stall();
        return () => door.heal();
      },
      jump: () => {},
      rest: () => client.rest(),
      look: () => client.look(),
    };
  }

  async harm(kind: string, dice: Dice): Promise<() => Promise<void>> {
    const doors = [...this.#doors.values()];
    const door = dice.pick(doors);
    const heal = async (): Promise<void> => door.heal();
    switch (kind as (typeof kinds)[number]) {
      case "a client is cut off":
        door.cutOff();
        return heal;
      case "nothing is answered to a client":
        door.stall();
        return heal;
      case "answers are lost":
        for (const each of doors) each.loseAnswers(dice.between(1, 5));
        break;
      case "watches break":
        for (const each of doors) each.breakWatches();
        break;
      case "all are cut off":
        for (const each of doors) each.cutOff();
        return async () => {
          for (const each of doors) each.heal();
        };
      case "the store forgets":
        this.#note("the world", { what: "compacts" });
        this.#cluster.compact();
        break;
    }
    return async () => {};
  }

  async heal(): Promise<void> {
    for (const door of this.#doors.values()) door.heal();
  }

  async read() {
    return this.#cluster.door().read({ prefix: "/" }, new AbortController().signal);
  }

  events(): readonly Recorded[] {
    return this.#events;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) await client.end();
  }

  #note(client: string, told: Told): void {
    this.#events.push({ ...told, client, atMs: this.clock.monotonicMs() });
  }
}

export async function liveInMemory(seed: number): Promise<Story & { readonly plan: ReturnType<typeof planOf> }> {
  const world = new MemoryWorld();
  const plan = planOf(seed, [...kinds, ...clientKinds]);
  const story = await driven(world.clock, live(world, plan));
  await driven(world.clock, world.stop());
  return { ...story, plan };
}

/** Time goes on until it is done. */
async function driven<Result>(clock: DrivenClock & Clock, task: Promise<Result>): Promise<Result> {
  let isDone = false;
  const done = (): void => {
    isDone = true;
  };
  task.then(done, done);
  while (!isDone) await clock.advance(5);
  return task;
}
