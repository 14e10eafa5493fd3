// SPDX-License-Identifier: Apache-2.0
// What is kept of what strangers ask, and that it has an end.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Asked } from "../../contract/asked.ts";
import type { Entry } from "../../journal/entry.ts";
import { createAskedKeeper } from "./asked.ts";

test("all that is asked is kept, up to so many in a while for each outcome, and the rest is counted", () => {
  const kept: Entry[] = [];
  let nowMs = 0;
  const keeper = createAskedKeeper((entry) => kept.push(entry), { monotonicMs: () => nowMs });
  assert.equal(keeper.counts(), undefined);
  const asked: Asked = { server: "s[a]", from: "192.0.2.1", what: "GET /", answer: "200", outcome: "good", bytes: 3 };
  for (let times = 0; times < 1000; times += 1) keeper.listen(asked);
  keeper.listen({ ...asked, outcome: "refused", answer: "403" });
  assert.equal(kept.length, 301);
  nowMs = 600_000;
  keeper.listen(asked);
  const { server: resource, ...rest } = asked;
  assert.deepEqual(kept.at(-1), { type: "asked", resource, ...rest, more: 700 });
  assert.deepEqual(keeper.counts(), { good: 1001, refused: 1, failed: 0 });
});
