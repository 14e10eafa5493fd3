// SPDX-License-Identifier: Apache-2.0
// Which of some chosen vertices lead to each vertex, and which are led to by it, as rows of bits: one column for each
// chosen vertex. Kept true while vertices are merged, for the columns that have not been taken yet.

import type { MergedGraph } from "./merged-graph.ts";

export class Reachability {
  readonly #merged: MergedGraph;
  readonly #columns: readonly number[];
  readonly #columnOf = new Map<number, number>();
  readonly #words: number;
  /** The place of the row of each root in `above` and `below`, or -1. */
  readonly #rowAt: Int32Array;
  readonly #above: Uint32Array;
  readonly #below: Uint32Array;
  /** The columns that have not been taken. */
  readonly #remaining: Uint32Array;
  /** No column in a word before this one remains. */
  #firstWord = 0;
  /** The columns of each class. */
  readonly #classes = new Map<string, Uint32Array>();

  /** `columns` are roots with edges, in the order in which they are to be taken. */
  constructor(merged: MergedGraph, columns: readonly number[], classOf: (vertex: number) => string) {
    this.#merged = merged;
    this.#columns = columns;
    this.#words = Math.ceil(columns.length / 32);
    this.#remaining = new Uint32Array(this.#words);
    columns.forEach((vertex, column) => {
      this.#columnOf.set(vertex, column);
      setBit(this.#remaining, 0, column);
      const name = classOf(vertex);
      const members = this.#classes.get(name) ?? new Uint32Array(this.#words);
      this.#classes.set(name, members);
      setBit(members, 0, column);
    });
    const order = merged.orderOfConnected();
    this.#rowAt = new Int32Array(merged.size).fill(-1);
    order.forEach((root, row) => (this.#rowAt[root] = row * this.#words));
    this.#above = new Uint32Array(order.length * this.#words);
    this.#below = new Uint32Array(order.length * this.#words);
    this.#fill(this.#above, "above", order);
    this.#fill(this.#below, "below", order.toReversed());
  }

  #fill(rows: Uint32Array, direction: "above" | "below", order: readonly number[]): void {
    for (const root of order) {
      const at = this.#rowAt[root] as number;
      this.#merged.eachNext(root, direction, (next) => {
        const from = this.#rowAt[next] as number;
        for (let word = 0; word < this.#words; word += 1) {
          rows[at + word] = (rows[at + word] as number) | (rows[from + word] as number);
        }
        const column = this.#columnOf.get(next);
        if (column !== undefined) setBit(rows, at, column);
      });
    }
  }

  /**
   * Merges into the vertex what is left of its class, the first first, except what leads to the group or is led to by
   * it. Returns what was merged. The vertex itself is never taken afterwards.
   */
  takeInto(taker: number, className: string): readonly number[] {
    this.#clearRemaining(taker);
    const members = this.#classes.get(className);
    if (members === undefined) return [];
    while (this.#firstWord < this.#words && this.#remaining[this.#firstWord] === 0) this.#firstWord += 1;
    // What leads to the group or is led to by it; as long as the taker is alone, that is in its own rows.
    let related: Uint32Array | undefined;
    const at = this.#rowAt[taker] as number;
    const taken: number[] = [];
    for (let word = this.#firstWord; word < this.#words; word += 1) {
      let candidates = (members[word] as number) & (this.#remaining[word] as number);
      while (candidates !== 0) {
        if (related !== undefined) candidates &= ~(related[word] as number);
        else if (at >= 0) candidates &= ~((this.#above[at + word] as number) | (this.#below[at + word] as number));
        if (candidates === 0) break;
        const column = word * 32 + 31 - Math.clz32(candidates & -candidates);
        const vertex = this.#columns[column] as number;
        this.#clearRemaining(vertex);
        candidates &= candidates - 1;
        related ??= this.#relatedTo(taker);
        this.#addRelated(related, vertex);
        taken.push(vertex);
      }
    }
    for (const vertex of taken) this.#merge(taker, vertex);
    if (taken.length > 0) {
      this.#spread(taker, this.#above, "below");
      this.#spread(taker, this.#below, "above");
    }
    return taken;
  }

  #clearRemaining(vertex: number): void {
    const column = this.#columnOf.get(vertex);
    if (column !== undefined) this.#remaining[column >> 5] = (this.#remaining[column >> 5] as number) & ~(1 << column);
  }

  #relatedTo(vertex: number): Uint32Array {
    const related = new Uint32Array(this.#words);
    this.#addRelated(related, vertex);
    return related;
  }

  #addRelated(related: Uint32Array, vertex: number): void {
    const at = this.#rowAt[vertex] as number;
    if (at < 0) return;
    this.#addRow(related, 0, this.#above, at);
    this.#addRow(related, 0, this.#below, at);
  }

  #merge(taker: number, vertex: number): void {
    const [into, from] = [this.#rowAt[taker] as number, this.#rowAt[vertex] as number];
    if (into < 0) this.#rowAt[taker] = from;
    else {
      this.#addRow(this.#above, into, this.#above, from);
      this.#addRow(this.#below, into, this.#below, from);
    }
    this.#merged.merge(taker, vertex);
  }

  /** What leads to the merged vertex now leads to all below it as well, and the other way round. */
  #spread(root: number, rows: Uint32Array, direction: "above" | "below"): void {
    const start = this.#rowAt[root] as number;
    const added = rows.slice(start, start + this.#words);
    for (let word = 0; word < this.#words; word += 1)
      added[word] = (added[word] as number) & (this.#remaining[word] as number);
    if (added.every((bits) => bits === 0)) return;
    const stack = [root];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      this.#merged.eachNext(at, direction, (next) => {
        // Whoever has all of it already has passed it on already.
        if (this.#addRow(rows, this.#rowAt[next] as number, added, 0)) stack.push(next);
      });
    }
  }

  /** Tells whether anything was new. */
  #addRow(into: Uint32Array, at: number, from: Uint32Array, fromAt: number): boolean {
    let isNew = false;
    for (let word = 0; word < this.#words; word += 1) {
      const former = into[at + word] as number;
      const latter = (former | (from[fromAt + word] as number)) >>> 0;
      if (latter === former) continue;
      into[at + word] = latter;
      isNew = true;
    }
    return isNew;
  }
}

function setBit(bits: Uint32Array, at: number, column: number): void {
  bits[at + (column >> 5)] = (bits[at + (column >> 5)] as number) | (1 << column);
}
