// SPDX-License-Identifier: Apache-2.0
// The functions of the module iter that are given a function.

import { type CallSite, defineFunction, type FunctionDefinition, type Inferred } from "../../contract/function.ts";
import { parseSignature } from "../../values/parse-type.ts";
import { fatal } from "../arguments.ts";

export const iterWithFunctions: readonly FunctionDefinition[] = [
  defineFunction({
    module: "iter",
    name: "filter",
    type: "func(inputs []?1, function func(?1) bool) []?1",
    doc: "The elements of a list for which the function gives true, in order.",
    example: "$big = iter.filter([1, 20, 300], func($x) { $x > 10 })",
    lists: 1,
    iterate: ({ elements, call, compute }) => {
      const kept = elements.map((row) => call(row));
      return compute([...elements.flat(), ...kept], (values) =>
        values.slice(0, elements.length).filter((_, index) => values[elements.length + index] === true),
      );
    },
  }),
  defineFunction({
    module: "iter",
    name: "map",
    type: "func(inputs []?1, function func(?1) ?2) []?2",
    doc: "What the function gives for each element of a list, in order.",
    example: '$paths = iter.map(["a", "b"], func($x) { "/tmp/" + $x })',
    lists: 1,
    iterate: ({ elements, call, compute }) =>
      compute(
        elements.map((row) => call(row)),
        (results) => results,
      ),
  }),
  defineFunction({
    module: "iter",
    name: "reduce",
    type: "func(initval ?1, inputs []?1, function func(?1, ?1) ?1) ?1",
    doc: "Joins the elements of a list into one value: the function is given what it gave last, and the next element. It begins with the first argument or, when that is left out, with the first element; then the list must not be empty.",
    example: "$sum = iter.reduce(0, [1, 2, 3], func($a, $b) { $a + $b })",
    infer: inferReduce,
    lists: 1,
    iterate: ({ initial, elements, call, compute }) => {
      const [first, ...rest] = [...initial, ...elements.flat()];
      if (first === undefined) {
        return compute([], () => {
          throw fatal("an empty list has no value to begin with; give one as the first of three arguments");
        });
      }
      return rest.reduce((joined, element) => call([joined, element]), first);
    },
  }),
  defineFunction({
    module: "iter",
    name: "zip",
    type: "func(inputs1 []?1, inputs2 []?2, function func(?1, ?2) ?3) []?3",
    doc: "What the function gives for the elements at the same place of two lists, in order, as far as the shorter one goes.",
    example: '$lines = iter.zip(["a", "b"], ["1", "2"], func($x, $y) { $x + "=" + $y })',
    lists: 2,
    iterate: ({ elements, call, compute }) =>
      compute(
        elements.map((row) => call(row)),
        (results) => results,
      ),
  }),
];

function inferReduce(call: CallSite): Inferred {
  switch (call.argumentTypes.length) {
    case 2:
      return parseSignature("func(inputs []?1, function func(?1, ?1) ?1) ?1");
    case 3:
      return parseSignature("func(initval ?1, inputs []?1, function func(?1, ?1) ?1) ?1");
    default:
      return {
        kind: "wrong",
        message: "iter.reduce takes a list and a function, and before them the value to begin with if you like",
      };
  }
}
