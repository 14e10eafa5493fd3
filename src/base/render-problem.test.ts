// SPDX-License-Identifier: Apache-2.0
// What a person sees of a problem, line by line.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message, Problem } from "./problem.ts";
import { renderProblem } from "./render-problem.ts";
import type { SourceFile, Span } from "./span.ts";

const other: SourceFile = { path: "lib/other.mcl", text: "one\ntwo\n" };

/** `[` and `]` in the text mark the place and are not part of it. */
function problemIn(marked: string, message: Message): Problem {
  const start = marked.indexOf("[");
  const end = marked.indexOf("]") - 1;
  const file = { path: "main.mcl", text: marked.replace("[", "").replace("]", "") };
  return { code: "some-code", phase: "lexparse", at: { file, start, end }, message };
}

function check(problem: Problem, lines: readonly string[]): void {
  assert.deepEqual(renderProblem(problem, { colour: false }).split("\n"), [...lines, ""]);
}

test("the caret stands under the place", () => {
  check(problemIn("one\n$a = [bad] + 1\n", { title: "Bad", label: "this", hint: "Try good." }), [
    "error[some-code]: Bad",
    "  --> main.mcl:2:6",
    "   |",
    " 2 | $a = bad + 1",
    "   |      ^^^ this",
    "   |",
    "   = hint: Try good.",
  ]);
});

test("a place without width has one caret, also at the very end", () => {
  check(problemIn("one\ntwo[]", { title: "Bad" }), [
    "error[some-code]: Bad",
    "  --> main.mcl:2:4",
    "   |",
    " 2 | two",
    "   |    ^",
  ]);
  check(problemIn("[]", { title: "Bad" }), ["error[some-code]: Bad", "  --> main.mcl:1:1", "   |", " 1 |", "   | ^"]);
});

test("a place over several lines is marked to the end of its first line", () => {
  check(problemIn("f[oo\nbar]\n", { title: "Bad" }), [
    "error[some-code]: Bad",
    "  --> main.mcl:1:2",
    "   |",
    " 1 | foo",
    "   |  ^^",
  ]);
});

test("an empty first line is shown as it is", () => {
  check(problemIn("\n[two]\n", { title: "Bad" }), [
    "error[some-code]: Bad",
    "  --> main.mcl:2:1",
    "   |",
    " 2 | two",
    "   | ^^^",
  ]);
  check(problemIn("[\n]two\n", { title: "Bad" }), [
    "error[some-code]: Bad",
    "  --> main.mcl:1:1",
    "   |",
    " 1 |",
    "   | ^",
  ]);
});

test("tabs, wide characters and marks keep their columns", () => {
  check(problemIn("\ta\t[b]", { title: "Bad" }), [
    "error[some-code]: Bad",
    "  --> main.mcl:1:4",
    "   |",
    " 1 |     a   b",
    "   |         ^",
  ]);
  check(problemIn('"日本" "e\u0301" 👍 [b👍]', { title: "Bad" }), [
    "error[some-code]: Bad",
    "  --> main.mcl:1:13",
    "   |",
    ' 1 | "日本" "e\u0301" 👍 b👍',
    "   |               ^^^",
  ]);
});

test("related places follow in the order of the text, in other files behind", () => {
  const problem = problemIn("a\nb\nc\n[d]\n", { title: "Bad", label: "main" });
  const at = (start: number, file: SourceFile = problem.at.file): Span => ({ file, start, end: start + 1 });
  const related = [
    { at: at(2), label: "second" },
    { at: at(0), label: "first" },
    { at: at(4, other), label: "elsewhere" },
  ];
  check({ ...problem, message: { ...problem.message, related } }, [
    "error[some-code]: Bad",
    "  --> main.mcl:4:1",
    "   |",
    " 1 | a",
    "   | - first",
    " 2 | b",
    "   | - second",
    " ...",
    " 4 | d",
    "   | ^ main",
    "  ::: lib/other.mcl:2:1",
    "   |",
    " 2 | two",
    "   | - elsewhere",
  ]);
});

test("a very long line is shown around the place", () => {
  const text = renderProblem(problemIn(`${"x".repeat(500)}[bad]${"y".repeat(500)}`, { title: "Bad" }), {
    colour: false,
  });
  const [, , , line = "", carets = ""] = text.split("\n");
  assert.equal(line.length, 5 + 1 + 120 + 1);
  assert.ok(line.startsWith(" 1 | …x") && line.endsWith("y…"));
  assert.equal(line.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1), "bad");
});

test("nothing of the source text controls the terminal", () => {
  const evil = "a\u001b[2Jb\rc\u0085\u202ed\u007f\u2028";
  const problem = problemIn("[x]", { title: `Bad ${evil}`, label: evil, hint: evil });
  const file = { path: `main${evil}.mcl`, text: evil };
  const text = renderProblem({ ...problem, at: { file, start: 0, end: 1 } }, { colour: false });
  assert.doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}|\p{Cf}|\p{Zl}/u);
  assert.match(text, /a␛\[2Jb␍c/);
});

test("a long hint is wrapped and indented", () => {
  const hint = `${"word ".repeat(30)}end.`;
  const lines = renderProblem(problemIn("[x]", { title: "Bad", hint }), { colour: false }).split("\n");
  assert.ok(lines.every((line) => line.length <= 102));
  assert.match(lines.at(-2) ?? "", /^ {11}word/);
});

test("colours surround the words and change nothing else", () => {
  const problem = problemIn("a [b] c", { title: "Bad", label: "this", hint: "Try." });
  const coloured = renderProblem(problem, { colour: true });
  const escape = "\u001b";
  assert.ok(coloured.startsWith(`${escape}[1;31merror[some-code]${escape}[0m`));
  const [before, ...after] = coloured.split(escape);
  const plain = [before, ...after.map((part) => part.slice(part.indexOf("m") + 1))].join("");
  assert.equal(plain, renderProblem(problem, { colour: false }));
});
