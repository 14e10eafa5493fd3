// SPDX-License-Identifier: Apache-2.0
// The wire format, by round trips and by bytes that others write.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytes, flag, id, manyWhole, message, number, text, texts, whole } from "./wire.ts";

const inner = message({ name: text(1), count: number(3) });
const outer = message({
  key: bytes(1),
  size: number(2),
  member: id(3),
  isSet: flag(4),
  names: texts(5),
  first: whole(6, inner),
  all: manyWhole(64, inner),
});

test("what is encoded is decoded the same", () => {
  const content = fc.record({ name: fc.string(), count: fc.maxSafeNat() }, { noNullPrototype: true });
  const contents = fc.record({
    key: fc.uint8Array(),
    size: fc.maxSafeInteger(),
    member: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    isSet: fc.boolean(),
    names: fc.array(fc.string()),
    first: content,
    all: fc.array(content),
  });
  fc.assert(
    fc.property(contents, (each) => {
      const decoded = outer.decode(outer.encode(each));
      assert.deepEqual({ ...decoded, key: Uint8Array.from(decoded.key) }, { ...each });
    }),
  );
});

test("numbers stand as everybody else writes them", () => {
  const hex = (content: Parameters<typeof outer.encode>[0]): string =>
    Buffer.from(outer.encode(content)).toString("hex");
  assert.equal(hex({ size: 300 }), "10ac02");
  assert.equal(hex({ size: -1 }), "10ffffffffffffffffff01");
  assert.equal(hex({ member: 2n ** 64n - 1n }), "18ffffffffffffffffff01");
  assert.equal(hex({ names: ["ab"] }), "2a026162");
  assert.equal(hex({ all: [{ name: "x", count: 0 }] }), "8204030a0178");
  assert.equal(
    hex({ size: 0, isSet: false, key: new Uint8Array(), names: [] }),
    "",
    "what is as if absent is left out",
  );
});

test("fields that are not known are passed over", () => {
  const later = message({ name: text(1), more: whole(2, inner), number: number(4), other: id(5), count: number(3) });
  const given = later.encode({ name: "x", more: { name: "y", count: 1 }, number: 7, other: 8n, count: 9 });
  const fixed = Uint8Array.of(0x31, 1, 2, 3, 4, 5, 6, 7, 8, 0x3d, 1, 2, 3, 4);
  assert.deepEqual(inner.decode(Buffer.concat([given, fixed])), { name: "x", count: 9 });
});

test("what is cut off is refused", () => {
  const whole = outer.encode({ names: ["abcdef"], size: 300 });
  assert.throws(() => outer.decode(whole.subarray(0, whole.length - 1)), RangeError);
});
