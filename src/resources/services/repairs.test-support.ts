// SPDX-License-Identifier: Apache-2.0
// What somebody else changes of a unit, one thing after the other, and by which steps it is put right.

import assert from "node:assert/strict";
import type { DrivenResource } from "../../../test/resource.ts";

/** Steps without what stood there before. */
function plain(steps: readonly string[]): readonly string[] {
  return steps.map((step) => step.replace(/ \(.*\)/, ""));
}

/** `watch` is armed. The returned function makes a change, and fails unless these steps follow, and no others. */
export function repairsOf(resource: DrivenResource, watch: AsyncIterator<void>) {
  return async (change: () => Promise<void>, ...steps: readonly string[]): Promise<void> => {
    await change();
    const done: string[] = [];
    while (done.length < steps.length) {
      assert.equal((await watch.next()).done, false);
      done.push(...plain(await resource.settle()));
    }
    assert.deepEqual(done, steps);
    assert.deepEqual(await resource.plan(), []);
  };
}
