// SPDX-License-Identifier: Apache-2.0
// Some thousand random programs through the whole front end; `npm run bench -- fuzz` runs as many as one likes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { examine } from "./examine.ts";
import { programOf, ways } from "./programs.ts";

const count = 1000;

for (const [first, way] of ways.entries()) {
  test(`${count} programs (${way}) are judged, formatted and evaluated, and nothing worse`, async () => {
    const outcomes = new Set<string>();
    for (let number = first; number < count * ways.length; number += ways.length) {
      const { text } = programOf(number);
      try {
        outcomes.add(await examine(text));
      } catch (reason) {
        throw new Error(`program ${number}:\n${text}`, { cause: reason });
      }
    }
    // The generators are worth nothing when all they write is rejected at once.
    const expected = { typed: ["accepted"], grammar: ["init", "scope"], changed: ["accepted", "lexparse"] };
    for (const outcome of expected[way]) assert.ok(outcomes.has(outcome), `${outcome} of ${[...outcomes].join(", ")}`);
  });
}
