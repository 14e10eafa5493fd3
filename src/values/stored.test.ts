// SPDX-License-Identifier: Apache-2.0
// What is stored is read back as it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { storedTextOf, valueOfStored } from "./stored.ts";
import { MapValue, sameValue, StructValue, type Value } from "./value.ts";

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.boolean(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("\udc80", "a\udcffb"),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double({ noNaN: true }),
);

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(scalar, tie("value")), { maxLength: 3 }).map((entries) => new MapValue(entries)),
    fc
      .array(tie("value"), { maxLength: 3 })
      .map((values) => new StructValue(["a", "b", "c"].slice(0, values.length), values)),
  ),
}));

test("every value comes back as it was", () => {
  fc.assert(
    fc.property(value, (original) => {
      const back = valueOfStored(storedTextOf(original));
      assert.ok(back !== undefined && (sameValue(back, original) || Object.is(back, original)));
    }),
  );
  assert.ok(Object.is(valueOfStored(storedTextOf(-0)), -0));
  assert.ok(Number.isNaN(valueOfStored(storedTextOf(Number.NaN))));
});

test("ints, floats and texts that look alike stay apart", () => {
  assert.deepEqual(
    ([1n, 1, "1", [1n]] as const).map((original) => valueOfStored(storedTextOf(original))),
    [1n, 1, "1", [1n]],
  );
});

test("what was not stored so is not read", () => {
  for (const text of [
    "",
    "{",
    "null",
    "1",
    "[]",
    '["i"]',
    '["i","x"]',
    '["f",""]',
    '["z"]',
    '["m",[1]]',
    '["s",[1,true]]',
    '["l",null]',
  ]) {
    assert.equal(valueOfStored(text), undefined, text);
  }
});
