// SPDX-License-Identifier: Apache-2.0
// Modes as people write them.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseMode, renderMode } from "./mode.ts";

function check(text: string, current: number): string {
  const wish = parseMode(text);
  return "wrong" in wish ? wish.wrong : renderMode(wish.from(current));
}

test("an octal mode is what it says, whatever the present one is", () => {
  assert.equal(check("0644", 0o777), "0644");
  assert.equal(check("644", 0), "0644");
  assert.equal(check("4755", 0), "4755");
  assert.equal(check("02775", 0o1000), "2775");
  assert.equal(check("1777", 0), "1777");
});

test("a symbolic mode changes the present one, clause after clause", () => {
  assert.equal(check("u+x", 0o644), "0744");
  assert.equal(check("go-rwx", 0o755), "0700");
  assert.equal(check("u+x,go-w", 0o666), "0744");
  assert.equal(check("ugo+x", 0o644), "0755");
  assert.equal(check("u+s", 0o755), "4755");
  assert.equal(check("g+s", 0o755), "2755");
  assert.equal(check("o+t", 0o777), "1777");
  assert.equal(check("ug-s", 0o6755), "0755");
  assert.equal(check("o+x,o-x", 0o640), "0640");
});

test("what is no mode is refused with a reason", () => {
  assert.equal(check("08", 0), '"08" is no octal mode between 0000 and 7777');
  assert.equal(check("17777", 0), '"17777" is no octal mode between 0000 and 7777');
  assert.equal(check("u=rwx", 0), '"u=rwx" sets with "=", but a symbolic mode can only add and take');
  assert.equal(check("rwxr-xr-x", 0), '"rwxr-xr-x" is neither an octal mode nor a symbolic one');
  assert.equal(check("u+x,", 0), '"" is neither an octal mode nor a symbolic one');
  assert.equal(check("+x", 0), '"+x" is neither an octal mode nor a symbolic one');
});

test("every mode reads back from its own text, and every symbolic mode is settled after one application", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0o7777 }), (mode) => check(renderMode(mode), 0) === renderMode(mode)),
  );
  const clause = fc.stringMatching(/^[ugo]{1,3}[+-][rwxst]{1,5}$/);
  fc.assert(
    fc.property(clause, fc.integer({ min: 0, max: 0o7777 }), (text, mode) => {
      const once = check(text, mode);
      assert.equal(check(text, Number.parseInt(once, 8)), once);
    }),
  );
});
