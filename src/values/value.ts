// SPDX-License-Identifier: Apache-2.0
// The values of the language, as plain as the runtime allows: a value tells its kind by itself.

import { Bug, invariant } from "../base/invariant.ts";
import type { FunctionType } from "./type.ts";

/**
 * bool is `boolean`, str is `string`, int is `bigint` (always within 64 bits, see `wrapInt`), float is `number`, a list is
 * an array. A str is a sequence of bytes, normally UTF-8; bytes that are not valid UTF-8 are kept as lone surrogates
 * U+DC80..U+DCFF, see `bytes.ts`. Values never change.
 */
export type Value = boolean | string | bigint | number | readonly Value[] | MapValue | StructValue | FunctionValue;

/** A map. Keys compare by value. Iterates in the order of insertion; whatever prints it sorts. */
export class MapValue {
  readonly #entries = new Map<string, readonly [key: Value, value: Value]>();

  /** A later entry with an equal key wins. */
  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) this.#entries.set(identityOf(key), [key, value]);
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: Value): boolean {
    return this.#entries.has(identityOf(key));
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(identityOf(key))?.[1];
  }

  keys(): readonly Value[] {
    return [...this.#entries.values()].map(([key]) => key);
  }

  values(): readonly Value[] {
    return [...this.#entries.values()].map(([, value]) => value);
  }

  entries(): IterableIterator<readonly [Value, Value]> {
    return this.#entries.values();
  }
}

/** A struct: field names in the order of its type, and their values. */
export class StructValue {
  readonly names: readonly string[];
  readonly values: readonly Value[];

  constructor(names: readonly string[], values: readonly Value[]) {
    invariant(names.length === values.length, "a struct has one value for each name");
    this.names = names;
    this.values = values;
  }

  get(name: string): Value | undefined {
    const index = this.names.indexOf(name);
    return index === -1 ? undefined : this.values[index];
  }
}

/**
 * A function as a value. Equal only to itself: its identity says when a call has to be built anew.
 * `implementation` belongs to the evaluator alone.
 */
export class FunctionValue {
  readonly type: FunctionType;
  readonly implementation: object;

  constructor(type: FunctionType, implementation: object) {
    this.type = type;
    this.implementation = implementation;
  }
}

/** Integers are 64 bits, two's complement, and wrap silently. */
export function wrapInt(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** Deep equality by value; a function is equal only to itself. */
export function sameValue(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item: Value, index) => sameValue(item, right[index] as Value))
    );
  }
  if (left instanceof MapValue) {
    if (!(right instanceof MapValue) || left.size !== right.size) return false;
    for (const [key, value] of left.entries()) {
      const other = right.get(key);
      if (other === undefined || !sameValue(value, other)) return false;
    }
    return true;
  }
  if (left instanceof StructValue) {
    return (
      right instanceof StructValue &&
      left.names.length === right.names.length &&
      left.names.every((name, index) => name === right.names[index]) &&
      left.values.every((value, index) => sameValue(value, right.values[index] as Value))
    );
  }
  return false;
}

/** A text that is equal for equal keys and different for others. Only hashable values have one. */
export function identityOf(key: Value): string {
  switch (typeof key) {
    case "boolean":
      return `b${key}`;
    case "string":
      return `s${key.length}:${key}`;
    case "bigint":
      return `i${key}`;
    case "number":
      return `f${key === 0 ? 0 : key}`;
    default:
      if (key instanceof StructValue) {
        return `{${key.names.map((name, index) => `${name}=${identityOf(key.values[index] as Value)}`).join(";")}}`;
      }
      throw new Bug("a map key is a scalar or a struct of such: the type checker saw to it");
  }
}
