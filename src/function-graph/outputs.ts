// SPDX-License-Identifier: Apache-2.0
// What the living statements put out, and what of it has changed since it was last taken.

import type {
  EdgeDeclaration,
  Origin,
  OutputDelta,
  ResourceDeclaration,
  StatementKey,
  StatementOutput,
} from "../contract/declaration.ts";
import { sameValue, type Value } from "../values/value.ts";

export class Outputs {
  readonly #present = new Map<StatementKey, StatementOutput>();
  readonly #taken = new Map<StatementKey, StatementOutput>();
  #changed = new Set<StatementKey>();
  #removed: StatementKey[] = [];
  #origins = new Map<StatementKey, readonly Origin[]>();
  #isFirst = true;

  /** True when what was taken is no longer true, and it can be told what has brought that: `putOrigins`. */
  put(key: StatementKey, output: StatementOutput): boolean {
    const present = this.#present.get(key);
    if (present !== undefined && sameOutput(present, output)) return false;
    const taken = this.#taken.get(key);
    if (taken !== undefined && taken !== present && sameOutput(taken, output)) {
      this.#present.set(key, taken);
      this.#changed.delete(key); // It came back to what is known outside.
      return false;
    }
    this.#present.set(key, output);
    this.#changed.add(key);
    return !this.#isFirst;
  }

  /** Of several rounds before it is taken, those of the last one that changed it. */
  putOrigins(key: StatementKey, origins: readonly Origin[]): void {
    if (origins.length > 0) this.#origins.set(key, origins);
  }

  remove(key: StatementKey): void {
    this.#present.delete(key);
    this.#changed.delete(key);
    this.#origins.delete(key);
    if (this.#taken.delete(key)) this.#removed.push(key);
  }

  get hasChanged(): boolean {
    return this.#changed.size > 0 || this.#removed.length > 0;
  }

  /** Everything that changed since the last time. */
  take(): OutputDelta {
    const changed = new Map<StatementKey, StatementOutput>();
    for (const key of this.#changed) {
      const output = this.#present.get(key);
      if (output === undefined) continue;
      changed.set(key, output);
      this.#taken.set(key, output);
    }
    const removed = this.#removed;
    const origins = this.#origins;
    this.#changed = new Set();
    this.#removed = [];
    this.#isFirst = false;
    if (origins.size === 0) return { changed, removed };
    this.#origins = new Map();
    return { changed, removed, origins };
  }
}

function sameOutput(left: StatementOutput, right: StatementOutput): boolean {
  return sameItems(left.resources, right.resources, sameResource) && sameItems(left.edges, right.edges, sameEdge);
}

function sameResource(left: ResourceDeclaration, right: ResourceDeclaration): boolean {
  return left.name === right.name && sameEntries(left.fields, right.fields) && sameEntries(left.meta, right.meta);
}

function sameEdge(left: EdgeDeclaration, right: EdgeDeclaration): boolean {
  return (
    left.from.kind === right.from.kind &&
    left.from.name === right.from.name &&
    left.to.kind === right.to.kind &&
    left.to.name === right.to.name &&
    left.notify === right.notify
  );
}

function sameEntries(left: ReadonlyMap<string, Value>, right: ReadonlyMap<string, Value>): boolean {
  if (left.size !== right.size) return false;
  for (const [name, value] of left) {
    const other = right.get(name);
    if (other === undefined || !sameValue(value, other)) return false;
  }
  return true;
}

function sameItems<Item>(left: readonly Item[], right: readonly Item[], same: (a: Item, b: Item) => boolean): boolean {
  return left.length === right.length && left.every((item, index) => same(item, right[index] as Item));
}
