// SPDX-License-Identifier: Apache-2.0
// What `exit` asks for. That a run ends then is shown in agent/.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { drive, problemsOf } from "../../../test/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { exit } from "./exit.ts";

test("it asks once for the end, with its status", async () => {
  const resource = drive(exit, "done", { code: 3 }, memoryHost());
  assert.deepEqual(await resource.settle(), ["! end the run with status 3"]);
  assert.deepEqual(await resource.settle(), []);
  assert.deepEqual(resource.ended, [3]);
});

test("a status that shells use for something else is refused", () => {
  assert.deepEqual(problemsOf(exit, "done", { code: 125 }), []);
  assert.deepEqual(problemsOf(exit, "done", { code: 126 }), ["the exit status 126 is larger than 125"]);
});

test("whatever it has asked for before, it asks once", async () => {
  const status = fc.integer({ min: 0, max: 125 });
  await fc.assert(
    fc.asyncProperty(fc.array(status, { maxLength: 2 }), status, async (before, code) => {
      const first = drive(exit, "done", {}, memoryHost());
      for (const each of before) await first.changed({ code: each }).settle();
      const resource = first.changed({ code });
      assert.equal((await resource.settle()).length, before.length === 0 ? 1 : 0);
      assert.deepEqual(await resource.plan(), []);
    }),
    { numRuns: 300 },
  );
});

proves("exit", "twice", "bad values", "random starts");
