// SPDX-License-Identifier: Apache-2.0
// Elements of lists and maps: by name, by module, and as what `x[i]` stands for.

import {
  type CallSite,
  defineFunction,
  type FunctionDefinition,
  type Inferred,
  type SolvedCall,
} from "../../contract/function.ts";
import { printValue, quote } from "../../values/print.ts";
import { functionType, intType, listType, mapType, renderOpenType, renderType, sameType } from "../../values/type.ts";
import type { Value } from "../../values/value.ts";
import { catchable, intAt, listAt, mapAt, valueAt, type Arguments } from "../arguments.ts";

export const lookup = defineFunction({
  module: "",
  name: "_lookup",
  type: "func(from ?1, at ?2) ?3",
  doc: "What `x[i]` stands for: an element of a list by its position from 0, or the value of a map for a key. A missing one can be caught.",
  example: '$first = ["a", "b"][0]',
  infer,
  check,
  pure: (args, call) => (call.type.params[0]?.type.kind === "map" ? mapElement(args) : listElement(args)),
  specialise: (call) => (call.type.params[0]?.type.kind === "map" ? mapElement : listElement),
});

/** `list_lookup` and `list.lookup`. */
export function listLookup(module: string, name: string): FunctionDefinition {
  return defineFunction({
    module,
    name,
    type: "func(list []?1, index int) ?1",
    doc: "The element at this position, counted from 0. A position outside the list can be caught.",
    example: `$second = ${module === "" ? "" : `${module}.`}${name}(["a", "b"], 1) <|> "none"`,
    pure: listElement,
  });
}

/** `map_lookup` and `map.lookup`. */
export function mapLookup(module: string, name: string): FunctionDefinition {
  return defineFunction({
    module,
    name,
    type: "func(map map{?1: ?2}, key ?1) ?2",
    doc: "The value for this key. A missing key can be caught.",
    example: `$port = ${module === "" ? "" : `${module}.`}${name}({"http" => 80}, "http") <|> 0`,
    pure: mapElement,
  });
}

function listElement(args: Arguments): Value {
  const list = listAt(args, 0);
  const index = intAt(args, 1);
  const found = index < 0n ? undefined : list[Number(index)];
  if (found === undefined) {
    throw catchable(`there is no element ${index} in a list of ${list.length}; positions count from 0`);
  }
  return found;
}

function mapElement(args: Arguments): Value {
  const key = valueAt(args, 1);
  const found = mapAt(args, 0).get(key);
  if (found === undefined) {
    throw catchable(`the map has no key ${typeof key === "string" ? quote(key) : printValue(key)}`);
  }
  return found;
}

/** A visible list or map decides; else an index that is not an int must be a key; else the context has to tell. */
function infer(call: CallSite): Inferred {
  const [from, at] = call.argumentTypes;
  if (call.argumentTypes.length !== 2) return { kind: "wrong", message: "a lookup takes a list or map, and an index" };
  const element = call.fresh();
  if (from?.kind === "list") return functionType([{ type: listType(element) }, { type: intType }], element);
  const indexIsNoInt = at !== undefined && at.kind !== "int" && at.kind !== "variable";
  if (from?.kind === "map" || ((from === undefined || from.kind === "variable") && indexIsNoInt)) {
    const key = call.fresh();
    return functionType([{ type: mapType(key, element) }, { type: key }], element);
  }
  if (from !== undefined && from.kind !== "variable") {
    return {
      kind: "wrong",
      message: `only lists and maps have elements, and this is ${renderOpenType(from)}`,
      argument: 0,
    };
  }
  return functionType([{ type: call.fresh() }, { type: call.fresh() }], element);
}

function check(call: SolvedCall): string | undefined {
  const [from, at] = call.type.params.map((param) => param.type);
  if (from?.kind === "list" && at !== undefined) {
    if (!sameType(at, intType)) return `a position in a list is an int, not ${renderType(at)}`;
    if (sameType(from.element, call.type.result)) return undefined;
    return `an element of ${renderType(from)} is used as ${renderType(call.type.result)}`;
  }
  if (from?.kind === "map" && at !== undefined) {
    if (!sameType(at, from.key)) return `a key of ${renderType(from)} is not ${renderType(at)}`;
    if (sameType(from.value, call.type.result)) return undefined;
    return `a value of ${renderType(from)} is used as ${renderType(call.type.result)}`;
  }
  return `only lists and maps have elements, and this is ${from === undefined ? "nothing" : renderType(from)}`;
}
