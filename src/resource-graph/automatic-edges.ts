// SPDX-License-Identifier: Apache-2.0
// The edges that nobody writes: what a resource is and what it needs, told by its kind, matched by identity.
// Costs a look-up for each identity. A declared edge between the same two, with its notify and values, stays as it is.

import type { Facts, Identity, Wish } from "../contract/automatic.ts";
import { askKind } from "./ask-kind.ts";
import type { Draft } from "./passes.ts";
import { edgeKey, type ResourceEdge, type Vertex } from "./vertex.ts";

export function addAutomaticEdges(draft: Draft): void {
  const index = new IdentityIndex();
  const askers = [...draft.vertices.values()].filter(takesPart);
  for (const asker of askers) askKind(asker, draft.problems, () => noteQuestions(asker, draft));
  for (const asker of askers) askKind(asker, draft.problems, () => noteOffers(asker, index, draft));
  for (const asker of askers) {
    const { kind, want, name } = asker;
    askKind(asker, draft.problems, () => {
      const wishes = kind.edges?.wishes(want, name, draft.facts(kind));
      if (wishes !== undefined) fulfil(wishes, asker, { index, askers }, draft);
    });
  }
}

function noteQuestions({ kind, want, name }: Vertex, draft: Draft): void {
  const { facts } = kind.edges ?? {};
  if (facts === undefined) return;
  const questions = draft.questions.get(kind) ?? new Set<string>();
  draft.questions.set(kind, questions);
  for (const question of facts.questions(want, name)) questions.add(question);
}

function noteOffers(vertex: Vertex, index: IdentityIndex, draft: Draft): void {
  const { kind, want, name } = vertex;
  for (const identity of kind.edges?.offers(want, name, draft.facts(kind)) ?? []) index.add(identity, vertex);
}

interface Others {
  readonly index: IdentityIndex;
  readonly askers: readonly Vertex[];
}

function fulfil(
  wishes: Iterable<Wish, unknown, Identity | undefined>,
  asker: Vertex,
  { index, askers }: Others,
  draft: Draft,
): void {
  const iterator = wishes[Symbol.iterator]();
  for (let next = iterator.next(undefined); next.done !== true; ) {
    const { anyOf, every } = next.value;
    const found = index.firstOf(anyOf, asker);
    if (found !== undefined) addWished(next.value, asker, found.vertex, draft);
    if (every !== undefined) {
      for (const other of askers) {
        if (other.kind.kind === every && other !== asker) addWished(next.value, asker, other, draft);
      }
    }
    next = iterator.next(found?.identity);
  }
}

function addWished({ order, why }: Wish, asker: Vertex, other: Vertex, draft: Draft): void {
  const [tail, head] = order === "before" ? [other, asker] : [asker, other];
  const automatic = { asker: order === "before" ? "to" : "from", why } as const;
  addUnlessThere(draft, { from: tail.key, to: head.key, notify: false, sends: [], at: asker.at, automatic });
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

  firstOf(identities: Iterable<Identity>, asker: Vertex): Found | undefined {
    for (const identity of identities) {
      const vertices = this.#spaces.get(identity.space)?.get(identity.id);
      const vertex = vertices?.find((each) => each !== asker);
      if (vertex !== undefined) return { identity, vertex };
    }
    return undefined;
  }
}

interface Found {
  readonly identity: Identity;
  readonly vertex: Vertex;
}

/** For where nothing of a machine is known. */
export const noFacts: Facts = new Map();
