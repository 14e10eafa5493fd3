// SPDX-License-Identifier: Apache-2.0
// What a terminal is given of texts that others have written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { harmless } from "./terminal-cells.ts";

test("nothing in a harmless text controls a terminal, and what a person can read stays as it is", () => {
  const readable = "a\tb\nJ\u00fcrgen 日本 \u{1f469}\u200d\u{1f467} \u2028".slice(0, -1);
  assert.equal(harmless(readable), readable);
  assert.equal(harmless("x\u001b[2Jy\u0007\u007f"), "x\u241b[2Jy\u2407\u2421");
  assert.equal(harmless("\u009b31m \u202eevil\u2028\r"), "\ufffd31m \ufffdevil\ufffd\u240d");
});
