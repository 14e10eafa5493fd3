// SPDX-License-Identifier: Apache-2.0
// Which turns of a loop go on: for any two lists, and for the changes that happen.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sameValue, StructValue, type Value } from "../values/value.ts";
import { matchTurns } from "./match-turns.ts";

const value = fc.oneof(
  fc.constantFrom<Value>(0n, 1n, 2n, "a", "b"),
  fc.constantFrom<Value>("a", "b").map((name) => new StructValue(["name"], [name])),
  fc.constantFrom<Value>("a", "b").map((item) => [item]),
);
const lists = fc.array(value, { maxLength: 8 });

/** Whether a turn for this value can be found wherever it stands: one of a list is found at its place alone. */
const canMove = (each: Value): boolean => !Array.isArray(each);

test("no turn is given twice, an item that stays keeps its own, and one that is still there is not begun anew", () => {
  fc.assert(
    fc.property(lists, lists, (former, latter) => {
      const matches = matchTurns(former, latter);
      assert.equal(matches.length, latter.length);
      const given = matches.filter((place) => place !== undefined);
      assert.equal(new Set(given).size, given.length);
      for (const place of given) assert.ok(place >= 0 && place < former.length);
      const count = (all: readonly Value[], one: Value): number => all.filter((each) => sameValue(each, one)).length;
      for (const one of [...former, ...latter].filter(canMove)) {
        const kept = matches.filter((place, at) => {
          const before = place === undefined ? undefined : former[place];
          return before !== undefined && sameValue(before, one) && sameValue(latter[at] as Value, one);
        });
        assert.equal(kept.length, Math.min(count(former, one), count(latter, one)));
      }
      // Whatever is free where an item stands is used.
      matches.forEach((place, at) => assert.ok(place !== undefined || at >= former.length || given.includes(at)));
    }),
  );
});

function check(former: readonly Value[], latter: readonly Value[], expected: readonly (number | undefined)[]): void {
  assert.deepEqual(matchTurns(former, latter), expected);
}

test("what comes, goes or moves takes nothing from the others", () => {
  check(["a", "b", "c"], ["a", "b", "c"], [0, 1, 2]);
  check(["a", "c"], ["a", "b", "c"], [0, undefined, 1]);
  check(["a", "b", "c"], ["a", "c"], [0, 2]);
  check(["a", "b"], ["b", "a"], [1, 0]);
  check(["c", "e"], ["a", "b", "c", "d", "e"], [undefined, undefined, 0, undefined, 1]);
  check(["a", "a"], ["a", "b", "a"], [0, undefined, 1]);
});

test("a new value takes over what stood at its place", () => {
  check(["a", "b", "c"], ["a", "x", "c"], [0, 1, 2]);
  check([1n, 2n], [3n, 4n], [0, 1]);
  check([["a"], ["b"]], [["x"], ["a"], ["b"]], [undefined, 0, 1]);
  check([["a"], ["b"], ["c"]], [["x"], ["b"], ["y"]], [0, 1, 2]);
  check([], ["a"], [undefined]);
  check(["a"], [], []);
});

test("a number that is no number stays at its place", () => {
  check([Number.NaN, 1], [Number.NaN, 2], [0, 1]);
});
