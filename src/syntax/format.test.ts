// SPDX-License-Identifier: Apache-2.0
// What formatting keeps and what it changes, over random programs; examples are in test/cases/format.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Problems } from "../base/problem.ts";
import { formatFile, formatSource } from "./format.ts";
import { programs } from "./generate.test-support.ts";
import { parseFile } from "./parser.ts";
import { printComments, printTree } from "./print-tree.test-support.ts";
import type { File } from "./tree.ts";

function parse(text: string): File {
  const problems = new Problems();
  const file = parseFile({ path: "main.mcl", text }, problems);
  assert.deepEqual(
    problems.all.map(({ code, message }) => `${code}: ${message.title}`),
    [],
    text,
  );
  assert.ok(file);
  return file;
}

function format(text: string): string | undefined {
  return formatSource({ path: "main.mcl", text }, new Problems());
}

test("formatted text has the same tree and comments, and formatting it again changes nothing", () => {
  fc.assert(
    fc.property(programs, (text) => {
      const file = parse(text);
      const formatted = formatFile(file);
      const again = parse(formatted);
      assert.equal(printTree(again), printTree(file));
      assert.equal(printComments(again), printComments(file));
      assert.equal(formatFile(again), formatted);
    }),
    { numRuns: 500 },
  );
});

test("no line of formatted text ends in a space, and all are indented by tabs", () => {
  fc.assert(
    fc.property(programs, (text) => {
      const formatted = formatFile(parse(text.replaceAll('"two\nlines"', '"one"').replaceAll("#\ttab ", "#")));
      assert.doesNotMatch(formatted, /[ \t]\n|\n\n\n|^\n|^ |\n\t* /);
    }),
    { numRuns: 200 },
  );
});

test("a missing final line break is added", () => {
  assert.equal(format("$a=1"), "$a = 1\n");
  assert.equal(format(""), "");
});

test("a text with problems is not formatted", () => {
  const problems = new Problems();
  assert.equal(formatSource({ path: "main.mcl", text: "$a = 1\n$b = [1,]\n" }, problems), undefined);
  assert.deepEqual(
    problems.all.map(({ code }) => code),
    ["extra-comma"],
  );
});
