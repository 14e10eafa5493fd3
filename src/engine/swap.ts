// SPDX-License-Identifier: Apache-2.0
// A graph on its way into force: what distinguishes it, and which resources must end something before it may be.

import type { Origins } from "../contract/declaration.ts";
import type { Cause } from "../contract/event.ts";
import { differenceBetween, type GraphDifference, type VertexChange } from "../resource-graph/difference.ts";
import type { ResourceGraph, Vertex } from "../resource-graph/vertex.ts";
import type { Node } from "./node.ts";
import { isStill } from "./worker-state.ts";

export interface SwapRequest {
  readonly graph: ResourceGraph;
  /** What has brought the change, by statement. */
  readonly origins?: Origins | undefined;
  readonly done: { readonly promise: Promise<void>; readonly resolve: () => void };
}

export interface Swap extends SwapRequest {
  /** From the graph in force. */
  readonly difference: GraphDifference;
  /** Those that still do something which has to end first, and how it has to end. */
  readonly unfinished: Map<Node, "pause" | "close">;
  /** The keys of all that were paused or closed for it, or for a swap that it replaces. */
  readonly ended: Set<string>;
  /** The keys of all that run as members of others in the graph to come. */
  readonly members: ReadonlySet<string>;
  /** Pending on edges of resources that were closed. */
  readonly refreshes: { readonly from: string; readonly to: string; readonly refreshedAt: number }[];
}

export function planSwap(inForce: ResourceGraph, { graph, origins, done }: SwapRequest): Swap {
  const { since } = graph;
  const difference = since?.identity === inForce.identity ? since.difference : differenceBetween(inForce, graph);
  const members = membersIn(difference);
  return { graph, origins, difference, members, unfinished: new Map(), ended: new Set(), refreshes: [], done };
}

/** The later graph takes the place of the earlier one, and over what that one has stopped. */
export function mergeSwaps(earlier: Swap, later: Swap): Swap {
  const resolve = (): void => {
    earlier.done.resolve();
    later.done.resolve();
  };
  const done = { promise: later.done.promise, resolve };
  const origins = mergeOrigins(earlier.origins, later.origins);
  return { ...later, origins, unfinished: earlier.unfinished, ended: earlier.ended, done };
}

export function mergeOrigins(earlier: Origins | undefined, later: Origins | undefined): Origins | undefined {
  return earlier === undefined || later === undefined ? (earlier ?? later) : new Map([...earlier, ...later]);
}

/** Why a resource begins that was not in the graph before. */
export function causeOfStart({ origins }: Swap, { statement }: Vertex): Cause {
  const brought = origins?.get(statement);
  return brought === undefined ? { kind: "start" } : { kind: "start", origins: brought };
}

/** Why a resource is looked at again whose definition is another one. */
export function causeOfChange({ origins }: Swap, { after, fields, meta }: VertexChange): Cause {
  const brought = origins?.get(after.statement);
  const names = meta.length === 0 ? fields : [...fields, ...meta.map((name) => `Meta:${name}`)];
  return { kind: "definition", fields: names, ...(brought === undefined ? {} : { origins: brought }) };
}

/** To be called when a node may have ended what it was told to end. */
export function noteProgress(swap: Swap, node: Node): void {
  const how = swap.unfinished.get(node);
  if (how === undefined) return;
  if (how === "close" ? node.state.phase.kind === "closed" : isStill(node.state)) swap.unfinished.delete(node);
}

/** What leaves as a vertex and comes as a member is still in the program. */
export function staysAsMember(swap: Swap | undefined, { key }: Node): boolean {
  return swap?.members.has(key) ?? false;
}

function membersIn({ added, changed }: GraphDifference): ReadonlySet<string> {
  const members = new Set<string>();
  const add = (vertex: Vertex): void => {
    for (const member of vertex.members) {
      members.add(member.key);
      add(member);
    }
  };
  for (const vertex of added) add(vertex);
  for (const { after } of changed) add(after);
  return members;
}
