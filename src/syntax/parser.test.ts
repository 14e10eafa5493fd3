// SPDX-License-Identifier: Apache-2.0
// Places in trees, and what is told of a text with several mistakes; examples are in test/cases/syntax.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Problems } from "../base/problem.ts";
import type { Span } from "../base/span.ts";
import { programs } from "./generate.test-support.ts";
import { parseFile } from "./parser.ts";

/** Parses the text, which has these problems, as `line:column code`; gives what is left of it. */
function check(text: string, expected: readonly string[]): ReturnType<typeof parseFile> {
  const source = { path: "main.mcl", text };
  const problems = new Problems();
  const file = parseFile(source, problems);
  const found = problems.all.map(({ at, code }) => {
    const before = text.slice(0, at.start).split("\n");
    return `${before.length}:${(before.at(-1) ?? "").length + 1} ${code}`;
  });
  assert.deepEqual(found, expected);
  return file;
}

interface Located {
  readonly at: Span;
}

function isLocated(node: object): node is Located {
  return "at" in node && !Array.isArray(node);
}

/** Every place in the tree is inside the one around it, and every name stands where it says. */
function checkPlaces(node: unknown, outer: Span): void {
  if (typeof node !== "object" || node === null) return;
  const at = isLocated(node) ? node.at : outer;
  assert.ok(outer.start <= at.start && at.start <= at.end && at.end <= outer.end);
  if ("text" in node && isLocated(node)) {
    const written = at.file.text.slice(at.start, at.end);
    const isVerbatim = written.startsWith('"') || written.startsWith("#");
    assert.equal(node.text, isVerbatim ? written.replace(/^#|^"|"$/g, "") : written.replace(/\s/g, "").toLowerCase());
  }
  for (const [key, value] of Object.entries(node)) {
    if (key !== "at") checkPlaces(value, key.endsWith("At") ? outer : at);
  }
}

test("every node of a tree stands inside the one around it", () => {
  fc.assert(
    fc.property(programs, (text) => {
      const file = check(text, []);
      assert.ok(file);
      for (const statement of file.body) {
        assert.match(text.slice(statement.at.start, statement.at.end), /^\S[^]*\S$/);
        checkPlaces(statement, file.at);
      }
      for (const comment of file.comments) checkPlaces(comment, file.at);
    }),
    { numRuns: 200 },
  );
});

test("a text of which nothing is left gives no tree", () => {
  assert.equal(check("$a = [1\n", ["1:6 never-closed"]), undefined);
  assert.notEqual(check("", []), undefined);
  assert.notEqual(check("$a = 1\n$b = )\n", ["2:6 unexpected-token"]), undefined);
});

test("problems of characters and of the grammar are told in the order of the text", () => {
  check("$a = [1,]\n$b = 5 % 2\n$c = 5-2\n$d = 'x\n", [
    "1:8 extra-comma",
    "2:8 unknown-character",
    "3:7 minus-joined-to-number",
    "4:6 unknown-character",
  ]);
});

test("reading stops after a hundred statements that cannot be read", () => {
  const problems = new Problems();
  parseFile({ path: "main.mcl", text: "$a = )\n".repeat(1000) }, problems);
  assert.equal(problems.all.length, 100);
});
