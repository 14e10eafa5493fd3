// SPDX-License-Identifier: Apache-2.0
// A value is sent always and kept once.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { functionType, intType } from "../../values/type.ts";
import { FunctionValue } from "../../values/value.ts";
import { value } from "./value.ts";

test("a new value is a change, also after a restart the same one is none", async () => {
  const host = memoryHost();
  assert.deepEqual(await converge(value, "v", { any: "1" }, host), ['+ set the value "1"']);
  assert.deepEqual(await converge(value, "v", { any: "1" }, host), []);
  assert.deepEqual(await converge(value, "v", { any: 1n }, host), ['~ set the value 1 (was "1")']);
  assert.deepEqual(await converge(value, "v", {}, host), ["- forget the value"]);
  assert.deepEqual(await converge(value, "v", {}, host), []);
});

test("the value is sent whether it is new or not", async () => {
  const resource = drive(value, "v", { any: [1n, 2n] }, memoryHost());
  await resource.settle();
  await resource.settle();
  assert.deepEqual(resource.sent, [{ any: [1n, 2n] }, { any: [1n, 2n] }]);
});

test("a function cannot be held", () => {
  const any = new FunctionValue(functionType([], intType), {});
  assert.deepEqual(problemsOf(value, "v", { any }), ["a resource cannot hold a function"]);
});

test("whatever is kept, of whatever type, or lost, one pass settles it", async () => {
  const any = fc.option(
    fc.oneof(fc.string({ maxLength: 5 }), fc.bigInt(-5n, 5n), fc.double(), fc.boolean(), fc.array(fc.bigInt(0n, 3n))),
    { nil: undefined },
  );
  await fc.assert(
    fc.asyncProperty(any, fc.boolean(), any, async (before, isLost, after) => {
      const host = memoryHost();
      await converge(value, "v", { any: before }, host);
      if (isLost) host.outside.remove("/var/lib/mgmt");
      await converge(value, "v", { any: after }, host);
      const resource = drive(value, "v", { any: after }, host);
      await resource.plan();
      assert.deepEqual(resource.sent.at(-1), { any: after });
    }),
    { numRuns: 300 },
  );
});

proves("value", "twice", "bad values", "random starts");
