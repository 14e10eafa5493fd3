// SPDX-License-Identifier: Apache-2.0
// The store in memory keeps its promises while its doors are shut, its answers lost and its clients killed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { renderPlan } from "./faults.ts";
import { liveInMemory } from "./memory-world.ts";

const histories = Number(process.env["HISTORIES"] ?? 10);
const first = Number(process.env["SEED"] ?? 0);

test(`${histories} histories of the store in memory hold`, async () => {
  for (let seed = first; seed < first + histories; seed += 1) {
    const { violations, plan, history } = await liveInMemory(seed);
    const told = violations.map(({ property, text }) => `${property}: ${text}`).join("\n");
    assert.equal(told, "", `seed ${seed} (${renderPlan(plan)})`);
    assert.ok(history.events.length > 200, `seed ${seed} has ${history.events.length} events`);
  }
});
