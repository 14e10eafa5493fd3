// SPDX-License-Identifier: Apache-2.0
// Values as a text that reads back as the same value: kinds are kept apart, bytes and odd floats survive. For what is
// kept on disk or sent to another host, not for people.

import { FunctionValue, MapValue, StructValue, type Value } from "./value.ts";
import { invariant } from "../base/invariant.ts";

/** A list is a tag and what belongs to it: `["i","7"]`, `["l",…]`, `["m",[key,value],…]`, `["s",[name,value],…]`. */
type Stored = boolean | string | readonly Stored[];

/** JSON, the same for equal values. Functions have none: what holds values for others refuses them. */
export function storedTextOf(value: Value): string {
  return JSON.stringify(store(value));
}

/** Undefined when the text is not of `storedTextOf`. */
export function valueOfStored(text: string): Value | undefined {
  try {
    return load(JSON.parse(text));
  } catch (reason) {
    if (reason instanceof SyntaxError) return undefined;
    throw reason;
  }
}

/** What stands in the text of a struct, by name; undefined when it is not one. */
export function fieldsOfStored(text: string): ReadonlyMap<string, Value> | undefined {
  const fields = valueOfStored(text);
  if (!(fields instanceof StructValue)) return undefined;
  return new Map(fields.names.map((name, index) => [name, fields.values[index] ?? false]));
}

function store(value: Value): Stored {
  switch (typeof value) {
    case "boolean":
    case "string":
      return value;
    case "bigint":
      return ["i", String(value)];
    case "number":
      return ["f", Object.is(value, -0) ? "-0" : String(value)];
    default:
      invariant(!(value instanceof FunctionValue), "functions are not stored");
      if (value instanceof MapValue) {
        const entries = Array.from(value.entries(), ([key, item]) => [store(key), store(item)] as const);
        return ["m", ...entries.sort((left, right) => compareKeys(left[0], right[0]))];
      }
      if (value instanceof StructValue) {
        return ["s", ...value.names.map((name, index) => [name, store(value.values[index] ?? false)] as const)];
      }
      return ["l", ...value.map(store)];
  }
}

/** Any order that is always the same will do. */
function compareKeys(left: Stored, right: Stored): number {
  const [a, b] = [JSON.stringify(left), JSON.stringify(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function load(stored: unknown): Value | undefined {
  if (typeof stored === "boolean" || typeof stored === "string") return stored;
  if (!Array.isArray(stored)) return undefined;
  const tag: unknown = stored[0];
  const parts: readonly unknown[] = stored.slice(1);
  switch (tag) {
    case "i": {
      const [text] = parts;
      return typeof text === "string" && /^-?[0-9]{1,20}$/.test(text) ? BigInt.asIntN(64, BigInt(text)) : undefined;
    }
    case "f": {
      const [text] = parts;
      return typeof text === "string" && text !== "" ? Number(text) : undefined;
    }
    case "l":
      return all(parts.map(load));
    case "m": {
      const entries = all(parts.map((part) => pairOf(part, load)));
      return entries === undefined ? undefined : new MapValue(entries);
    }
    case "s": {
      const fields = all(parts.map((part) => pairOf(part, (name) => (typeof name === "string" ? name : undefined))));
      if (fields === undefined) return undefined;
      return new StructValue(
        fields.map(([name]) => name),
        fields.map(([, value]) => value),
      );
    }
    default:
      return undefined;
  }
}

function pairOf<First>(
  part: unknown,
  loadFirst: (stored: unknown) => First | undefined,
): readonly [First, Value] | undefined {
  if (!Array.isArray(part) || part.length !== 2) return undefined;
  const [first, second] = [loadFirst(part[0]), load(part[1])];
  return first === undefined || second === undefined ? undefined : [first, second];
}

function all<Item>(items: readonly (Item | undefined)[]): readonly Item[] | undefined {
  const present = items.filter((item): item is Item => item !== undefined);
  return present.length === items.length ? present : undefined;
}
