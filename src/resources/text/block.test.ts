// SPDX-License-Identifier: Apache-2.0
// Blocks of lines: whatever else is in the text keeps its bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addBlock, blockOf, countBlock, removeBlock } from "./block.ts";

function check(text: string, content: string, count: number, added: string, removed: string): void {
  const block = blockOf(content);
  assert.deepEqual([countBlock(text, block), addBlock(text, block), removeBlock(text, block)], [count, added, removed]);
}

test("a line is found as a whole, added at the end and removed wherever it is", () => {
  check("", "x", 0, "x\n", "");
  check("a\nx\nb\n", "x", 1, "a\nx\nb\nx\n", "a\nb\n");
  check("xx\n x\n", "x", 0, "xx\n x\nx\n", "xx\n x\n");
  check("x\na\nx\n", "x", 2, "x\na\nx\nx\n", "a\n");
  check("a\n\n", "", 0, "a\n\n", "a\n\n");
  check("a\n\nb", "\n", 1, "a\n\nb\n\n", "a\nb");
});

test("a last line without its end gets one only when something follows it", () => {
  check("a", "x", 0, "a\nx\n", "a");
  check("a\nx", "x", 1, "a\nx\nx\n", "a\n");
  check("x\na", "x", 1, "x\na\nx\n", "a");
});

test("the line ends of the text are kept and taken over", () => {
  check("a\r\nb\r\n", "x", 0, "a\r\nb\r\nx\r\n", "a\r\nb\r\n");
  check("a\r\nx\r\nb\r\n", "x", 1, "a\r\nx\r\nb\r\nx\r\n", "a\r\nb\r\n");
  check("a\nb\r\n", "x", 0, "a\nb\r\nx\n", "a\nb\r\n");
});

test("several lines must follow each other", () => {
  check("a\nb\nc\n", "b\nc", 1, "a\nb\nc\nb\nc\n", "a\n");
  check("b\na\nc\n", "b\nc\n", 0, "b\na\nc\nb\nc\n", "b\na\nc\n");
  check("x\nx\nx\n", "x\nx", 1, "x\nx\nx\nx\nx\n", "x\n");
});

test("what comes together as others are removed is removed, too", () => {
  check("x\nx\ny\ny\n", "x\ny", 2, "x\nx\ny\ny\nx\ny\n", "");
  check("a\nx\nx\ny\ny\nb", "x\ny", 2, "a\nx\nx\ny\ny\nb\nx\ny\n", "a\nb");
  check("x\ny\nx\ny\nx\n", "x\ny\nx", 1, "x\ny\nx\ny\nx\nx\ny\nx\n", "y\nx\n");
});

test("after a removal there is none of it in any text", () => {
  const lines = (longest: number) => fc.array(fc.constantFrom("x", "y"), { minLength: 1, maxLength: longest });
  fc.assert(
    fc.property(lines(12), lines(3), (text, block) => {
      const before = `${text.join("\n")}\n`;
      const after = removeBlock(before, block);
      assert.equal(countBlock(after, block), 0);
      assert.ok(!`\n${after}`.includes(`\n${block.join("\n")}\n`));
      assert.equal(text.length - (after.match(/\n/g)?.length ?? 0), countBlock(before, block) * block.length);
    }),
    { numRuns: 2000 },
  );
});

test("what was added to any text can be removed again, and nothing else goes", () => {
  const line = fc.constantFrom("a", "b", "", "a b");
  const text = fc
    .array(fc.tuple(line, fc.constantFrom("\n", "\r\n")))
    .chain((lines) => line.map((last) => lines.map((parts) => parts.join("")).join("") + last));
  fc.assert(
    fc.property(text, fc.array(fc.constantFrom("x", "y"), { minLength: 1, maxLength: 3 }), (before, block) => {
      const added = addBlock(before, block);
      assert.ok(added.startsWith(before));
      assert.equal(countBlock(added, block), 1);
      assert.equal(removeBlock(added, block).replace(/\r?\n$/, ""), before.replace(/\r?\n$/, ""));
    }),
  );
});
