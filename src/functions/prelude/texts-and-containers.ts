// SPDX-License-Identifier: Apache-2.0
// concat, contains and len: what string interpolation and `in` stand for, and the size of things.

import { defineFunction, type SolvedCall } from "../../contract/function.ts";
import { byteLength } from "../../values/bytes.ts";
import { renderType } from "../../values/type.ts";
import { sameValue, type Value } from "../../values/value.ts";
import { fatal, isList, listAt, mapAt, textAt, valueAt, type Arguments, joinTexts } from "../arguments.ts";
import { holdsFunction } from "./holds-function.ts";

export const concat = defineFunction({
  module: "",
  name: "concat",
  type: "func(a str, b str) str",
  doc: 'One text after the other. `"${a}${b}"` is the same.',
  example: '$name = concat("web", "1") # "web1"',
  pure: (args) => joinTexts(textAt(args, 0), textAt(args, 1)),
});

export const contains = defineFunction({
  module: "",
  name: "contains",
  type: "func(needle ?1, haystack []?1) bool",
  doc: "Whether a list has an element that equals the first argument. `needle in haystack` is the same.",
  example: '$known = contains("a", ["a", "b"]) # true',
  pure: (args, call) => containsOf(call)(args),
  specialise: containsOf,
});

export const len = defineFunction({
  module: "",
  name: "len",
  type: "func(?1) int",
  doc: "The number of bytes of a str, of elements of a list, or of entries of a map.",
  example: '$two = len(["a", "b"])',
  check: (call) => {
    const type = call.type.params[0]?.type;
    if (type?.kind === "str" || type?.kind === "list" || type?.kind === "map") return undefined;
    return `len takes a str, a list or a map, not ${type === undefined ? "nothing" : renderType(type)}`;
  },
  pure: (args) => {
    const value = valueAt(args, 0);
    if (typeof value === "string") return BigInt(byteLength(value));
    return BigInt(isList(value) ? value.length : mapAt(args, 0).size);
  },
});

function containsOf(call: SolvedCall): (args: Arguments) => Value {
  const type = call.type.params[0]?.type;
  switch (type?.kind) {
    case "bool":
    case "str":
    case "int":
    case "float":
      return (args) => listAt(args, 1).indexOf(valueAt(args, 0)) !== -1;
    default:
      if (type !== undefined && holdsFunction(type)) {
        return () => {
          throw fatal(`functions cannot be compared, and ${renderType(type)} is or holds one`);
        };
      }
      return (args) => {
        const needle = valueAt(args, 0);
        return listAt(args, 1).some((item) => sameValue(item, needle));
      };
  }
}
