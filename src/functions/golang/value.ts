// SPDX-License-Identifier: Apache-2.0
// Values as Go's libraries see them: what a program has, and nil.

import { compareForPrint } from "../../values/print.ts";
import { FunctionValue, MapValue, StructValue, type Value } from "../../values/value.ts";
import { isList } from "../arguments.ts";

/** A number of another type than the ints of programs, which are `int64`: one that is written in a template, a length, a place. */
export class GoInt {
  readonly value: bigint;
  readonly type: "int" | "uint8";

  constructor(value: bigint, type: GoInt["type"] = "int") {
    this.value = value;
    this.type = type;
  }
}

/** `null` is nil. */
export type GoValue = Value | GoInt | null;

/** Whatever type of int it is. */
export function plain(value: GoValue): Value | null {
  return value instanceof GoInt ? value.value : value;
}

/** The name of its type, as messages and `%T` show it. */
export function goTypeOf(value: GoValue | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (value instanceof GoInt) return value.type;
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "string":
      return "string";
    case "bigint":
      return "int64";
    case "number":
      return "float64";
    default:
      if (isList(value)) return `[]${commonTypeOf(value)}`;
      if (value instanceof MapValue) return `map[${commonTypeOf(value.keys(), "string")}]interface {}`;
      return value instanceof StructValue ? "struct" : "func";
  }
}

/** In the order in which Go prints and ranges over maps. */
export function sortedEntries(map: MapValue): readonly (readonly [Value, Value])[] {
  return [...map.entries()].sort((left, right) => compareForPrint(left[0], right[0]));
}

export function isFunction(value: GoValue): value is FunctionValue {
  return value instanceof FunctionValue;
}

function commonTypeOf(values: readonly Value[], ofNone = "interface {}"): string {
  const [first, ...others] = new Set(values.map(goTypeOf));
  if (first === undefined) return ofNone;
  return others.length === 0 && !first.startsWith("map") ? first : "interface {}";
}
