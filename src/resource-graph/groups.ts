// SPDX-License-Identifier: Apache-2.0
// Puts resources that run as one into one vertex. The container's meta parameters count for all, with the semaphores of
// everybody; the edges of members become those of the whole, and remember which member sends and which receives.

import { createGraph, type Graph } from "../graph/graph.ts";
import { askKind } from "./ask-kind.ts";
import { chooseGroups, type GroupCandidate } from "./choose-groups.ts";
import type { Draft } from "./passes.ts";
import { edgeKey, type ResourceEdge, type Send, type Vertex } from "./vertex.ts";

/** Which resources are members of which; by keys. */
export interface Groups {
  /** Direct members, sorted. */
  readonly membersOf: ReadonlyMap<string, readonly string[]>;
  /** The vertex of the graph that a member, at any depth, runs in. */
  readonly homeOf: ReadonlyMap<string, string>;
}

export const noGroups: Groups = { membersOf: new Map(), homeOf: new Map() };

/** A pass: there is a sound graph of single resources. */
export function formGroups(draft: Draft): void {
  const { shape } = draft;
  if (shape === undefined || draft.problems.any) return;
  const vertices = [...draft.vertices.values()];
  const candidates = vertices.map((vertex) => askKind(vertex, draft.problems, () => candidateOf(vertex)));
  if (candidates.every((candidate) => candidate === undefined)) return;
  const takenBy = chooseGroups(shape, candidates);
  draft.groups = groupsOf(shape.keys, takenBy);
  draft.shape = mergedShape(shape, draft.groups);
}

/** Whoever must not be touched stays out of a group: what is hidden, and what has another `noop` than the rest. */
function candidateOf({ kind, name, want, meta }: Vertex): GroupCandidate | undefined {
  const { grouping } = kind;
  if (grouping === undefined || !meta.autogroup || meta.hidden) return undefined;
  const alike = grouping.alike?.(want, name);
  return { kind: kind.kind, name, alike, partOf: grouping.partOf?.(want, name), noop: meta.noop };
}

/** `takenBy` has for each key the number of the key of its container, or -1. */
export function groupsOf(keys: readonly string[], takenBy: ArrayLike<number>): Groups {
  const membersOf = new Map<string, string[]>();
  const homeOf = new Map<string, string>();
  keys.forEach((key, number) => {
    let taker = takenBy[number] ?? -1;
    if (taker === -1) return;
    const container = keys[taker] ?? "";
    const members = membersOf.get(container);
    if (members === undefined) membersOf.set(container, [key]);
    else members.push(key);
    for (let next = taker; next !== -1; next = takenBy[next] ?? -1) taker = next;
    homeOf.set(key, keys[taker] ?? "");
  });
  for (const members of membersOf.values()) members.sort();
  return { membersOf, homeOf };
}

/** The vertices of the grouped graph are those that are in no other. */
export function mergedShape(shape: Graph<ResourceEdge>, { homeOf }: Groups): Graph<ResourceEdge> {
  if (homeOf.size === 0) return shape;
  const edges = new Map<string, ResourceEdge>();
  for (const edge of shape.edges) {
    const [from, to] = [homeOf.get(edge.from) ?? edge.from, homeOf.get(edge.to) ?? edge.to];
    const key = edgeKey({ from, to });
    const sends = edge.sends.map((send): Send => {
      const sender = from === edge.from ? {} : { sender: edge.from };
      return { ...send, ...sender, ...(to === edge.to ? {} : { receiver: edge.to }) };
    });
    edges.set(key, mergeEdges(edges.get(key), { ...edge, from, to, sends }));
  }
  return createGraph(
    shape.keys.filter((key) => !homeOf.has(key)),
    [...edges.values()],
  );
}

/** Automatic is what no member declares. */
function mergeEdges(former: ResourceEdge | undefined, edge: ResourceEdge): ResourceEdge {
  if (former === undefined) return edge;
  const declared = former.automatic === undefined ? former : edge;
  return { ...declared, notify: former.notify || edge.notify, sends: [...former.sends, ...edge.sends] };
}

/** The resource as a vertex of the grouped graph, with its members inside. */
export function assemble(key: string, resources: ReadonlyMap<string, Vertex>, { membersOf }: Groups): Vertex {
  const resource = resources.get(key) as Vertex; // Groups are made of the keys of resources.
  const keys = membersOf.get(key);
  if (keys === undefined) return resource;
  const members = keys.map((member) => assemble(member, resources, { membersOf, homeOf: noGroups.homeOf }));
  const sema = [...new Set([resource, ...members].flatMap(({ meta }) => meta.sema))].sort();
  return { ...resource, members, meta: { ...resource.meta, sema } };
}
