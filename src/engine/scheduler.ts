// SPDX-License-Identifier: Apache-2.0
// Who may run: a resource may as long as everything it depends on, however far away, is settled. Knows no clock.
//
// A node is *good* when it is settled and all its parents are good. Each node counts its parents that are not, so an
// event costs a visit of those below it that were good, and nothing else. Independent nodes never meet.

import { invariant } from "../base/invariant.ts";
import type { ResourceEdge } from "../resource-graph/vertex.ts";
import type { Link, Node } from "./node.ts";
import { hasFailedForGood, isSettled } from "./worker-state.ts";

/** Puts an edge between two nodes; one that is there already keeps its pending refresh. */
export function link(from: Node, to: Node, edge: ResourceEdge, onReady: (node: Node) => void): void {
  const known = to.parents.get(from);
  if (known !== undefined) {
    known.edge = edge;
    return;
  }
  const added: Link = { from, to, edge, refreshedAt: 0 };
  to.parents.set(from, added);
  from.children.set(to, added);
  if (from.good) return;
  to.unready += 1;
  updateGood(to, onReady);
}

export function unlink(from: Node, to: Node, onReady: (node: Node) => void): void {
  if (!to.parents.delete(from)) return;
  from.children.delete(to);
  if (from.good) return;
  to.unready -= 1;
  invariant(to.unready >= 0, "no more parents are missing than there are");
  if (to.unready === 0) onReady(to);
  updateGood(to, onReady);
}

/** To be called when the state of a node has changed. `onReady` gets each node whose last missing parent became good. */
export function updateGood(changed: Node, onReady: (node: Node) => void): void {
  const stack = [changed];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const good = node.unready === 0 && isSettled(node.state);
    if (good === node.good) continue;
    node.good = good;
    for (const child of node.children.keys()) {
      child.unready += good ? -1 : 1;
      if (child.unready === 0) onReady(child);
      // Only the step from none to one, or back, can change whether the child is good.
      if (child.unready === (good ? 0 : 1)) stack.push(child);
    }
  }
}

/** The resource that has failed for good and keeps this one waiting, if that is why it waits. */
export function blockerOf(node: Node): string | undefined {
  const seen = new Set<Node>([node]);
  const stack = [node];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    for (const parent of at.parents.keys()) {
      if (parent.good || seen.has(parent)) continue;
      seen.add(parent);
      if (hasFailedForGood(parent.state)) return parent.vertex.reference;
      if (parent.state.phase.kind === "blocked") return parent.state.phase.by;
      stack.push(parent);
    }
  }
  return undefined;
}

/** Calls `visit` for everything that depends on the node, nearest first. */
export function visitDescendants(node: Node, visit: (descendant: Node) => void): void {
  const seen = new Set<Node>([node]);
  for (const at of seen) {
    for (const child of at.children.keys()) {
      if (seen.has(child)) continue;
      seen.add(child); // A set yields what is added while it is walked.
      visit(child);
    }
  }
}
