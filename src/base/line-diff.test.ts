// SPDX-License-Identifier: Apache-2.0
// Differences of texts: exact, short, and true to both sides.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { diffLines } from "./line-diff.ts";

function check(before: string, after: string, expected: readonly string[]): void {
  const lines = diffLines(before, after);
  assert.deepEqual(
    lines.map((line) => (line.mark === "…" ? `…${line.count}` : `${line.mark}${line.text}`)),
    expected,
  );
}

test("equal texts have no difference", () => check("a\nb\n", "a\nb\n", []));
test("a new text is all added", () => check("", "a\nb\n", ["+a", "+b"]));
test("a removed text is all removed", () => check("a\n", "", ["-a"]));
test("a changed line stands between its neighbours", () => check("a\nb\nc\n", "a\nx\nc\n", [" a", "-b", "+x", " c"]));
test("far lines are left out and counted", () =>
  check("1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\n4\n5\n6\nx\n", ["…4", " 5", " 6", "-7", "+x"]));
test("two changes far apart keep what is between them short", () =>
  check("a\n1\n2\n3\n4\n5\n6\nb\n", "x\n1\n2\n3\n4\n5\n6\ny\n", [
    "-a",
    "+x",
    " 1",
    " 2",
    "…2",
    " 5",
    " 6",
    "-b",
    "+y",
  ]));

test("what is kept and removed is the old text, what is kept and added is the new one", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
  fc.assert(
    fc.property(text, text, (old, young) => {
      const lines = diffLines(old.map((line) => `${line}\n`).join(""), young.map((line) => `${line}\n`).join(""), 100);
      if (lines.length === 0) return assert.deepEqual(old, young);
      const of = (...marks: readonly string[]): readonly string[] =>
        lines.flatMap((line) => (line.mark !== "…" && marks.includes(line.mark) ? [line.text] : []));
      assert.deepEqual(of(" ", "-"), old);
      assert.deepEqual(of(" ", "+"), young);
    }),
  );
});
