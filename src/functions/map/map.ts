// SPDX-License-Identifier: Apache-2.0
// The module map. What leaves a map is sorted by its keys.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import { compareForPrint } from "../../values/print.ts";
import type { MapValue, Value } from "../../values/value.ts";
import { mapAt } from "../arguments.ts";
import { mapLookup } from "../prelude/lookup.ts";

export const map: readonly FunctionDefinition[] = [
  mapLookup("map", "lookup"),
  defineFunction({
    module: "map",
    name: "keys",
    type: "func(x map{?1: ?2}) []?1",
    doc: "The keys of a map, sorted.",
    example: '$names = map.keys({"b" => 2, "a" => 1}) # ["a", "b"]',
    pure: (args) => sortedEntries(mapAt(args, 0)).map(([key]) => key),
  }),
  defineFunction({
    module: "map",
    name: "values",
    type: "func(x map{?1: ?2}) []?2",
    doc: "The values of a map, in the order of their sorted keys: the first one belongs to the first of `map.keys`.",
    example: '$numbers = map.values({"b" => 2, "a" => 1}) # [1, 2]',
    pure: (args) => sortedEntries(mapAt(args, 0)).map(([, value]) => value),
  }),
];

function sortedEntries(of: MapValue): readonly (readonly [Value, Value])[] {
  return [...of.entries()].sort((left, right) => compareForPrint(left[0], right[0]));
}
