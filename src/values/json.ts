// SPDX-License-Identifier: Apache-2.0
// Values as JSON: exact integers, maps with their keys as texts, structs as objects.

import { compareForPrint, printFloat, printValue } from "./print.ts";
import { FunctionValue, MapValue, StructValue, type Value } from "./value.ts";

/** JSON text. Map keys are printed as the language prints them, sorted; infinities and NaN are texts. */
export function jsonOfValue(value: Value): string {
  switch (typeof value) {
    case "boolean":
    case "bigint":
      return String(value);
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? JSON.stringify(value) : JSON.stringify(printFloat(value));
    default:
      if (value instanceof MapValue) {
        const entries = [...value.entries()].sort((left, right) => compareForPrint(left[0], right[0]));
        return `{${entries.map(([key, item]) => `${JSON.stringify(printValue(key))}:${jsonOfValue(item)}`).join(",")}}`;
      }
      if (value instanceof StructValue) {
        const { values } = value;
        return `{${value.names.map((name, at) => `${JSON.stringify(name)}:${jsonOfValue(values[at] as Value)}`).join(",")}}`;
      }
      if (value instanceof FunctionValue) return JSON.stringify(printValue(value));
      return `[${value.map(jsonOfValue).join(",")}]`;
  }
}
