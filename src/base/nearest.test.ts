// SPDX-License-Identifier: Apache-2.0
// "Did you mean" for mistyped words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, nearestFirst } from "./nearest.ts";

function check(word: string, candidates: readonly string[], expected: string | undefined): void {
  assert.equal(nearest(word, candidates), expected);
}

test("a mistyped word finds the one that was meant", () => {
  check("contnet", ["mode", "content", "contents"], "content");
  check("sate", ["state", "mode"], "state");
  check("fiel", ["exec", "file"], "file");
});

test("capital letters are no mistakes", () => {
  check("warning", ["Err", "Warning"], "Warning");
});

test("when nothing is near, a beginning counts", () => {
  check("lenght", ["concat", "len"], "len");
  check("warn", ["Err", "Warning"], "Warning");
  check("in", ["integer"], undefined);
});

test("all candidates come in the order of likeness", () => {
  assert.deepEqual(nearestFirst("int", ["comment", "uint", "int8"]), ["int8", "uint", "comment"]);
  assert.deepEqual(nearestFirst("x", ["b", "a"]), ["a", "b"]);
});

test("a word that is near nothing finds nothing", () => {
  check("colour", ["state", "mode"], undefined);
  check("", ["state"], undefined);
  check("x", [], undefined);
});
