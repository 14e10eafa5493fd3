// SPDX-License-Identifier: Apache-2.0
// The operators, as the one function that infix and prefix syntax turns into. The operator's name is its first argument.
//
// The type checker only sees to it that operands are of one type; where the operator cannot work with it, the program
// ends when it comes there.

import { invariant } from "../../base/invariant.ts";
import { type CallSite, defineFunction, type Inferred, type SolvedCall } from "../../contract/function.ts";
import { boolType, floatType, functionType, renderType, strType, type Type } from "../../values/type.ts";
import { sameValue, type Value, wrapInt } from "../../values/value.ts";
import { boolAt, catchable, fatal, floatAt, intAt, textAt, valueAt, type Arguments, joinTexts } from "../arguments.ts";
import { holdsFunction } from "./holds-function.ts";

type Calculation = (args: Arguments) => Value;

interface Operator {
  readonly operands: 0 | 1 | 2;
  /** The type of all operands; absent: any one type. */
  readonly operand?: Type;
  /** "same": that of the operands. */
  readonly result: Type | "same";
  /** What it works with; every type when there is no such list. */
  readonly kinds: Partial<Record<Type["kind"], Calculation>>;
  /** For all types that hold no function. */
  readonly otherwise?: Calculation;
}

const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries<Operator>({
    "+": {
      operands: 2,
      result: "same",
      kinds: {
        str: (args) => joinTexts(textAt(args, 1), textAt(args, 2)),
        int: (args) => wrapInt(intAt(args, 1) + intAt(args, 2)),
        float: (args) => floatAt(args, 1) + floatAt(args, 2),
      },
    },
    "-": {
      operands: 2,
      result: "same",
      kinds: {
        int: (args) => wrapInt(intAt(args, 1) - intAt(args, 2)),
        float: (args) => floatAt(args, 1) - floatAt(args, 2),
      },
    },
    "*": {
      operands: 2,
      result: "same",
      kinds: {
        int: (args) => wrapInt(intAt(args, 1) * intAt(args, 2)),
        float: (args) => floatAt(args, 1) * floatAt(args, 2),
      },
    },
    "/": {
      operands: 2,
      result: floatType,
      kinds: {
        int: (args) => quotient(Number(intAt(args, 1)), Number(intAt(args, 2))),
        float: (args) => quotient(floatAt(args, 1), floatAt(args, 2)),
      },
    },
    "==": {
      operands: 2,
      result: boolType,
      kinds: {
        bool: (args) => args[1] === args[2],
        str: (args) => args[1] === args[2],
        int: (args) => args[1] === args[2],
        float: (args) => args[1] === args[2],
      },
      otherwise: (args) => sameValue(valueAt(args, 1), valueAt(args, 2)),
    },
    "!=": {
      operands: 2,
      result: boolType,
      kinds: {
        bool: (args) => args[1] !== args[2],
        str: (args) => args[1] !== args[2],
        int: (args) => args[1] !== args[2],
        float: (args) => args[1] !== args[2],
      },
      otherwise: (args) => !sameValue(valueAt(args, 1), valueAt(args, 2)),
    },
    "<": {
      operands: 2,
      result: boolType,
      kinds: {
        int: (args) => intAt(args, 1) < intAt(args, 2),
        float: (args) => floatAt(args, 1) < floatAt(args, 2),
      },
    },
    ">": {
      operands: 2,
      result: boolType,
      kinds: {
        int: (args) => intAt(args, 1) > intAt(args, 2),
        float: (args) => floatAt(args, 1) > floatAt(args, 2),
      },
    },
    "<=": {
      operands: 2,
      result: boolType,
      kinds: {
        int: (args) => intAt(args, 1) <= intAt(args, 2),
        float: (args) => floatAt(args, 1) <= floatAt(args, 2),
      },
    },
    ">=": {
      operands: 2,
      result: boolType,
      kinds: {
        int: (args) => intAt(args, 1) >= intAt(args, 2),
        float: (args) => floatAt(args, 1) >= floatAt(args, 2),
      },
    },
    and: {
      operands: 2,
      operand: boolType,
      result: boolType,
      kinds: { bool: (args) => boolAt(args, 1) && boolAt(args, 2) },
    },
    or: {
      operands: 2,
      operand: boolType,
      result: boolType,
      kinds: { bool: (args) => boolAt(args, 1) || boolAt(args, 2) },
    },
    not: { operands: 1, operand: boolType, result: boolType, kinds: { bool: (args) => !boolAt(args, 1) } },
    π: { operands: 0, result: floatType, kinds: {}, otherwise: () => Math.PI },
  }),
);

export const operator = defineFunction({
  module: "",
  name: "_operator",
  type: "func(operator str, left ?1, right ?1) ?2",
  doc: "What an operator stands for. `/` always gives a float and can be caught when it divides by zero; ints wrap.",
  example: "$half = 1 / 2 # 0.5",
  infer,
  pure: (args, call) => calculationFor(textAt(args, 0), call)(args),
  specialise: (call) => {
    const name = call.argumentValues[0];
    return typeof name === "string" ? calculationFor(name, call) : undefined;
  },
});

function infer(call: CallSite): Inferred {
  const name = call.argumentValues[0];
  if (typeof name !== "string") return { kind: "wrong", message: "an operator is a constant", argument: 0 };
  const found = operators.get(name);
  if (found === undefined) return { kind: "wrong", message: `there is no operator called ${name}`, argument: 0 };
  if (call.argumentTypes.length !== found.operands + 1) {
    return { kind: "wrong", message: `the operator ${name} takes ${found.operands} operands` };
  }
  const operand = found.operand ?? call.fresh();
  const operands = Array.from({ length: found.operands }, () => ({ type: operand }));
  return functionType([{ type: strType }, ...operands], found.result === "same" ? operand : found.result);
}

function calculationFor(name: string, call: SolvedCall): Calculation {
  const found = operators.get(name);
  invariant(found !== undefined, `${name} is an operator: infer saw to it`);
  const type = call.type.params[1]?.type;
  const fitting = type === undefined ? undefined : found.kinds[type.kind];
  if (fitting !== undefined) return fitting;
  if (found.otherwise !== undefined && (type === undefined || !holdsFunction(type))) return found.otherwise;
  const text = type === undefined ? "nothing" : renderType(type);
  const kinds = Object.keys(found.kinds).join(", ");
  return () => {
    throw found.otherwise === undefined
      ? fatal(`the operator ${name} does not work with ${text}, only with: ${kinds}`)
      : fatal(`the operator ${name} cannot compare functions, and ${text} is or holds one`);
  };
}

function quotient(dividend: number, divisor: number): number {
  if (divisor === 0) throw catchable("cannot divide by zero");
  return dividend / divisor;
}
