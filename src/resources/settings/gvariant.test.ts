// SPDX-License-Identifier: Apache-2.0
// Which texts of gsettings mean the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { normalVariant, quoteVariant } from "./gvariant.ts";

function same(one: string, other: string, expected = true): void {
  assert.equal(normalVariant(one) === normalVariant(other), expected, `${one} and ${other}`);
}

test("white space, quotes and names of types make no difference", () => {
  same("['a', 'b']", '["a","b"]');
  same("@as []", "[]");
  same("uint32 5", "5");
  same("@a{sv} {}", "{ }");
  same("{'a': <uint32 5>}", '{"a":<5>}');
  same("'\\u00e9'", "'é'");
  same("true", "false", false);
  same("'a b'", "'ab'", false);
  same("['uint32 5']", "['5']", false);
  same("'it\\'s'", '"it\'s"');
});

test("whatever is put into quotes is one text", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const quoted = quoteVariant(text);
      assert.match(quoted, /^'(?:[^'\\\n]|\\.)*'$/s);
      assert.equal(normalVariant(quoted), quoted);
    }),
  );
});
