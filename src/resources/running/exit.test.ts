// SPDX-License-Identifier: Apache-2.0
// What `exit` asks for. That a run ends then is shown in agent/.

import assert from "node:assert/strict";
import { test } from "node:test";
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
