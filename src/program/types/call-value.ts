// SPDX-License-Identifier: Apache-2.0
// What the parts of a call of a function value and of a condition must be. Knows nothing of where values come from.

import { boolType, functionType, type Type } from "../../values/type.ts";
import type * as Named from "../names/tree.ts";
import type { Frame } from "./frames.ts";
import { expect, type Inference, report } from "./inference.ts";
import { notAFunction, wrongArgumentCount } from "./problems.ts";
import type * as Typed from "./tree.ts";

export function expectCondition(inference: Inference, frame: Frame, condition: Typed.Expression): void {
  expect(inference, frame, boolType, condition, { at: condition.at, kind: "condition" });
}

/** The type of the result. */
export function inferCallee(
  inference: Inference,
  frame: Frame,
  call: Named.CallValue,
  callee: Typed.Expression,
  args: readonly Typed.Expression[],
): Type {
  const { solver } = inference;
  const type = solver.head(callee.type);
  if (type.kind === "variable") {
    const result = solver.fresh();
    const called = functionType(
      args.map((argument) => ({ type: argument.type })),
      result,
    );
    return expect(inference, frame, called, callee, { at: call.at, kind: "called" }) ? result : solver.poison();
  }
  const shownAs = call.callee.kind === "reference" ? `$${call.callee.name}` : "This function";
  const declaredAt = declarationOf(callee);
  if (type.kind === "func" && type.params.length === args.length) {
    let fits = true;
    for (const [index, param] of type.params.entries()) {
      const argument = args[index];
      const at = argument?.at ?? call.at;
      const reason = { at, kind: "argument", shownAs, index, name: undefined, verb: undefined } as const;
      if (argument !== undefined && !expect(inference, frame, param.type, argument, reason)) fits = false;
    }
    return fits ? type.result : solver.poison();
  }
  solver.spoil(callee.type);
  for (const argument of args) solver.spoil(argument.type);
  if (type.kind === "func") {
    const takes = type.params.map(() => undefined);
    report(inference, frame, wrongArgumentCount, call.at, { shownAs, takes, given: args.length, declaredAt });
  } else {
    report(inference, frame, notAFunction, callee.at, { shownAs, type: solver.resolve(type), declaredAt });
  }
  return solver.poison();
}

/** Where the variable that is called was given its value. */
function declarationOf(callee: Typed.Expression) {
  return callee.kind === "reference" ? callee.to.at : undefined;
}
