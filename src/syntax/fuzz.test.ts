// SPDX-License-Identifier: Apache-2.0
// Any text at all gives a tree or a problem, and never anything worse.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Problems } from "../base/problem.ts";
import { renderProblem } from "../base/render-problem.ts";
import { formatSource } from "./format.ts";
import { programs } from "./generate.test-support.ts";
import { parseFile } from "./parser.ts";

function check(text: string): void {
  const problems = new Problems();
  const file = parseFile({ path: "main.mcl", text }, problems);
  assert.ok(file !== undefined || problems.any, "a tree or a problem");
  let before = 0;
  for (const problem of problems.all) {
    const { start, end } = problem.at;
    assert.ok(before <= start && start <= end && end <= text.length, "problems stand in the text, in its order");
    before = start;
    assert.ok(renderProblem(problem, { colour: false }).endsWith("\n"));
  }
  formatSource({ path: "main.mcl", text }, new Problems());
}

const pieces = fc.constantFrom(
  ...["{", "}", "(", ")", "[", "]", "?:", "<|>", "=>", "->", ",", ":", ";", "=", "+", "-", "*", "/", "==", "<", "."],
  ...[
    "$",
    "\n",
    "\n",
    " ",
    "\t",
    '"',
    '"a"',
    "\\",
    "\\\\",
    '\\"',
    "#",
    "\r",
    "x",
    "y_",
    "X",
    "Meta",
    "1",
    "-1",
    "1.5",
    "%",
  ],
  ...["if", "else", "and", "not", "in", "for", "forkv", "int", "map", "struct", "func", "class", "include", "import"],
  ...["as", "true", "panic", "collect", "é", "\u{1f44d}", "\ud800", "\u0000"],
);

test("arbitrary text is read", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), check), { numRuns: 300 });
});

test("arbitrary tokens are read", () => {
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 60 }).map((all) => all.join("")),
      check,
    ),
    { numRuns: 2000 },
  );
});

test("programs with pieces cut out, put in and repeated are read", () => {
  const change = fc.record({ at: fc.nat(1000), cut: fc.nat(12), insert: fc.array(pieces, { maxLength: 2 }) });
  fc.assert(
    fc.property(programs, fc.array(change, { minLength: 1, maxLength: 4 }), (program, changes) => {
      let text = program;
      for (const { at, cut, insert } of changes) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + insert.join("") + text.slice(place + cut);
      }
      check(text);
    }),
    { numRuns: 1000 },
  );
});

test("deep nesting is a problem, not a crash", () => {
  const forms: readonly (readonly [string, string, string])[] = [
    ["$a = ", "(", ""],
    ["$a = ", "[", ""],
    ["$a = ", "[\n", ""],
    ["$a = ", "not ", ""],
    ["$a = ", "func() { ", ""],
    ["$a = ", "f(", ""],
    ["$a = 1", " + 1", ""],
    ["$a = $s", "->f", ""],
    ["$a = $s", "[0]", ""],
    ["$a = ", "$s->f <|> ", "1"],
    ["$a ", "[]", "int = $b"],
    ["$a ", "map{int: ", "int"],
    ["", "if true {\n", ""],
    ["", "class c {\n", ""],
    ["test ", '{"a" => ', "1"],
  ];
  for (const [start, repeated, end] of forms) check(`${start}${repeated.repeat(20_000)}${end}\n`);
});

test("a long chain of operators is read, formatted and read again", () => {
  const text = `$a = 1${" + 1".repeat(900)}\n`;
  assert.equal(formatSource({ path: "main.mcl", text }, new Problems()), text);
});
