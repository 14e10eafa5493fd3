// SPDX-License-Identifier: Apache-2.0
// What processes that share a file do and are told while some are killed and stopped, held to the same as every store.

import assert from "node:assert/strict";
import { test } from "node:test";
import { renderPlan } from "../histories/faults.ts";
import { liveInFile } from "../histories/file-world.ts";

const count = Number(process.env["HISTORIES"] ?? 6);
const first = Number(process.env["SEED"] ?? 0);
const width = 3;

test(`${count} histories of processes that share a file hold`, { timeout: 175_000 }, async (context) => {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const seed = first + next;
      next += 1;
      const { plan, violations, history } = await liveInFile(seed);
      const told = violations.map(({ property, text }) => `${property}: ${text}`).join("\n");
      assert.equal(told, "", `seed ${seed} (${renderPlan(plan)})`);
      context.diagnostic(`seed ${seed}: ${renderPlan(plan)}; ${history.events.length} notes`);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
});
