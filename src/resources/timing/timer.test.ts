// SPDX-License-Identifier: Apache-2.0
// Ticks on a clock that the test drives.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { drive, problemsOf } from "../../../test/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { timer } from "./timer.ts";

/** A timer of ten seconds, and how often its watch has told of something since it was armed. */
async function check() {
  const host = memoryHost();
  const controller = new AbortController();
  const resource = drive(timer, "t", { interval: 10 }, host, { signal: controller.signal });
  const watch = resource.watch();
  await watch.next();
  let told = 0;
  const listening = (async () => {
    while ((await watch.next()).done !== true) told += 1;
  })().catch((reason: unknown) => assert.equal(reason, controller.signal.reason));
  const stop = async () => {
    controller.abort();
    await listening;
  };
  return { clock: host.clock, resource, stop, told: () => told };
}

test("it ticks at each interval, and each tick is one change", async () => {
  const { clock, resource, stop, told } = await check();
  assert.deepEqual(await resource.settle(), []);
  await clock.advance(9_999);
  assert.equal(told(), 0);
  await clock.advance(1);
  assert.equal(told(), 1);
  assert.deepEqual(await resource.settle(), ["! tick"]);
  assert.deepEqual(await resource.settle(), []);
  await clock.advance(30_000);
  assert.equal(told(), 4);
  assert.deepEqual(await resource.settle(), ["! tick"]);
  await stop();
});

test("a refresh begins the interval anew", async () => {
  const { clock, resource, stop, told } = await check();
  await clock.advance(6_000);
  assert.deepEqual(await resource.settle({ refresh: true }), ["! begin the interval anew"]);
  await clock.advance(9_999);
  assert.equal(told(), 0);
  await clock.advance(1);
  assert.equal(told(), 1);
  await clock.advance(10_000);
  assert.equal(told(), 2);
  await stop();
});

test("an interval of nothing is refused", () => {
  assert.deepEqual(problemsOf(timer, "t", {}), ["the `interval` must be at least 1 second, but is 0"]);
});

test("however many ticks and refreshes have passed, one pass acknowledges them all, and the next tick comes in time", async () => {
  const seconds = fc.integer({ min: 0, max: 25 });
  const past = fc.array(fc.record({ seconds, does: fc.constantFrom("nothing", "settles", "is refreshed") }), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(past, async (passed) => {
      const { clock, resource, stop, told } = await check();
      let sinceMs = 0;
      for (const { seconds: wait, does } of passed) {
        await clock.advance(wait * 1000);
        sinceMs = (sinceMs + wait * 1000) % 10_000;
        if (does === "nothing") continue;
        await resource.settle({ refresh: does === "is refreshed" });
        if (does === "is refreshed") sinceMs = 0;
      }
      await resource.settle();
      assert.deepEqual(await resource.plan(), []);
      const before = told();
      await clock.advance(9_999 - sinceMs);
      assert.equal(told(), before);
      await clock.advance(1);
      assert.equal(told(), before + 1);
      assert.deepEqual(await resource.settle(), ["! tick"]);
      assert.deepEqual(await resource.plan(), []);
      await stop();
    }),
    { numRuns: 300 },
  );
});

proves("timer", "twice", "outside change", "bad values", "random starts");
