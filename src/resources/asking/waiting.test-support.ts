// SPDX-License-Identifier: Apache-2.0
// Drives a resource whose steps wait for somebody else: while it waits, the time of the machine in memory goes on.

import assert from "node:assert/strict";
import type { DrivenResource } from "../../../test/resource.ts";
import type { MemoryHost } from "../../host/memory/index.ts";

const stepMs = 1000;

export async function settle(host: MemoryHost, resource: DrivenResource): Promise<readonly string[]> {
  let isOver = false;
  const done = resource.settle().finally(() => (isOver = true));
  done.catch(() => {});
  while (!isOver) await host.clock.advance(stepMs);
  return done;
}

/** Proves that nothing is left to do as well. Gives what was done. */
export async function converge(host: MemoryHost, resource: DrivenResource): Promise<readonly string[]> {
  assert.deepEqual(resource.check(), []);
  const done = await settle(host, resource);
  assert.deepEqual(await resource.plan(), []);
  return done;
}
