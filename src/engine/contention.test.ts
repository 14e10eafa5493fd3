// SPDX-License-Identifier: Apache-2.0
// What counts as a fight over a resource, and how it is slowed down.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Contention, holdRepair, noteRepair, peace } from "./contention.ts";

/** Undoes each repair after `everyMs`, for so long; each repair takes `workMs`. Gives the repairs and what was told. */
function play(
  from: Contention,
  startMs: number,
  { forMs, everyMs, workMs = 0 }: { readonly forMs: number; readonly everyMs: number; readonly workMs?: number },
): { readonly state: Contention; readonly repairs: number; readonly told: readonly string[]; readonly endMs: number } {
  let state = from;
  let repairs = 0;
  let nowMs = startMs;
  const told: string[] = [];
  while (nowMs < startMs + forMs) {
    nowMs += everyMs;
    const held = holdRepair(state, nowMs);
    nowMs += held.waitMs + workMs;
    const noted = noteRepair(held.state, workMs, nowMs);
    state = noted.state;
    repairs += 1;
    if (noted.change !== undefined) told.push(`${noted.change.to} after ${Math.round((nowMs - startMs) / 1000)} s`);
  }
  return { state, repairs, told, endMs: nowMs };
}

test("ten removals a second, for hours, are repaired at once", () => {
  const { repairs, told } = play(peace(0), 0, { forMs: 7_200_000, everyMs: 100 });
  assert.deepEqual(told, []);
  assert.equal(repairs, 72_000);
});

test("a burst of thousands of removals is repaired at once", () => {
  const { repairs, told } = play(peace(0), 0, { forMs: 5_000, everyMs: 1 });
  assert.deepEqual(told, []);
  assert.equal(repairs, 5_000);
});

test("what undoes every repair at once for ten seconds is a fight, told once and slowed to one repair a second", () => {
  const first = play(peace(0), 0, { forMs: 60_000, everyMs: 1 });
  assert.deepEqual(first.told, ["fight after 10 s"]);
  const later = play(first.state, first.endMs, { forMs: 60_000, everyMs: 1 });
  assert.deepEqual(later.told, []);
  assert.ok(later.repairs <= 61, `${later.repairs} repairs in a minute`);
});

test("a command that wakes itself is a fight too, though it runs only a few times a second", () => {
  const { told } = play(peace(0), 0, { forMs: 30_000, everyMs: 1, workMs: 90 });
  assert.deepEqual(told, ["fight after 10 s"]);
});

test("a fight that has calmed down is over, and the next removals are repaired at once", () => {
  const fight = play(peace(0), 0, { forMs: 60_000, everyMs: 1 });
  const calm = play(fight.state, fight.endMs + 11_000, { forMs: 60_000, everyMs: 100 });
  assert.deepEqual(calm.told, ["peace after 0 s"]);
  assert.equal(calm.repairs, 600);
});

test("rare changes after a fight end it as well", () => {
  const fight = play(peace(0), 0, { forMs: 60_000, everyMs: 1 });
  const calm = play(fight.state, fight.endMs, { forMs: 60_000, everyMs: 1500 });
  assert.deepEqual(
    calm.told.map((line) => line.split(" ")[0]),
    ["peace"],
  );
});
