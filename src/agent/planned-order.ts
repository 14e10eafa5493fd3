// SPDX-License-Identifier: Apache-2.0
// What of a plan comes before what. A package brings files, a user an owner: what is behind something that is to change
// can come out otherwise than it looks now, and what cannot be done now may be possible then. Decides nothing itself.

import { invariant } from "../base/invariant.ts";
import { topologicalOrder } from "../graph/order.ts";
import { type ResourceGraph, withMembers } from "../resource-graph/vertex.ts";

/** How a resource looks now: `changes` has something to do, `stuck` cannot be done as things are. */
export type Outlook = "settled" | "changes" | "stuck";

/**
 * For each resource the nearest ones before it that change, sorted; those with none are left out. What is stuck counts as a
 * change when something before it changes, and else not, for it stays stuck.
 */
export function changesBefore(
  { shape, vertices }: ResourceGraph,
  outlookOf: (resource: string) => Outlook,
): ReadonlyMap<string, readonly string[]> {
  const order = topologicalOrder(shape);
  invariant(order !== undefined, "a graph that ran has no cycle");
  const before = new Map<string, readonly string[]>();
  // Of each vertex, what those behind it wait for: what changes in it, else what it waits for itself.
  const passedOn: (readonly string[])[] = [];
  for (const number of order) {
    const tails = (shape.incoming[number] ?? []).map((edge) => shape.tails[edge] ?? 0);
    const nearest = [...new Set(tails.flatMap((tail) => passedOn[tail] ?? []))].sort();
    const vertex = vertices[number];
    const references = vertex === undefined ? [] : [...withMembers(vertex)].map(({ reference }) => reference);
    if (nearest.length > 0) for (const reference of references) before.set(reference, nearest);
    const changing = references.filter((reference) => {
      const outlook = outlookOf(reference);
      return outlook === "changes" || (outlook === "stuck" && nearest.length > 0);
    });
    passedOn[number] = changing.length > 0 ? changing : nearest;
  }
  return before;
}
