// SPDX-License-Identifier: Apache-2.0
// A refresh comes in and goes out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { proves } from "../../../test/proofs.ts";
import { converge, drive } from "../../../test/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { noop } from "./noop.ts";

test("it has nothing to do but to pass a refresh on", async () => {
  assert.deepEqual(await converge(noop, "anchor", {}, memoryHost()), []);
  const resource = drive(noop, "anchor", { comment: "here" }, memoryHost());
  assert.deepEqual(await resource.settle({ refresh: true }), ["! pass the refresh on"]);
  assert.deepEqual(await resource.settle(), []);
});

proves("noop", "twice");
