// SPDX-License-Identifier: Apache-2.0
// Which calls have brought what a statement puts out now: those among all it depends on that changed by themselves in
// this round. Asked only for a statement whose output has changed, so a round that changes nothing pays nothing.

import type { Origin } from "../contract/declaration.ts";
import type { Evaluator } from "./evaluator.ts";
import { Failed, type Node } from "./node.ts";

/** More would be more than a person reads, and a long way is not walked for every statement at its end. */
const mostOrigins = 4;
const mostNodes = 200;

/** In the order in which they are found from the statement; also those that made it come to life. */
export function originsOf(statement: Node, evaluator: Evaluator): readonly Origin[] {
  const found: Origin[] = [];
  const seen = new Set<Node>([statement]);
  // Only changed nodes are entered, so the way is that of the change; a set is walked in the order of insertion.
  for (const node of seen) {
    const { origin } = node.behaviour;
    if (origin !== undefined && node !== statement) found.push({ ...origin, ...shown(node) });
    if (found.length === mostOrigins || seen.size > mostNodes) break;
    for (const input of node.inputs) if (evaluator.isPartOfRound(input)) seen.add(input);
    const { guard } = node;
    if (guard !== undefined && evaluator.isPartOfRound(guard)) seen.add(guard);
  }
  return found;
}

function shown({ result }: Node): { readonly value?: string } {
  if (result === undefined || result instanceof Failed) return {};
  return typeof result === "object" || typeof result === "string" ? {} : { value: String(result) };
}
