// SPDX-License-Identifier: Apache-2.0
// The invariants of node.ts, checked on everything that is reachable from some roots.

import assert from "node:assert/strict";
import type { Node } from "./node.ts";

/** Returns the necessary nodes that were reached. */
export function checkInvariants(roots: readonly Node[]): ReadonlySet<Node> {
  const seen = new Set<Node>();
  const work = roots.filter((root) => root.isNecessary);
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    assert.ok(node.isNecessary, "what a necessary node reads is necessary");
    assert.equal(node.queuedAt, -1, "between rounds nothing is queued");
    assert.ok(!node.isStale, "between rounds nothing necessary is stale");
    if (node.guard !== undefined) {
      assert.ok(node.guard.isNecessary, `${node.behaviour.label} lives only while its guard does`);
      assert.ok(node.guard.height < node.height, `${node.behaviour.label} is higher than its guard`);
      assert.ok(node.guard.guarded.has(node), "a guard knows what it guards");
      work.push(node.guard);
    }
    const below = node.inputs.filter((input) => !input.isConstant);
    for (const input of below) {
      assert.ok(input.height < node.height, `${node.behaviour.label} is higher than ${input.behaviour.label}`);
      const times = below.filter((other) => other === input).length;
      assert.equal(input.dependents.get(node), times, "an input knows how often it is read");
      work.push(input);
    }
  }
  for (const node of seen) {
    for (const dependent of [...node.dependents.keys(), ...node.guarded]) {
      assert.ok(seen.has(dependent), "nothing forgotten holds on to a node");
    }
  }
  return seen;
}
