// SPDX-License-Identifier: Apache-2.0
// "Did you mean" for mistyped words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./nearest.ts";

function check(word: string, candidates: readonly string[], expected: string | undefined): void {
  assert.equal(nearest(word, candidates), expected);
}

test("a mistyped word finds the one that was meant", () => {
  check("contnet", ["mode", "content", "contents"], "content");
  check("sate", ["state", "mode"], "state");
  check("fiel", ["exec", "file"], "file");
});

test("a word that is near nothing finds nothing", () => {
  check("colour", ["state", "mode"], undefined);
  check("", ["state"], undefined);
  check("x", [], undefined);
});
