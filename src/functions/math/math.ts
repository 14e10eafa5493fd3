// SPDX-License-Identifier: Apache-2.0
// The module math.

import { defineFunction, type FunctionDefinition, type SolvedCall } from "../../contract/function.ts";
import { renderType, type Type } from "../../values/type.ts";
import { wrapInt } from "../../values/value.ts";
import { catchable, floatAt, intAt, valueAt } from "../arguments.ts";

export const math: readonly FunctionDefinition[] = [
  defineFunction({
    module: "math",
    name: "fortytwo",
    type: "func() ?1",
    doc: "42, as an int or a float, whichever is wanted.",
    example: "$answer float = math.fortytwo()",
    check: (call) => checkNumber(call.type.result),
    pure: (_, call) => (call.type.result.kind === "int" ? 42n : 42),
  }),
  defineFunction({
    module: "math",
    name: "minus1",
    type: "func(x int) int",
    doc: "One less.",
    example: '$last = math.minus1(len(["a", "b"]))',
    pure: (args) => wrapInt(intAt(args, 0) - 1n),
  }),
  defineFunction({
    module: "math",
    name: "mod",
    type: "func(?1, ?1) ?1",
    doc: "The remainder of a division of ints or floats, with the sign of the first. Division by zero can be caught.",
    example: "$even = math.mod(6, 2) == 0",
    check: (call: SolvedCall) => checkNumber(call.type.result),
    pure: (args) => {
      const dividend = valueAt(args, 0);
      if (typeof dividend === "bigint") {
        const divisor = intAt(args, 1);
        if (divisor === 0n) throw catchable("cannot divide by zero");
        return dividend % divisor;
      }
      return finite(floatAt(args, 0) % floatAt(args, 1), `${floatAt(args, 0)} has no remainder by ${floatAt(args, 1)}`);
    },
  }),
  defineFunction({
    module: "math",
    name: "pow",
    type: "func(x float, y float) float",
    doc: "The first to the power of the second. A result that is no number, or infinite, can be caught.",
    example: "$kilo = math.pow(2.0, 10.0) # 1024",
    pure: (args) => finite(power(floatAt(args, 0), floatAt(args, 1)), "the power is no finite number"),
  }),
  defineFunction({
    module: "math",
    name: "sqrt",
    type: "func(x float) float",
    doc: "The square root. That of a negative number can be caught.",
    example: "$side = math.sqrt(2.0)",
    pure: (args) => finite(Math.sqrt(floatAt(args, 0)), `${floatAt(args, 0)} has no finite square root`),
  }),
];

/** Unlike `**`, one to any power is one, and so is minus one to an infinite power. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1;
  return base ** exponent;
}

function finite(result: number, otherwise: string): number {
  if (!Number.isFinite(result)) throw catchable(otherwise);
  return result;
}

function checkNumber(type: Type): string | undefined {
  return type.kind === "int" || type.kind === "float"
    ? undefined
    : `it works with int and float, not ${renderType(type)}`;
}
