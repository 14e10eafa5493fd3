// SPDX-License-Identifier: Apache-2.0
// Whether a value can be of a type, and the value that a type begins with.

import { FunctionValue, MapValue, StructValue, type Value } from "./value.ts";
import type { Type } from "./type.ts";

/** Functions cannot be kept anywhere, so they conform to nothing. */
export function conforms(value: Value, type: Type | "any"): boolean {
  if (type === "any" || type.kind === "variant" || type.kind === "variable") return isStorable(value);
  switch (type.kind) {
    case "bool":
      return typeof value === "boolean";
    case "str":
      return typeof value === "string";
    case "int":
      return typeof value === "bigint";
    case "float":
      return typeof value === "number";
    case "list":
      return Array.isArray(value) && value.every((item: Value) => conforms(item, type.element));
    case "map":
      return (
        value instanceof MapValue &&
        value.keys().every((key) => conforms(key, type.key)) &&
        value.values().every((item) => conforms(item, type.value))
      );
    case "struct":
      return (
        value instanceof StructValue &&
        value.names.length === type.fields.length &&
        type.fields.every(({ name, type: inner }, at) => {
          return value.names[at] === name && conforms(value.values[at] as Value, inner);
        })
      );
    case "func":
      return false;
  }
}

/** False, 0, nothing; undefined for a type that has no such value: functions, and what is not solved. */
export function zeroOf(type: Type): Value | undefined {
  switch (type.kind) {
    case "bool":
      return false;
    case "str":
      return "";
    case "int":
      return 0n;
    case "float":
      return 0;
    case "list":
      return [];
    case "map":
      return new MapValue();
    case "struct": {
      const values = type.fields.map((field) => zeroOf(field.type)).filter((value) => value !== undefined);
      if (values.length < type.fields.length) return undefined;
      return new StructValue(
        type.fields.map(({ name }) => name),
        values,
      );
    }
    case "func":
    case "variant":
    case "variable":
      return undefined;
  }
}

function isStorable(value: Value): boolean {
  if (value instanceof FunctionValue) return false;
  if (value instanceof MapValue) return value.values().every(isStorable);
  if (value instanceof StructValue) return value.values.every(isStorable);
  return !Array.isArray(value) || value.every(isStorable);
}
