// SPDX-License-Identifier: Apache-2.0
// Which of some chosen vertices lead to each vertex, and which are led to by it, as rows of bits: one column for each
// chosen vertex. Kept true while vertices are merged, for the columns that have not been taken yet.

import { BitRows } from "./bit-rows.ts";
import type { MergedGraph } from "./merged-graph.ts";

export class Reachability {
  readonly #merged: MergedGraph;
  readonly #columns: readonly number[];
  /** Of each vertex, or -1. */
  readonly #columnOf: Int32Array;
  readonly #words: number;
  /** The row of each root in `above` and `below`, or -1. */
  readonly #rowOf: Int32Array;
  readonly #above: BitRows;
  readonly #below: BitRows;
  /** The columns that have not been taken; its one row. */
  readonly #remaining: BitRows;
  /** No column in a word before this one remains, so nobody looks there again. */
  #firstWord = 0;
  /** The columns of each class; one row each. */
  readonly #classes = new Map<string, BitRows>();
  /** What is new to pass on. */
  readonly #scratch: BitRows;

  /** `columns` are roots with edges, in the order in which they are to be taken. */
  constructor(merged: MergedGraph, columns: readonly number[], classOf: (vertex: number) => string) {
    this.#merged = merged;
    this.#columns = columns;
    this.#remaining = new BitRows(1, columns.length);
    this.#scratch = new BitRows(1, columns.length);
    this.#words = this.#remaining.words;
    this.#columnOf = new Int32Array(merged.size).fill(-1);
    columns.forEach((vertex, column) => {
      this.#columnOf[vertex] = column;
      this.#remaining.set(0, column);
      const name = classOf(vertex);
      const members = this.#classes.get(name) ?? new BitRows(1, columns.length);
      this.#classes.set(name, members);
      members.set(0, column);
    });
    const order = merged.orderOfConnected();
    this.#rowOf = new Int32Array(merged.size).fill(-1);
    order.forEach((root, row) => (this.#rowOf[root] = row));
    this.#above = new BitRows(order.length, columns.length);
    this.#below = new BitRows(order.length, columns.length);
    this.#fill(this.#above, "above", order);
    this.#fill(this.#below, "below", order.toReversed());
  }

  #fill(rows: BitRows, direction: "above" | "below", order: readonly number[]): void {
    for (const root of order) {
      const row = this.#rowOf[root] as number;
      let nearest = -1;
      this.#merged.eachNext(root, direction, (next) => {
        if (nearest < 0 || this.#isNearer(next, nearest, direction)) nearest = next;
      });
      // It has most of what the others have.
      if (nearest >= 0) {
        rows.copy(row, this.#rowOf[nearest] as number);
        const column = this.#columnOf[nearest] as number;
        if (column >= 0) rows.set(row, column);
      }
      this.#merged.eachNext(root, direction, (next) => this.#addNext(rows, row, next));
    }
  }

  #isNearer(some: number, other: number, direction: "above" | "below"): boolean {
    const distance = (this.#rowOf[some] as number) - (this.#rowOf[other] as number);
    return direction === "above" ? distance > 0 : distance < 0;
  }

  /** Whoever has a vertex already has all beyond it already. */
  #addNext(rows: BitRows, row: number, next: number): void {
    const column = this.#columnOf[next] as number;
    if (column >= 0) {
      if (rows.has(row, column)) return;
      rows.set(row, column);
    }
    rows.add(row, rows, this.#rowOf[next] as number, 0);
  }

  /**
   * Merges into the vertex what is left of its class, the first first, except what leads to the group or is led to by
   * it. Returns what was merged. The vertex itself is never taken afterwards.
   */
  takeInto(taker: number, className: string): readonly number[] {
    this.#clearRemaining(taker);
    const members = this.#classes.get(className);
    if (members === undefined) return [];
    while (this.#firstWord < this.#words && this.#remaining.word(0, this.#firstWord) === 0) this.#firstWord += 1;
    const taken: number[] = [];
    for (let word = this.#firstWord; word < this.#words; word += 1) {
      let candidates = members.word(0, word) & this.#remaining.word(0, word);
      while (candidates !== 0) {
        // What leads to the group or is led to by it.
        const row = this.#rowOf[taker] as number;
        if (row >= 0) candidates &= ~(this.#above.word(row, word) | this.#below.word(row, word));
        if (candidates === 0) break;
        const column = word * 32 + 31 - Math.clz32(candidates & -candidates);
        const vertex = this.#columns[column] as number;
        candidates &= candidates - 1;
        this.#clearRemaining(vertex);
        this.#merge(taker, vertex);
        taken.push(vertex);
      }
    }
    if (taken.length > 0) {
      this.#spread(taker, this.#above, "below");
      this.#spread(taker, this.#below, "above");
    }
    return taken;
  }

  #clearRemaining(vertex: number): void {
    const column = this.#columnOf[vertex] as number;
    if (column >= 0) this.#remaining.unset(0, column);
  }

  #merge(taker: number, vertex: number): void {
    const [into, from] = [this.#rowOf[taker] as number, this.#rowOf[vertex] as number];
    if (into < 0) this.#rowOf[taker] = from;
    else {
      this.#above.add(into, this.#above, from, this.#firstWord);
      this.#below.add(into, this.#below, from, this.#firstWord);
    }
    this.#merged.merge(taker, vertex);
  }

  /** What leads to the merged vertex now leads to all below it as well, and the other way round. */
  #spread(root: number, rows: BitRows, direction: "above" | "below"): void {
    const added = this.#scratch;
    const row = this.#rowOf[root] as number;
    added.clear(0);
    if (!added.intersect(0, rows, row, this.#remaining, 0, this.#firstWord)) return;
    const stack = [root];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      this.#merged.eachNext(at, direction, (next) => {
        // Whoever has all of it already has passed it on already.
        if (rows.add(this.#rowOf[next] as number, added, 0, this.#firstWord)) stack.push(next);
      });
    }
  }
}
