// SPDX-License-Identifier: Apache-2.0
// Values of the language as the fields of a resource take them: ranges, choices, and when two of them are equal.

import type { Field } from "../contract/field.ts";
import { conforms } from "../values/conforms.ts";
import { quote } from "../values/print.ts";
import { sameType, type Type, renderType } from "../values/type.ts";
import { FunctionValue, MapValue, sameValue, StructValue, type Value } from "../values/value.ts";

/** What the kind's own code gets to see, or a sentence part that says why the value does not fit: "is too large for …". */
export type Reading =
  | { readonly ok: true; readonly wanted: unknown }
  | { readonly ok: false; readonly why: string; readonly unknownChoice?: string };

/** Reads a value into a field. Values of secret fields never get into the text. */
export function readWanted(field: Field<unknown>, value: Value): Reading {
  if (value instanceof FunctionValue) return wrong("cannot hold a function");
  if (!conforms(value, field.type)) return wrong(`takes ${describeType(field)}, not ${describeValue(value)}`);
  if (typeof value === "bigint") return readInteger(field, value);
  if (typeof value === "number") return readFloat(field, value);
  if (typeof value === "string") return readText(field, value);
  if (value instanceof MapValue && isStringMap(field.type)) {
    return { ok: true, wanted: new Map(value.entries() as Iterable<readonly [string, string]>) };
  }
  return { ok: true, wanted: value };
}

/** The value that `readWanted` reads as this; undefined: it is not given. */
export function valueOfWanted(field: Field<unknown>, wanted: unknown): Value | undefined {
  if (wanted === undefined) return undefined;
  if (wanted instanceof Map) return new MapValue([...(wanted as ReadonlyMap<string, string>)]);
  const isInt = field.type !== "any" && field.type.kind === "int";
  return isInt && typeof wanted === "number" ? BigInt(wanted) : (wanted as Value);
}

/** Equality of what `readWanted` gives. Not-a-number equals itself here: the same program is no change. */
export function sameWanted(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (left === undefined || right === undefined) return false;
  if (left instanceof Map && right instanceof Map) {
    return left.size === right.size && [...left].every(([key, value]) => right.get(key) === value);
  }
  return sameValue(left as Value, right as Value); // The schema reader makes nothing but values and such maps.
}

function readInteger(field: Field<unknown>, value: bigint): Reading {
  if (field.bits === undefined) return { ok: true, wanted: value };
  const unsigned = field.unsigned ?? false;
  const fits = unsigned ? BigInt.asUintN(field.bits, value) : BigInt.asIntN(field.bits, value);
  // All the language's integers fit into 64 bits with a sign.
  if (fits !== value) return wrong(integerRange(field.bits, unsigned, field.secret ? undefined : value));
  return { ok: true, wanted: field.bits === 64 ? value : Number(value) };
}

function integerRange(bits: 8 | 16 | 32 | 64, unsigned: boolean, value: bigint | undefined): string {
  const lowest = unsigned ? 0n : -(2n ** BigInt(bits - 1));
  const highest = 2n ** BigInt(unsigned ? bits : bits - 1) - 1n;
  return `must be from ${lowest} to ${highest}${value === undefined ? "" : `, but is ${value}`}`;
}

function readFloat(field: Field<unknown>, value: number): Reading {
  if (!field.single) return { ok: true, wanted: value };
  const single = Math.fround(value);
  if (Number.isFinite(value) && !Number.isFinite(single)) {
    return wrong(`must fit into 32 bits, at most about 3.4e38${field.secret ? "" : `, but is ${value}`}`);
  }
  return { ok: true, wanted: single };
}

function readText(field: Field<unknown>, value: string): Reading {
  const { choices } = field;
  if (choices === undefined || value === "" || choices.includes(value)) return { ok: true, wanted: value };
  const allowed = choices.filter((choice) => choice !== "").map((choice) => quote(choice));
  return {
    ...wrong(`must be one of ${allowed.join(", ")}${field.secret ? "" : `, but is ${quote(value)}`}`),
    ...(field.secret ? {} : { unknownChoice: value }),
  };
}

function wrong(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why };
}

const stringMap: Type = { kind: "map", key: { kind: "str" }, value: { kind: "str" } };

function isStringMap(type: Type | "any"): boolean {
  return type !== "any" && sameType(type, stringMap);
}

function describeType(field: Field<unknown>): string {
  return field.type === "any" ? "any value" : renderType(field.type);
}

/** The outer shape is enough for a message, and shows no secret. */
function describeValue(value: Value): string {
  switch (typeof value) {
    case "boolean":
      return "a bool";
    case "string":
      return "a str";
    case "bigint":
      return "an int";
    case "number":
      return "a float";
    default:
      if (value instanceof MapValue) return "a map";
      if (value instanceof StructValue) return "a struct";
      return "a list";
  }
}
