// SPDX-License-Identifier: Apache-2.0
// YAML nodes as values of the language, by the type that is wanted.

import { isMap, isScalar, isSeq } from "yaml";
import type { Type } from "../../values/type.ts";
import { MapValue, StructValue, type Value } from "../../values/value.ts";

/** Undefined when the node does not fit the type. A scalar of any look is a text where a text is wanted: `mode: 0644`. */
export function readValue(node: unknown, type: Type | "any"): Value | undefined {
  if (type === "any") return readAny(node);
  switch (type.kind) {
    case "str":
      return textOf(node);
    case "bool":
      return isScalar(node) && typeof node.value === "boolean" ? node.value : undefined;
    case "int":
      return integerOf(node);
    case "float":
      return isScalar(node) && (typeof node.value === "number" || typeof node.value === "bigint")
        ? Number(node.value)
        : undefined;
    case "list":
      return isSeq(node) ? all(node.items.map((item) => readValue(item, type.element))) : undefined;
    case "map":
      return readMap(node, type.key, type.value);
    case "struct": {
      if (!isMap(node) || node.items.length !== type.fields.length) return undefined;
      const values = all(type.fields.map((field) => readValue(node.get(field.name, true), field.type)));
      return values === undefined
        ? undefined
        : new StructValue(
            type.fields.map((field) => field.name),
            values,
          );
    }
    case "func":
    case "variant":
    case "variable":
      return undefined;
  }
}

/** The text of a scalar as it was written, without quotes. */
export function textOf(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  const { value, source } = node as { readonly value: unknown; readonly source?: string };
  return typeof value === "string" ? value : source;
}

function integerOf(node: unknown): bigint | undefined {
  if (!isScalar(node) || typeof node.value !== "bigint") return undefined;
  return BigInt.asIntN(64, node.value) === node.value ? node.value : undefined;
}

function readMap(node: unknown, key: Type, value: Type): MapValue | undefined {
  if (!isMap(node)) return undefined;
  const entries: [Value, Value][] = [];
  for (const pair of node.items) {
    const left = readValue(pair.key, key);
    const right = readValue(pair.value, value);
    if (left === undefined || right === undefined) return undefined;
    entries.push([left, right]);
  }
  return new MapValue(entries);
}

/** By its own look: for fields that take a value of any one type. */
function readAny(node: unknown): Value | undefined {
  if (isSeq(node)) return all(node.items.map(readAny));
  if (isMap(node)) {
    const values = all(node.items.map((pair) => readAny(pair.value)));
    const names = all(node.items.map((pair) => textOf(pair.key)));
    return values === undefined || names === undefined ? undefined : new StructValue(names, values);
  }
  if (!isScalar(node)) return undefined;
  const { value } = node as { readonly value: unknown };
  return typeof value === "boolean" || typeof value === "bigint" || typeof value === "number" ? value : textOf(node);
}

function all<Item>(items: readonly (Item | undefined)[]): readonly Item[] | undefined {
  return items.includes(undefined) ? undefined : (items as readonly Item[]);
}
