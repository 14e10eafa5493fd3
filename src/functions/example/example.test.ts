// SPDX-License-Identifier: Apache-2.0
// The functions to learn with.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../../host/memory/index.ts";
import { check, checkFails } from "../check.test-support.ts";
import { follow } from "../stream.test-support.ts";

test("the examples do what they say", () => {
  for (const name of ["answer", "nativeanswer", "test1"]) check(`example.${name}`, [], 42n);
  check("example.int2str", [42n], "42");
  check("example.plus", ["a", "b"], "ab");
  check("example.str2int", ["42"], 42n);
  check("example.str2int", ["x"], 0n);
  check("example/nested.hello", [], "Hello!");
});

test("errorbool fails when it is asked to", () => {
  check("example.errorbool", [false], "set input to true to generate an error");
  checkFails("example.errorbool", [true], "fatal", /asked to fail/);
});

test("flipflop is another every five seconds", async () => {
  const host = memoryHost();
  const flipflop = follow(host, "example.flipflop", []);
  await host.clock.advance(10_000);
  assert.deepEqual(await flipflop.take(), [true, false, true]);
});
