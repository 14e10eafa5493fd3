// SPDX-License-Identifier: Apache-2.0
// Bytes into lines, however they come.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOf } from "../../../values/bytes.ts";
import { createLineSplitter } from "./lines.ts";

function check(...pieces: readonly string[]): readonly string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  for (const piece of pieces) splitter.push(bytesOf(piece));
  splitter.flush();
  return lines;
}

test("lines come whole, also when their pieces come apart", () => {
  assert.deepEqual(check("one\ntw", "o\nthree"), ["one", "two", "three"]);
  assert.deepEqual(check("a\n\nb\n"), ["a", "", "b"]);
  assert.deepEqual(check(), []);
});

test("a character whose bytes come apart stays one character", () => {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  for (const byte of bytesOf("grün\n")) splitter.push(Uint8Array.of(byte));
  assert.deepEqual(lines, ["grün"]);
});

test("a line without end is told in pieces instead of being kept for ever", () => {
  const lines = check("x".repeat(70_000), "y");
  assert.deepEqual(lines, ["x".repeat(70_000), "y"]);
});

test("however text is cut, the same lines come out", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-c\n]{0,6}$/)), (pieces) => {
      const whole = pieces.join("");
      const expected = whole.endsWith("\n") ? whole.slice(0, -1).split("\n") : whole === "" ? [] : whole.split("\n");
      assert.deepEqual(check(...pieces), expected);
    }),
  );
});
