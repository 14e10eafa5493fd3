// SPDX-License-Identifier: Apache-2.0
// The edges that nobody writes: what a resource is and what it needs, told by its kind, matched by identity.
// Costs a look-up for each identity. A declared edge between the same two, with its notify and values, stays as it is.

import type { Identity } from "../contract/automatic.ts";
import type { Draft } from "./passes.ts";
import { edgeKey, type ResourceEdge, type Vertex } from "./vertex.ts";

export function addAutomaticEdges(draft: Draft): void {
  const index = new IdentityIndex();
  const askers = [...draft.vertices.values()].filter(takesPart);
  for (const vertex of askers) {
    for (const identity of vertex.kind.edges?.offers(vertex.want, vertex.name) ?? []) index.add(identity, vertex);
  }
  for (const asker of askers) {
    for (const { order, anyOf, why } of asker.kind.edges?.wishes(asker.want, asker.name) ?? []) {
      const found = index.firstOf(anyOf, asker);
      if (found === undefined) continue;
      const [tail, head] = order === "before" ? [found, asker] : [asker, found];
      addUnlessThere(draft, {
        from: tail.key,
        to: head.key,
        notify: false,
        sends: [],
        at: asker.at,
        automatic: { asker: order === "before" ? "to" : "from", why },
      });
    }
  }
}

/** What is hidden is not carried out here, so nobody need wait for it. */
function takesPart({ kind, meta }: Vertex): boolean {
  return kind.edges !== undefined && meta.autoedge && !meta.hidden;
}

function addUnlessThere(draft: Draft, edge: ResourceEdge): void {
  const key = edgeKey(edge);
  if (!draft.edges.has(key)) draft.edges.set(key, edge);
}

/** Who offers an identity: of several the first by key, or the second for the first itself. */
class IdentityIndex {
  readonly #spaces = new Map<Identity["space"], Map<string, Vertex[]>>();

  add({ space, id }: Identity, vertex: Vertex): void {
    const ids = this.#spaces.get(space) ?? new Map<string, Vertex[]>();
    this.#spaces.set(space, ids);
    const known = ids.get(id);
    if (known === undefined) ids.set(id, [vertex]);
    else if (!known.includes(vertex)) {
      known.push(vertex);
      known.sort((left, right) => (left.key < right.key ? -1 : 1)).splice(2);
    }
  }

  firstOf(identities: Iterable<Identity>, asker: Vertex): Vertex | undefined {
    for (const { space, id } of identities) {
      const found = this.#spaces
        .get(space)
        ?.get(id)
        ?.find((vertex) => vertex !== asker);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
