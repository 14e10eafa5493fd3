// SPDX-License-Identifier: Apache-2.0
// What expressions come to whatever the world is like: constants, and what pure functions make of them. Asks nothing of
// the machine and gives up early: on what only a run can tell, and on what costs too much. Knows no statement.

import { invariant, unreachable } from "../base/invariant.ts";
import { FunctionFailure } from "../contract/function.ts";
import type { Activation, Bind, CallBuiltin, Expression, Lambda, Parameter, Reference } from "../program/types/tree.ts";
import { FunctionValue, type Value } from "../values/value.ts";
import { makeMap, makeStruct } from "./behaviours.ts";

/** The value, or the failure in its place; undefined when it is not known before the program runs. */
export type Known = Value | FunctionFailure | undefined;

/** One instance of a part of the program, as `Frame` is of the living one. */
export class KnownFrame {
  readonly activation: Activation;
  readonly parent: KnownFrame | undefined;
  readonly values = new Map<Bind | Parameter, Known>();

  constructor(activation: Activation, parent: KnownFrame | undefined) {
    this.activation = activation;
    this.parent = parent;
  }
}

class Closure {
  readonly lambda: Lambda;
  readonly frame: KnownFrame;

  constructor(lambda: Lambda, frame: KnownFrame) {
    this.lambda = lambda;
    this.frame = frame;
  }
}

/** Enough for what people write by hand; a check must stay quick whatever a program computes. */
const mostSteps = 200_000;
const deepest = 400;

export class KnownValues {
  #steps = 0;
  #depth = 0;

  /** False: from here on nothing is known any more. */
  get goesOn(): boolean {
    return this.#steps < mostSteps;
  }

  valueOf(expression: Expression, frame: KnownFrame): Known {
    this.#steps += 1;
    if (!this.goesOn || this.#depth > deepest) return undefined;
    this.#depth += 1;
    const known = this.#compute(expression, frame);
    this.#depth -= 1;
    return known;
  }

  #compute(expression: Expression, frame: KnownFrame): Known {
    switch (expression.kind) {
      case "constant":
        return expression.value;
      case "list":
        return this.#from(expression.items, frame, (items) => items);
      case "map": {
        const parts = expression.entries.flatMap(({ key, value }) => [key, value]);
        return this.#from(parts, frame, makeMap);
      }
      case "struct": {
        const make = makeStruct(expression.fields.map(({ name }) => name));
        return this.#from(
          expression.fields.map(({ value }) => value),
          frame,
          make,
        );
      }
      case "reference":
        return this.#reference(expression, frame);
      case "call-builtin":
        return this.#builtin(expression, frame);
      case "call-value": {
        const callee = this.valueOf(expression.callee, frame);
        if (!(callee instanceof FunctionValue)) return callee;
        return this.#apply(
          callee,
          expression.args.map((argument) => this.valueOf(argument, frame)),
        );
      }
      case "lambda":
        return new FunctionValue(expression.type, new Closure(expression, frame));
      case "if-expression": {
        const condition = this.valueOf(expression.condition, frame);
        if (typeof condition !== "boolean") return condition;
        return condition
          ? this.valueOf(expression.then, new KnownFrame(expression.thenActivation, frame))
          : this.valueOf(expression.otherwise, new KnownFrame(expression.otherwiseActivation, frame));
      }
      case "except": {
        const main = this.valueOf(expression.main, frame);
        if (!(main instanceof FunctionFailure && main.catchable)) return main;
        return this.valueOf(expression.fallback, new KnownFrame(expression.fallbackActivation, frame));
      }
      default:
        return unreachable(expression);
    }
  }

  #from(parts: readonly Expression[], frame: KnownFrame, make: (values: readonly Value[]) => Value): Known {
    return combine(
      parts.map((part) => this.valueOf(part, frame)),
      make,
    );
  }

  #reference({ to }: Reference, frame: KnownFrame): Known {
    let owner: KnownFrame | undefined = frame;
    while (owner !== undefined && owner.activation !== to.activation) owner = owner.parent;
    invariant(owner !== undefined, "a variable is used inside the part of the program that declares it");
    if (to.kind === "parameter" || owner.values.has(to)) return owner.values.get(to);
    const known = this.valueOf(to.value, owner);
    owner.values.set(to, known);
    return known;
  }

  #builtin(call: CallBuiltin, frame: KnownFrame): Known {
    const definition = call.function;
    if ("pure" in definition) {
      if (definition.early === false) return undefined;
      return this.#from(call.args, frame, (args) => definition.pure(args, call.solved));
    }
    if (!("iterate" in definition)) return undefined;
    const args = call.args.map((argument) => this.valueOf(argument, frame));
    const callee = args.at(-1);
    const lists = args.slice(-1 - definition.lists, -1);
    if (!(callee instanceof FunctionValue) || !lists.every(isList)) return undefined;
    const length = Math.min(...lists.map((list) => list.length));
    return definition.iterate<Known>({
      initial: args.slice(0, -1 - definition.lists),
      elements: Array.from({ length }, (_, index) => lists.map((list) => list[index])),
      call: (inputs) => this.#apply(callee, inputs),
      compute: combine,
    });
  }

  #apply({ implementation }: FunctionValue, args: readonly Known[]): Known {
    invariant(implementation instanceof Closure, "function values are made here");
    const { lambda, frame } = implementation;
    const inside = new KnownFrame(lambda.activation, frame);
    lambda.parameters.forEach((parameter, index) => inside.values.set(parameter, args[index]));
    return this.valueOf(lambda.body, inside);
  }
}

function isList(known: Known): known is readonly Value[] {
  return Array.isArray(known);
}

/** Unknown when one of them is: it could turn out to be another failure. */
function combine(inputs: readonly Known[], apply: (values: readonly Value[]) => Value): Known {
  if (inputs.includes(undefined)) return undefined;
  const failure = inputs.find((input) => input instanceof FunctionFailure);
  if (failure !== undefined) return failure;
  try {
    return apply(inputs as readonly Value[]);
  } catch (reason) {
    if (reason instanceof FunctionFailure) return reason;
    throw reason;
  }
}
