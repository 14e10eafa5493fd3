// SPDX-License-Identifier: Apache-2.0
// How nodes without state of their own get their results: pure calls, containers, forwarding.

import type { Span } from "../base/span.ts";
import { FunctionFailure } from "../contract/function.ts";
import { MapValue, StructValue, type Value } from "../values/value.ts";
import { type Behaviour, Failed, Node, type Result } from "./node.ts";

/** The result that stands in the way of computing with these: the first failure, else a missing value. */
export function obstacle(inputs: readonly Node[]): { readonly result: Failed | undefined } | undefined {
  let absent = false;
  for (const input of inputs) {
    if (input.result instanceof Failed) return { result: input.result };
    if (input.result === undefined) absent = true;
  }
  return absent ? { result: undefined } : undefined;
}

/** Valid only where `obstacle` found none. */
export function valuesOf(inputs: readonly Node[]): Value[] {
  return inputs.map((input) => input.result as Value);
}

/** Applies a function to the values of the inputs; what it throws as a `FunctionFailure` becomes the result. */
export function pureBehaviour(label: string, at: Span, apply: (args: readonly Value[]) => Value): Behaviour {
  return {
    label,
    compute(node) {
      const blocked = obstacle(node.inputs);
      return blocked === undefined ? attempt(label, at, () => apply(valuesOf(node.inputs))) : blocked.result;
    },
  };
}

/** A node for a pure function; a constant when its inputs are and the function has a value for them. */
export function pureNode(
  label: string,
  at: Span,
  inputs: readonly Node[],
  apply: (args: readonly Value[]) => Value,
  options: { readonly guard: Node | undefined; readonly early?: boolean },
): Node {
  if (options.early !== false && inputs.every((input) => input.isConstant)) {
    const value = attempt(label, at, () => apply(valuesOf(inputs)));
    if (!(value instanceof Failed) && value !== undefined) return Node.constant(value);
  }
  return new Node({ inputs, behaviour: pureBehaviour(label, at, apply) }, options.guard);
}

/** Has the value of its only input, and so changes exactly when that does. */
export function forwardBehaviour(label: string): Behaviour {
  return { label, compute: (node) => node.inputs[0]?.result, same: (before, after) => before === after };
}

export function makeMap(args: readonly Value[]): MapValue {
  const entries: [Value, Value][] = [];
  for (let at = 0; at + 1 < args.length; at += 2) entries.push([args[at] as Value, args[at + 1] as Value]);
  return new MapValue(entries);
}

export function makeStruct(names: readonly string[]): (args: readonly Value[]) => StructValue {
  return (args) => new StructValue(names, args);
}

/** Turns what a function throws into a result; anything but a `FunctionFailure` is a bug and is not caught. */
export function attempt(label: string, at: Span, compute: () => Value): Result {
  try {
    return compute();
  } catch (reason) {
    if (reason instanceof FunctionFailure) return new Failed(reason, at, label);
    throw reason;
  }
}
