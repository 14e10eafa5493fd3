// SPDX-License-Identifier: Apache-2.0
// Whatever is added and taken, in whatever order: the lowest comes first.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByHeight } from "./by-height.ts";
import { Node } from "./node.ts";

test("the lowest comes first, also when lower ones are added meanwhile", () => {
  const step = fc.option(
    fc.nat(20).map((height) => height * 1000),
    { nil: undefined },
  );
  const run = (steps: readonly (number | undefined)[]): void => {
    const byHeight = new ByHeight();
    const expected: number[] = [];
    for (const height of [...steps, ...steps.map(() => undefined)]) {
      if (height === undefined) {
        assert.equal(byHeight.takeLowest()?.height, expected.shift());
      } else {
        byHeight.add(new Node({ inputs: [], behaviour: { label: "x", compute: () => undefined } }), height);
        expected.push(height);
        expected.sort((left, right) => left - right);
      }
    }
  };
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), run));
});
