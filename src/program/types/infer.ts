// SPDX-License-Identifier: Apache-2.0
// Named tree → typed tree. Walks from what the program puts out: what nothing reaches is never typed, both branches of
// an `if` always are. Constraints are unified as they are met; the order only decides which of two places a mismatch
// is reported at. Reference: mcl language, 9.

import { Problems } from "../../base/problem.ts";
import type { Span } from "../../base/span.ts";
import type { Catalog } from "../../contract/catalog.ts";
import type { Type } from "../../values/type.ts";
import type { Definition, NamedProgram, Scope } from "../names/tree.ts";
import { deepestType, finishTypes } from "./finish.ts";
import { createFrame } from "./frames.ts";
import { createInference, type Inference } from "./inference.ts";
import { callsTooDeep, typeTooDeep } from "./problems.ts";
import { inferBlock } from "./statements.ts";
import type { Activation, TypedProgram } from "./tree.ts";

/** Is told the type of each variable, parameter, function and expression, once for every instance; constants excepted. */
export type TypeObserver = (at: Span, type: Type) => void;

/** Undefined when a problem was found. */
export function inferTypes(
  program: NamedProgram,
  catalog: Catalog,
  problems: Problems,
  observe?: TypeObserver,
): TypedProgram | undefined {
  const inference = createInference(catalog, problems, observe && { signatures: [] });
  const typed = withinTheStack(inference, () => inferProgram(inference, program));
  if (observe !== undefined) tell(inference, observe);
  return inference.reported.size > 0 ? undefined : typed;
}

/**
 * What the runtime has no stack for is a problem of the program, at the call that it got to; nothing else that is thrown
 * here is. Depth is not counted, since how much stack each level takes depends on what it does.
 */
function withinTheStack<Result>(inference: Inference, infer: () => Result): Result | undefined {
  try {
    return infer();
  } catch (reason) {
    const { latestCall, nodes, problems, reported } = inference;
    const latest = nodes.at(-1)?.node;
    if (!(reason instanceof RangeError)) throw reason;
    if (latestCall !== undefined) problems.report(callsTooDeep, latestCall.at, { name: latestCall.name, calls: [] });
    // Without calls it can only be types that are made of types.
    else if (latest !== undefined) problems.report(typeTooDeep, latest.at, { deepest: deepestType, calls: [] });
    else throw reason;
    reported.add(callsTooDeep.code);
    return undefined;
  }
}

/** The types of a whole program, also of `definitions` that nothing uses; what is still open has type variables. */
export function observeAllTypes(
  program: NamedProgram,
  definitions: readonly Definition[],
  catalog: Catalog,
  observe: TypeObserver,
): void {
  const byScope = Map.groupBy(definitions, ({ scope }) => scope);
  const inference = createInference(catalog, new Problems(), { signatures: [], definitions: byScope });
  withinTheStack(inference, () => inferProgram(inference, program));
  tell(inference, observe);
}

function inferProgram(inference: Inference, program: NamedProgram): TypedProgram {
  const activation: Activation = { kind: "program", parent: undefined };
  const frame = createFrame({ parent: undefined, scopes: withParents(program.main.scope), activation });
  const statements = inferBlock(inference, frame, program.main);
  finishTypes(inference);
  return { activation, statements };
}

function tell({ nodes, signatures, solver }: Inference, observe: TypeObserver): void {
  for (const { node } of nodes) observe(node.at, node.type);
  for (const { at, type } of signatures ?? []) observe(at, solver.resolve(type));
}

function withParents(scope: Scope): readonly Scope[] {
  return scope.parent === undefined ? [scope] : [scope, ...withParents(scope.parent)];
}
