// SPDX-License-Identifier: Apache-2.0
// Revisions of two clusters, one after the other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Revisions } from "./revisions.ts";

test("a revision is one less than etcd's, and goes on growing when the store is another one", () => {
  let others = 0;
  const revisions = new Revisions(() => (others += 1));
  const see = (clusterId: bigint, revision: number): number =>
    revisions.see({ clusterId, revision, memberId: 1n, term: 1 });
  assert.equal(see(1n, 1), 0);
  const last = see(1n, 500);
  assert.equal(last, 499);
  assert.equal(revisions.etcds(last), 500);
  assert.equal(others, 0);
  const next = see(2n, 1);
  assert.equal(others, 1);
  assert.ok(next > last);
  assert.equal(revisions.etcds(last), undefined);
  assert.equal(revisions.etcds(next), 1);
  assert.ok(see(1n, 2) > next, "also when it changes back");
});
