// SPDX-License-Identifier: Apache-2.0
// What stays in the graph for a while although the program has left it out: resources that are to be realized once, and
// those that are to be undone. Pure.

import { createGraph } from "../graph/graph.ts";
import type { ResourceEdge, ResourceGraph, Vertex } from "../resource-graph/vertex.ts";
import { withMembers } from "../resource-graph/vertex.ts";
import type { Node } from "./node.ts";
import { hasFailedForGood } from "./worker-state.ts";

/** A resource with `Meta:realize` that has never been settled, and still may be by itself. */
export function mustStay({ vertex, state }: Node): boolean {
  if (!vertex.meta.realize || vertex.meta.hidden || state.settledBefore) return false;
  return !hasFailedForGood(state) && state.phase.kind !== "blocked";
}

/** The graph to come with those that stay, the same one when there are none; and the keys of those. */
export function withStaying(
  inForce: ResourceGraph,
  next: ResourceGraph,
  nodes: ReadonlyMap<string, Node>,
  undoing: Iterable<Vertex>,
): { readonly graph: ResourceGraph; readonly staying: ReadonlySet<string> } {
  const extra = new Map<string, Vertex>();
  for (const node of unrealized(inForce, next, nodes)) extra.set(node.key, node.vertex);
  const unrealizedKeys = new Set(extra.keys());
  let members: ReadonlySet<string> | undefined;
  for (const vertex of undoing) {
    if (next.shape.numberOf.has(vertex.key) || extra.has(vertex.key)) continue;
    members ??= keysOfMembers(next);
    if (!members.has(vertex.key)) extra.set(vertex.key, vertex);
  }
  if (extra.size === 0) return { graph: next, staying: unrealizedKeys };
  const edges: ResourceEdge[] = inForce.shape.edges.filter(
    ({ from, to }) => unrealizedKeys.has(to) && (unrealizedKeys.has(from) || next.shape.numberOf.has(from)),
  );
  const shape = createGraph([...next.shape.keys, ...extra.keys()], [...next.shape.edges, ...edges]);
  return {
    graph: { shape, vertices: [...next.vertices, ...extra.values()], identity: {} },
    staying: new Set(extra.keys()),
  };
}

/** With those of the leaving ones that they depend on. */
function unrealized(inForce: ResourceGraph, next: ResourceGraph, nodes: ReadonlyMap<string, Node>): ReadonlySet<Node> {
  const removed =
    next.since?.identity === inForce.identity
      ? next.since.difference.removed
      : inForce.vertices.filter(({ key }) => !next.shape.numberOf.has(key));
  const found = new Set<Node>();
  for (const { key } of removed) {
    const node = nodes.get(key);
    if (node !== undefined && mustStay(node)) found.add(node);
  }
  if (found.size === 0) return found;
  const members = keysOfMembers(next);
  for (const node of found) if (members.has(node.key)) found.delete(node);
  for (const node of found) {
    for (const parent of node.parents.keys()) {
      if (!next.shape.numberOf.has(parent.key)) found.add(parent); // A set yields what is added while it is walked.
    }
  }
  return found;
}

function keysOfMembers(graph: ResourceGraph): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const vertex of graph.vertices) {
    if (vertex.members.length > 0) for (const member of withMembers(vertex)) keys.add(member.key);
  }
  return keys;
}
