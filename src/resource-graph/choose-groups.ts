// SPDX-License-Identifier: Apache-2.0
// Decides which resources run as one. Knows only a graph without cycles, and of each vertex what it can be grouped with.
//
// The rule is that of trying every pair in a fixed order: kinds with more parts first (so that members are grouped
// before what they become a part of), then kinds and names from the last to the first. The earlier of a pair takes the
// later in, if neither leads to the other in the graph as grouped so far. What is merged keeps the graph free of cycles.
//
// Instead of trying pairs: alike resources are taken from bit sets (reachability.ts) that skip whole words of those that
// cannot be taken, and what belongs into a resource is found by name, with one search from that resource.

import type { Graph, Link } from "../graph/graph.ts";
import { MergedGraph } from "./merged-graph.ts";
import { Reachability } from "./reachability.ts";

/** 64 MiB. Beyond it alike resources with edges are grouped in portions of the order, which may leave more groups. */
const largestMatrixBits = 2 ** 29;
const leastColumns = 32;

export interface GroupCandidate {
  readonly kind: string;
  readonly name: string;
  /** Candidates of one kind with equal texts may be grouped. */
  readonly alike: string | undefined;
  /** Where it belongs; with an empty name into any of the kind. */
  readonly partOf: { readonly kind: string; readonly name: string } | undefined;
  /** Only those in which it is the same are grouped. */
  readonly noop: boolean;
}

/** For each vertex the number of the vertex that takes it in, or -1. A taker may be taken in by another. */
export function chooseGroups(
  graph: Graph<Link>,
  candidates: readonly (GroupCandidate | undefined)[],
  matrixBits = largestMatrixBits,
): Int32Array {
  return new Chooser(graph, candidates, matrixBits).choose();
}

class Chooser {
  readonly #candidates: readonly (GroupCandidate | undefined)[];
  readonly #merged: MergedGraph;
  readonly #matrixBits: number;
  readonly #takenBy: Int32Array;
  /** The place of each candidate in the order of trying. */
  readonly #rank: Int32Array;
  /** By the kind and the name of the taker. */
  readonly #parts = new Map<string, Map<string, number[]>>();

  constructor(graph: Graph<Link>, candidates: readonly (GroupCandidate | undefined)[], matrixBits: number) {
    this.#candidates = candidates;
    this.#merged = new MergedGraph(graph);
    this.#matrixBits = matrixBits;
    this.#takenBy = new Int32Array(candidates.length).fill(-1);
    this.#rank = new Int32Array(candidates.length);
  }

  choose(): Int32Array {
    const kinds = this.#kindsInOrder();
    let rank = 0;
    for (const { numbers } of kinds) {
      for (const number of numbers) this.#rank[number] = rank++;
      this.#noteParts(numbers);
    }
    for (const { kind, numbers } of kinds) {
      const parts = this.#parts.get(kind);
      if (parts !== undefined) for (const number of numbers) this.#takeParts(number, parts);
      const alike = numbers.filter((number) => this.#candidates[number]?.alike !== undefined && this.#isAlone(number));
      if (alike.length > 1) this.#groupAlike(alike);
    }
    return this.#takenBy;
  }

  #isAlone(number: number): boolean {
    return this.#takenBy[number] === -1 && this.#merged.isAlone(number);
  }

  #kindsInOrder(): readonly { readonly kind: string; readonly numbers: readonly number[] }[] {
    const byKind = new Map<string, number[]>();
    this.#candidates.forEach((candidate, number) => {
      if (candidate === undefined) return;
      const known = byKind.get(candidate.kind);
      if (known === undefined) byKind.set(candidate.kind, [number]);
      else known.push(number);
    });
    const kinds = [...byKind].map(([kind, numbers]) => ({ kind, depth: kind.split(":").length, numbers }));
    for (const { numbers } of kinds) {
      numbers.sort((left, right) => compareNames(this.#candidates[right]?.name, this.#candidates[left]?.name));
    }
    return kinds.sort((left, right) => right.depth - left.depth || compareNames(right.kind, left.kind));
  }

  // ---- Members of another kind ----

  #noteParts(numbers: readonly number[]): void {
    for (const number of numbers) {
      const partOf = this.#candidates[number]?.partOf;
      if (partOf === undefined) continue;
      const byName = this.#parts.get(partOf.kind) ?? new Map<string, number[]>();
      this.#parts.set(partOf.kind, byName);
      addTo(byName, partOf.name, number);
    }
  }

  #takeParts(taker: number, parts: Map<string, number[]>): void {
    if (this.#takenBy[taker] !== -1) return;
    const name = this.#candidates[taker]?.name ?? "";
    const anywhere = parts.get("") ?? [];
    const tried = [...(parts.get(name) ?? []), ...anywhere].filter((number) => this.#takenBy[number] === -1);
    if (tried.length === 0) return;
    tried.sort((left, right) => (this.#rank[left] as number) - (this.#rank[right] as number));
    const search = this.#merged.searchFrom(taker);
    for (const number of tried) {
      if (number === taker || !this.#isSameNoop(taker, number) || search.meets(number)) continue;
      search.add(number);
      this.#take(taker, number);
    }
    // So that those which any may take are looked at again only as long as they are free.
    parts.set(
      "",
      anywhere.filter((number) => this.#takenBy[number] === -1),
    );
  }

  // ---- Members of the same kind ----

  /** `numbers` are alike others of their kind and free, in the order of trying. */
  #groupAlike(numbers: readonly number[]): void {
    const alikeOf = (number: number): string => {
      const candidate = this.#candidates[number];
      return `${candidate?.noop} ${candidate?.alike}`;
    };
    const connected: number[] = [];
    const loose = new Map<string, number[]>();
    for (const number of numbers) {
      if (this.#merged.hasEdges(number)) connected.push(number);
      else addTo(loose, alikeOf(number), number);
    }
    const perMatrix = Math.max(leastColumns, Math.floor(this.#matrixBits / this.#merged.size));
    let portion = 0;
    const portionFrom = (start: number): Reachability => {
      portion = start + perMatrix;
      const columns = connected.slice(start, portion).filter((number) => this.#takenBy[number] === -1);
      return new Reachability(this.#merged, columns, alikeOf);
    };
    let reachability = connected.length === 0 ? undefined : portionFrom(0);
    for (const taker of numbers) {
      if (connected[portion] === taker) reachability = portionFrom(portion);
      if (this.#takenBy[taker] !== -1) continue;
      // What has no edges can go anywhere, so the first of its class takes all of it.
      const alike = alikeOf(taker);
      for (const number of loose.get(alike) ?? []) if (number !== taker) this.#take(taker, number);
      loose.delete(alike);
      for (const number of reachability?.takeInto(taker, alike) ?? []) this.#takenBy[number] = taker;
    }
  }

  #isSameNoop(left: number, right: number): boolean {
    return this.#candidates[left]?.noop === this.#candidates[right]?.noop;
  }

  #take(taker: number, number: number): void {
    this.#takenBy[number] = taker;
    this.#merged.merge(taker, number);
  }
}

function addTo(lists: Map<string, number[]>, key: string, number: number): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [number]);
  else known.push(number);
}

function compareNames(left = "", right = ""): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
