// SPDX-License-Identifier: Apache-2.0
// One history: clients begin, harm is done by plan and undone, everything comes to rest, and then it is judged. Knows no
// store; those are in the `*-world.ts` files.

import type { Snapshot } from "../../src/contract/cluster.ts";
import type { Clock } from "../../src/contract/host.ts";
import { violationsIn } from "./check.ts";
import { duty } from "./client.ts";
import { Dice } from "./dice.ts";
import type { Plan } from "./faults.ts";
import type { History, Recorded, Violation } from "./history.ts";

/** A client, wherever it runs. */
export interface Actor {
  readonly name: string;
  /** Without a word. */
  kill(): Promise<void>;
  /** It does nothing until the returned function is called. */
  pause(): () => void;
  /** Somebody sets its clock. */
  jump(ms: number): void;
  /** Asks for nothing more. */
  rest(): Promise<void>;
  /** Notes what it knows. */
  look(): Promise<void>;
}

export interface World {
  readonly clock: Clock;
  begin(name: string, seed: number): Promise<Actor>;
  /** Returns what undoes it. */
  harm(kind: string, dice: Dice): Promise<() => Promise<void>>;
  /** Whatever has ended by itself begins again. */
  heal(): Promise<void>;
  read(): Promise<Snapshot>;
  /** What all clients have noted. */
  events(): readonly Recorded[];
  stop(): Promise<void>;
}

/** What can be done to clients of any store. */
export const clientKinds = [
  "a client is killed",
  "a client is stopped for a while",
  "clocks of clients jump",
  "all clients are killed",
] as const;
const clients = 3;
/** For what must come to an end soon; machines may be busy. */
const restMs = 30_000;
const dayMs = 86_400_000;

export interface Story {
  readonly history: History;
  readonly violations: readonly Violation[];
  /** Until everything was at rest, from the end of the last fault. */
  readonly restMs: number;
  /** What was not so yet before that. */
  readonly last: Violation | undefined;
}

export async function live(world: World, plan: Plan): Promise<Story> {
  const { clock } = world;
  const never = new AbortController().signal;
  const own: Recorded[] = [];
  const actors = new Map<string, Actor>();
  let lives = 0;
  const begin = async (): Promise<void> => {
    lives += 1;
    const actor = await world.begin(`c${lives}`, plan.seed * 1000 + lives);
    actors.set(actor.name, actor);
  };
  const kill = async (actor: Actor): Promise<void> => {
    actors.delete(actor.name);
    own.push({ what: "killed", client: actor.name, atMs: clock.monotonicMs() });
    await actor.kill();
  };
  const harm = async (kind: string, dice: Dice): Promise<() => Promise<void>> => {
    const actor = dice.pick([...actors.values()]);
    // All have been killed and are not there again.
    if (actor === undefined && kind !== clientKinds[3] && clientKinds.some((each) => each === kind))
      return async () => {};
    switch (kind) {
      case clientKinds[0]:
        await kill(actor);
        return begin;
      case clientKinds[1]: {
        const resume = actor.pause();
        return async () => resume();
      }
      case clientKinds[2]:
        for (const each of actors.values()) each.jump(dice.between(-400, 400) * dayMs);
        return async () => {};
      case clientKinds[3]: {
        const all = [...actors.values()];
        await Promise.all(all.map(kill));
        return async () => void (await Promise.all(all.map(begin)));
      }
      default:
        return world.harm(kind, dice);
    }
  };
  await Promise.all(Array.from({ length: clients }, begin));
  await Promise.all(
    plan.faults.map(async ({ kind, fromMs, forMs, seed }) => {
      await clock.sleep(fromMs, never);
      const undo = await harm(kind, new Dice(seed));
      await clock.sleep(forMs, never);
      await undo();
    }),
  );
  await clock.sleep(500, never);
  await world.heal();
  const beganMs = clock.monotonicMs();
  await Promise.all([...actors.values()].map((actor) => actor.rest()));
  for (let last: Violation | undefined; ; ) {
    await Promise.all([...actors.values()].map((actor) => actor.look()));
    const end = await world.read();
    const events = [...world.events(), ...own].sort((left, right) => left.atMs - right.atMs);
    const history: History = { events, end, living: [...actors.keys()], most: { [duty.namespace]: duty.most } };
    const violations = violationsIn(history);
    const tookMs = clock.monotonicMs() - beganMs;
    if (violations.length === 0 || tookMs > restMs) return { history, violations, restMs: tookMs, last };
    last = violations[0];
    await clock.sleep(500, never);
  }
}
