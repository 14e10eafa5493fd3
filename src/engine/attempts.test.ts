// SPDX-License-Identifier: Apache-2.0
// When it is tried again, and when that is news.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../contract/failure.ts";
import { defaultMeta, type Meta } from "../contract/meta.ts";
import { isNoNews, nextAttemptInMs } from "./attempts.ts";

const never = new Failure("no", { code: "denied" });
const backoff = new Failure("busy", { code: "busy", retry: "backoff" });

function check(meta: Partial<Meta>, failure: Failure, expected: Readonly<Record<number, number | undefined>>): void {
  for (const [used, ms] of Object.entries(expected)) {
    assert.equal(nextAttemptInMs({ ...defaultMeta, ...meta }, Number(used), failure), ms, `after ${used}`);
  }
}

test("without a delay ten attempts follow at once, later ones with a pause that grows to a second", () => {
  check({ retry: -1 }, never, { 0: 0, 9: 0, 10: 10, 11: 20, 13: 80, 17: 1000, 5000: 1000 });
  check({ retry: 12 }, never, { 11: 20, 12: undefined });
});

test("a delay is what it says, and what the failure advises counts without one", () => {
  check({ retry: -1, delay: 5 }, never, { 0: 5, 1000: 5 });
  check({ retry: -1 }, backoff, { 0: 100, 1: 200, 20: 30_000 });
});

test("the same failure is no news after three endless attempts, and always with attempts that end", () => {
  assert.deepEqual(
    [0, 2, 3, 100].map((used) => isNoNews({ ...defaultMeta, retry: -1 }, used)),
    [false, false, true, true],
  );
  assert.equal(isNoNews({ ...defaultMeta, retry: 100 }, 50), false);
});
