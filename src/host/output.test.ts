// SPDX-License-Identifier: Apache-2.0
// The end and the lines of what commands print.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bytesOf, textOf } from "../values/bytes.ts";
import { LineSplitter, Tail } from "./output.ts";

describe("the output of commands", () => {
  it("is kept from its end, however it comes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), fc.integer({ min: 0, max: 30 }), (pieces, limit) => {
        const tail = new Tail(limit);
        for (const piece of pieces) tail.add(piece);
        const all = Buffer.concat(pieces);
        assert.deepEqual(Buffer.from(tail.bytes()), all.subarray(Math.max(0, all.length - limit)));
      }),
    );
  });

  it("is cut into the same lines, however it comes", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab\n]{0,5}$/)), (pieces) => {
        const splitter = new LineSplitter();
        const lines = [...pieces.flatMap((piece) => splitter.add(bytesOf(piece))), ...splitter.rest()];
        const expected = pieces.join("").split("\n");
        if (expected.at(-1) === "") expected.pop();
        assert.deepEqual(lines, expected);
      }),
    );
  });

  it("keeps bytes that are not text", () => {
    const [line = ""] = new LineSplitter().add(Uint8Array.of(0xff, 0x61, 0x0a));
    assert.deepEqual([...bytesOf(line)], [0xff, 0x61]);
  });

  it("is handed on in parts when a line never ends", () => {
    const splitter = new LineSplitter();
    const lines = Array.from({ length: 40 }, () => splitter.add(new Uint8Array(64 * 1024).fill(97))).flat();
    assert.ok(lines.length > 0);
    assert.equal(lines.join("").length + textOf(bytesOf(splitter.rest().join(""))).length, 40 * 64 * 1024);
  });
});
