// SPDX-License-Identifier: Apache-2.0
// The functions of the module iter that take no function.

import { type CallSite, defineFunction, type FunctionDefinition, type Inferred } from "../../contract/function.ts";
import { functionType, intType, listType } from "../../values/type.ts";
import { fatal, intAt, listAt, type Arguments } from "../arguments.ts";

/** More would only fill the memory. */
const rangeLimit = 10_000_000n;

export const iter: readonly FunctionDefinition[] = [
  defineFunction({
    module: "iter",
    name: "flatten",
    type: "func(inputs [][]?1) []?1",
    doc: "The elements of the lists in a list, in order.",
    example: '$all = iter.flatten([["a"], ["b", "c"]])',
    pure: (args) => listAt(args, 0).flatMap((_, index) => listAt(listAt(args, 0), index)),
  }),
  defineFunction({
    module: "iter",
    name: "range",
    type: "func(stop int) []int",
    doc: "The ints from 0 up to, and without, `stop`. With two arguments from the first up to the second, with three in steps of the third, which may be negative.",
    example: "$odd = iter.range(1, 10, 2) # [1, 3, 5, 7, 9]",
    infer: inferRange,
    pure: range,
  }),
];

function inferRange(call: CallSite): Inferred {
  const count = call.argumentTypes.length;
  if (count < 1 || count > 3) {
    return {
      kind: "wrong",
      message: "iter.range takes one to three ints: stop, or start and stop, or start, stop and step",
    };
  }
  const params = call.argumentTypes.map(() => ({ type: intType }));
  return functionType(params, listType(intType));
}

function range(args: Arguments): readonly bigint[] {
  const start = args.length === 1 ? 0n : intAt(args, 0);
  const stop = args.length === 1 ? intAt(args, 0) : intAt(args, 1);
  const step = args.length === 3 ? intAt(args, 2) : 1n;
  if (step === 0n) throw fatal("the step of a range cannot be 0");
  const distance = step > 0n ? stop - start : start - stop;
  const size = step > 0n ? step : -step;
  const count = distance <= 0n ? 0n : (distance + size - 1n) / size;
  if (count > rangeLimit) throw fatal(`a range of ${count} ints is too long; the most is ${rangeLimit}`);
  return Array.from({ length: Number(count) }, (_, index) => start + BigInt(index) * step);
}
