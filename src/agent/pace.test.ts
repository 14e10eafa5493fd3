// SPDX-License-Identifier: Apache-2.0
// When the next change of a program is taken.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type DrivenClock, drivenClock } from "../host/memory/clock.ts";
import { Pace } from "./pace.ts";

const never = new AbortController().signal;
const sameGraph = { isAnotherGraph: false };
const anotherGraph = { isAnotherGraph: true };

/** How long the next change waits after one that took so long, while so many others came. */
async function waits(tookMs: number, others: number): Promise<number> {
  const clock = drivenClock();
  let items = 7;
  const pace = new Pace(clock, () => items);
  pace.begin();
  await clock.advance(tookMs);
  items += others;
  return restOf(pace, clock, sameGraph);
}

async function restOf(pace: Pace, clock: DrivenClock, what: typeof sameGraph): Promise<number> {
  const began = clock.monotonicMs();
  let ended: number | undefined;
  const resting = pace.rest(what, never).then(() => {
    ended = clock.monotonicMs() - began;
  });
  for (let ms = 0; ms < 1000 && ended === undefined; ms += 1) {
    await clock.settle();
    if (ended === undefined) await clock.advance(1);
  }
  await resting;
  return ended ?? Number.POSITIVE_INFINITY;
}

test("a change that comes alone holds up nothing", async () => {
  assert.equal(await waits(50, 0), 0);
  assert.equal(await waits(0, 3), 0);
});

test("what comes while a change is taken is let come for as long as that took, and never for long", async () => {
  assert.equal(await waits(1, 1), 1);
  assert.equal(await waits(20, 1), 20);
  assert.equal(await waits(20, 500), 20);
  assert.equal(await waits(5000, 1), 500);
});

test("graphs that follow each other closely rest for longer and longer, one that comes alone does not", async () => {
  const clock = drivenClock();
  const pace = new Pace(clock, () => 0);
  const rests: number[] = [];
  const take = async (gapMs: number, what: typeof sameGraph): Promise<void> => {
    await clock.advance(gapMs);
    pace.begin();
    await clock.advance(3);
    rests.push(await restOf(pace, clock, what));
  };
  for (let count = 0; count < 13; count += 1) await take(200, anotherGraph);
  assert.deepEqual(rests.splice(0), [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 30, 30]);
  await take(200, sameGraph);
  await take(1500, anotherGraph);
  await take(1500, anotherGraph);
  await take(500, anotherGraph);
  assert.deepEqual(rests, [0, 0, 0, 3]);
});

test("a rest ends at once with its signal", async () => {
  const clock = drivenClock();
  let items = 0;
  const pace = new Pace(clock, () => items);
  const ending = new AbortController();
  pace.begin();
  await clock.advance(50);
  items = 1;
  const resting = pace.rest(sameGraph, ending.signal);
  ending.abort();
  await resting;
  await pace.rest(sameGraph, ending.signal);
});

test("whatever comes whenever, all of it is taken in its order, soon, and by no more changes than came", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ gapMs: fc.nat({ max: 40 }), isAnotherGraph: fc.boolean() }), {
        minLength: 1,
        maxLength: 40,
      }),
      fc.integer({ min: 1, max: 60 }),
      async (events, tookMs) => {
        const clock = drivenClock();
        let came = 0;
        const taken: number[] = [];
        const pace = new Pace(clock, () => came);
        let wake = (): void => {};
        const take = async (): Promise<void> => {
          for (let known = 0; known < events.length; known = taken.at(-1) ?? 0) {
            if (came === known) {
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
            }
            pace.begin();
            const [from, to] = [known, came];
            taken.push(to);
            await clock.sleep(tookMs, never);
            await pace.rest({ isAnotherGraph: events.slice(from, to).some((each) => each.isAnotherGraph) }, never);
          }
        };
        const taking = take();
        for (const { gapMs } of events) {
          await clock.advance(gapMs);
          came += 1;
          wake();
        }
        // The change that is being taken, its rest, and what is left.
        await clock.advance(tookMs + 500);
        assert.equal(taken.at(-1), events.length);
        await clock.advance(1000);
        await taking;
        assert.deepEqual(
          taken,
          [...new Set(taken)].sort((left, right) => left - right),
        );
      },
    ),
    { numRuns: 40 },
  ));
