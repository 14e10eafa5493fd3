// SPDX-License-Identifier: Apache-2.0
// The beginning of a printed value is that of the whole, and costs no more than it is long.

import assert from "node:assert/strict";
import { test } from "node:test";
import { printBeginning, printValue } from "./print.ts";
import { MapValue, StructValue, type Value } from "./value.ts";

const values: readonly Value[] = [
  true,
  42n,
  1.5,
  "a text\n",
  [],
  ["a", "b\n"],
  [[1n], [], [2n, 3n]],
  new MapValue([
    ["b", [1n]],
    ["a", []],
  ]),
  new MapValue(),
  new StructValue(["a", "b"], [1n, new StructValue([], [])]),
];

test("the beginning of a value is that of its whole text", () => {
  for (const value of values) {
    const whole = printValue(value);
    assert.equal(printBeginning(value, 1000), whole);
    for (let length = 0; length < whole.length; length += 1) {
      assert.equal(printBeginning(value, length).slice(0, length), whole.slice(0, length));
    }
  }
});

test("a value that holds another many times over is not walked to its end", () => {
  let value: Value = 1n;
  for (let level = 0; level < 100; level += 1) value = [value, value];
  assert.equal(printBeginning(value, 20).slice(0, 20), "[".repeat(20));
});
