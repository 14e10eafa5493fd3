// SPDX-License-Identifier: Apache-2.0
// What agreements come of what clients ask for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { agreeOn } from "./options.ts";

const limits = { largestBlock: 1468, largestWindow: 16, timeoutMs: 5000 };

const cases: readonly (readonly [
  string,
  Record<string, string>,
  readonly [number, number, number],
  Record<string, string>,
])[] = [
  ["nothing asked is nothing told", {}, [512, 1, 5000], {}],
  ["a block that fits is granted", { blksize: "1024" }, [1024, 1, 5000], { blksize: "1024" }],
  ["a larger block is made smaller", { blksize: "8192" }, [1468, 1, 5000], { blksize: "1468" }],
  ["a block below the smallest is ignored", { blksize: "4" }, [512, 1, 5000], {}],
  ["the size of the file is told", { tsize: "0" }, [512, 1, 5000], { tsize: "70000" }],
  ["a timeout is repeated as it was", { timeout: "3" }, [512, 1, 3000], { timeout: "3" }],
  ["a timeout of nothing is ignored", { timeout: "0" }, [512, 1, 5000], {}],
  ["a window is made smaller", { windowsize: "64" }, [512, 16, 5000], { windowsize: "16" }],
  ["what is no number is ignored", { blksize: "1e3", windowsize: "-1", timeout: "", tsize: "x" }, [512, 1, 5000], {}],
  ["what nobody knows is ignored", { multicast: "" }, [512, 1, 5000], {}],
];
for (const [title, asked, [blockSize, windowSize, timeoutMs], accepted] of cases) {
  test(title, () => {
    const agreement = agreeOn(new Map(Object.entries(asked)), 70_000, limits);
    const expected = { blockSize, windowSize, timeoutMs, accepted: new Map(Object.entries(accepted)) };
    assert.deepEqual(agreement, expected);
  });
}
