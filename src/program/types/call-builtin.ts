// SPDX-License-Identifier: Apache-2.0
// The call of a built-in function, which all operators are too: its signature, and each argument against it.

import { invariant } from "../../base/invariant.ts";
import type { Span } from "../../base/span.ts";
import type { FunctionDefinition } from "../../contract/function.ts";
import { type FunctionType, functionType } from "../../values/type.ts";
import type { Value } from "../../values/value.ts";
import type * as Named from "../names/tree.ts";
import type { Frame } from "./frames.ts";
import { expect, type Inference, keep, report } from "./inference.ts";
import { isInterpolated, knownType, knownValue } from "./known.ts";
import { wrongArgumentCount, wrongCall } from "./problems.ts";
import type { Because, Reason } from "./reason.ts";
import type * as Typed from "./tree.ts";

/** `args` are the inferred arguments of the call. */
export function inferBuiltin(
  inference: Inference,
  frame: Frame,
  call: Named.CallBuiltin,
  args: readonly Typed.Expression[],
): Typed.CallBuiltin {
  const { solver } = inference;
  if (mayVary(call.function)) inference.impure += 1;
  const argumentValues = call.args.map((argument) => knownValue(argument, frame));
  const signature = signatureOf(inference, frame, call, args, argumentValues);
  const fits = signature !== undefined && fitArguments(inference, frame, call, args, argumentValues, signature);
  if (!fits) for (const argument of args) solver.spoil(argument.type);
  const { deployed } = call.at.file;
  return keep(inference, frame, {
    kind: "call-builtin",
    at: call.at,
    type: fits ? signature.result : solver.poison(),
    shownAs: call.shownAs,
    function: call.function,
    solved: {
      type: fits ? signature : functionType([], solver.poison()),
      argumentValues,
      ...(deployed === undefined ? {} : { deployed }),
    },
    args,
  });
}

/** Whether the same arguments may give another value the next time. */
function mayVary(definition: FunctionDefinition): boolean {
  return !("pure" in definition) || definition.early === false;
}

/** Undefined when there is none for these arguments, which was then reported. */
function signatureOf(
  inference: Inference,
  frame: Frame,
  call: Named.CallBuiltin,
  args: readonly Typed.Expression[],
  argumentValues: readonly (Value | undefined)[],
): FunctionType | undefined {
  const { solver } = inference;
  const definition = call.function;
  let signature = definition.type;
  if (definition.infer !== undefined) {
    const fresh = () => solver.fresh();
    const argumentTypes = call.args.map((argument) => knownType(argument, frame, fresh));
    const inferred = definition.infer({ argumentTypes, argumentValues, fresh });
    if (inferred.kind === "wrong") {
      const at = inferred.argument === undefined ? call.at : (args[inferred.argument]?.at ?? call.at);
      report(inference, frame, wrongCall, at, { shownAs: call.shownAs, message: inferred.message });
      return undefined;
    }
    signature = inferred;
  }
  if (signature.params.length !== args.length) {
    report(inference, frame, wrongArgumentCount, call.at, {
      shownAs: call.shownAs,
      takes: signature.params.map((param) => param.name),
      given: args.length,
      declaredAt: undefined,
    });
    return undefined;
  }
  return solver.instantiate(signature);
}

function fitArguments(
  inference: Inference,
  frame: Frame,
  call: Named.CallBuiltin,
  args: readonly Typed.Expression[],
  argumentValues: readonly (Value | undefined)[],
  signature: FunctionType,
): boolean {
  let fits = true;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index];
    const param = signature.params[index];
    invariant(argument !== undefined && param !== undefined, "the number of arguments is right");
    const reason: Reason = { at: reasonPlace(call, args, index), ...because(call, index, param.name, argumentValues) };
    if (!expect(inference, frame, param.type, argument, reason)) fits = false;
  }
  return fits;
}

/** For the second of two that must be alike: the place of the first. */
function reasonPlace(call: Named.CallBuiltin, args: readonly Typed.Expression[], index: number): Span {
  if (call.function.name === "_operator" && index === 2) return args[1]?.at ?? call.at;
  if (call.function.name === "contains" && index === 1) return args[0]?.at ?? call.at;
  return call.args[index]?.at ?? call.at;
}

function because(
  call: Named.CallBuiltin,
  index: number,
  name: string | undefined,
  values: readonly (Value | undefined)[],
): Because {
  const { shownAs } = call;
  switch (call.function.name) {
    case "_operator":
      return { kind: "operand", sign: shownAs, first: index === 1 };
    case "_lookup":
      return { kind: "lookup", container: index === 0 };
    case "_struct_lookup":
    case "_struct_lookup_optional":
      return { kind: "struct-lookup", fallback: index === 2 };
  }
  if (isInterpolated(call)) return { kind: "text" };
  if (shownAs === "in") return { kind: "membership", needle: index === 0 };
  return { kind: "argument", shownAs, index, name, verb: verbAt(call, values[0], index) };
}

/** What a constant printf format says of its argument: `%d`. */
function verbAt(call: Named.CallBuiltin, format: Value | undefined, index: number): string | undefined {
  if (index === 0 || call.function.module !== "fmt" || call.function.name !== "printf") return undefined;
  if (typeof format !== "string") return undefined;
  return format.match(/%[^%]/g)?.[index - 1];
}
