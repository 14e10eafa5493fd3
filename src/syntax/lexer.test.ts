// SPDX-License-Identifier: Apache-2.0
// The corners of section 1 of the mcl reference, token by token.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Problems } from "../base/problem.ts";
import { lex } from "./lexer.ts";

/** Tokens as their text; those that are words of a kind are told by it. */
function check(text: string, expected: readonly string[], codes: readonly string[] = []): void {
  const problems = new Problems();
  const tokens = lex({ path: "main.mcl", text }, problems);
  const found = tokens.kinds.map((kind, index) => {
    const written = text.slice(tokens.starts[index], tokens.ends[index]);
    return kind === written ? kind : `${kind} ${written}`.trim();
  });
  assert.deepEqual(found, [...expected, "end"]);
  assert.deepEqual(
    problems.all.map(({ code }) => code),
    codes,
  );
}

test("the longest match wins", () => {
  check(
    "<|> <| <= < => = == != ?: -> -",
    ["<|>", "<", "unrecognised |", "<=", "<", "=>", "=", "==", "!=", "?:", "->", "-"],
    ["unknown-character"],
  );
  check("===", ["==", "="]);
  check("forkv for forkvs", ["forkv", "for", "name forkvs"]);
  check("1->", ["integer 1", "->"]);
});

test("a minus sign belongs to the digits behind it", () => {
  check("5-3", ["integer 5", "integer -3"]);
  check("$x-1.5", ["$", "name x", "decimal -1.5"]);
  check("--1", ["-", "integer -1"]);
  check("- 1", ["-", "integer 1"]);
});

test("a float has digits on both sides of its dot", () => {
  check("1.5.2", ["decimal 1.5", ".", "integer 2"]);
  check("1.", ["integer 1", "."]);
  check(".5", [".", "integer 5"]);
  check("1.-5", ["integer 1", ".", "integer -5"]);
});

test("a name ends at its last letter or digit", () => {
  check("a_b__c1", ["name a_b__c1"]);
  check("x_ ", ["name x", "unrecognised _"], ["unknown-character"]);
  check("if__", ["if", "unrecognised __"], ["unknown-character"]);
  check("Foo_Bar", ["capitalised Foo", "unrecognised _", "capitalised Bar"], ["unknown-character"]);
  check("FOo", ["capitalised F", "capitalised Oo"]);
  check("5abc", ["integer 5", "name abc"]);
});

test("a string ends at the first quote that no backslash precedes", () => {
  check('"a\\" b" c', ['text "a\\" b"', "name c"]);
  check('"c:\\\\" + "d"', ['text "c:\\\\" + "', "name d", 'unrecognised "'], ["string-never-ends"]);
});

test("without such a quote a string ends at the last quote of the file", () => {
  check('"c:\\\\"\n', ['text "c:\\\\"', "newline \n".trim()]);
  check('"a\\" b\\" c', ['text "a\\" b\\"', "name c"]);
});

test("a string without any other quote is one problem, to the end of its line", () => {
  check('"abc\nx', ['unrecognised "abc', "newline", "name x"], ["string-never-ends"]);
});

test("carriage returns are skipped and told once a file, with their number", () => {
  const text = "$a = 1\r\n$b = 2\r\n\r\n";
  check(
    text,
    ["$", "name a", "=", "integer 1", "newline", "$", "name b", "=", "integer 2", "newline", "newline"],
    ["carriage-return"],
  );
  const problems = new Problems();
  lex({ path: "main.mcl", text }, problems);
  assert.equal(problems.all[0]?.message.label, "here, and 2 more times in this file");
});

test("a carriage return inside a string or a comment belongs to it", () => {
  check('"a\r\nb" #c\r\n', ['text "a\r\nb"', "newline"]);
});

test("comments are kept aside, with their text", () => {
  const { comments } = lex({ path: "main.mcl", text: "# one\n$a #two\n##" }, new Problems());
  assert.deepEqual(
    comments.map(({ text }) => text),
    [" one", "two", "#"],
  );
});

test("integers of 64 bits are accepted and larger ones are not", () => {
  check("9223372036854775807 -9223372036854775808", ["integer 9223372036854775807", "integer -9223372036854775808"]);
  check("9223372036854775808", ["integer 9223372036854775808"], ["integer-too-large"]);
  check("-9223372036854775809", ["integer -9223372036854775809"], ["integer-too-large"]);
  check(`${"0".repeat(30)}7`, [`integer ${"0".repeat(30)}7`]);
});
