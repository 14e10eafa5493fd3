// SPDX-License-Identifier: Apache-2.0
// Infers every kind of statement. Classes are instantiated where they are included: their statements join those around
// the include. Reference: mcl language, 4 and 9.3.

import { listType, mapType, intType } from "../../values/type.ts";
import type * as Named from "../names/tree.ts";
import { expectCondition } from "./call-value.ts";
import { declared, declareParameter, inferAnyCall, inferExpression } from "./expressions.ts";
import { createFrame, type Frame, instanceOf, scopesBetween } from "./frames.ts";
import { expect, type Inference, keep } from "./inference.ts";
import { inferEdge, inferResource } from "./resources.ts";
import type * as Typed from "./tree.ts";

/** Of a block; undefined is one that was never resolved. */
export function inferBlock(
  inference: Inference,
  frame: Frame,
  block: Named.Block | undefined,
): readonly Typed.Statement[] {
  if (block === undefined) return [];
  const statements = block.statements.flatMap((statement) => inferStatement(inference, frame, statement));
  if (inference.definitions !== undefined) inferUnused(inference, frame, block.scope);
  return statements;
}

/** What the block defines and nothing used: parameters have any type then. */
function inferUnused(inference: Inference, frame: Frame, scope: Named.Scope): void {
  for (const definition of inference.definitions?.get(scope) ?? []) {
    if (definition.kind === "bind") declared(inference, frame, definition);
    else if (definition.kind === "function") inferAnyCall(inference, frame, definition);
    else if (definition.body !== undefined) {
      const scopes = scopesBetween(definition.body.scope, scope);
      const inner = createFrame({ parent: frame, scopes, activation: frame.activation });
      for (const parameter of definition.parameters) declareParameter(inference, inner, parameter);
      inferBlock(inference, inner, definition.body);
    }
  }
}

function inferStatement(inference: Inference, frame: Frame, statement: Named.Statement): readonly Typed.Statement[] {
  switch (statement.kind) {
    case "resource":
      return [inferResource(inference, frame, statement)];
    case "edge":
      return [inferEdge(inference, frame, statement)];
    case "if":
      return [inferIf(inference, frame, statement)];
    case "for":
      return [inferFor(inference, frame, statement)];
    case "include":
      return inferInclude(inference, frame, statement);
    case "panic": {
      const call = inferExpression(inference, frame, statement.call);
      return call.kind === "call-builtin" ? [{ kind: "panic", at: statement.at, call }] : [];
    }
  }
}

function inferIf(inference: Inference, frame: Frame, statement: Named.If): Typed.If {
  const condition = inferExpression(inference, frame, statement.condition);
  expectCondition(inference, frame, condition);
  const branch = (block: Named.Block): Typed.Branch => {
    const activation: Typed.Activation = { kind: "branch", parent: frame.activation };
    const inner = createFrame({ parent: frame, scopes: [block.scope], activation });
    return { activation, statements: inferBlock(inference, inner, block) };
  };
  return {
    kind: "if",
    at: statement.at,
    condition,
    then: branch(statement.then),
    ...(statement.otherwise === undefined ? {} : { otherwise: branch(statement.otherwise) }),
  };
}

function inferFor(inference: Inference, frame: Frame, statement: Named.For): Typed.For {
  const { over, body } = statement;
  const subject = inferExpression(inference, frame, statement.subject);
  const firstType = over === "list" ? intType : inference.solver.fresh();
  const valueType = inference.solver.fresh();
  const subjectType = over === "list" ? listType(valueType) : mapType(firstType, valueType);
  expect(inference, frame, subjectType, subject, { at: statement.at, kind: "loop", over });
  const activation: Typed.Activation = { kind: "loop", parent: frame.activation };
  const inner = createFrame({ parent: frame, scopes: [body.scope, statement.first.scope], activation });
  const variable = ({ name, at }: Named.LoopVariable, type: typeof valueType | typeof firstType): Typed.Parameter =>
    keep(inference, frame, { kind: "parameter", activation, name, at, type });
  const first = variable(statement.first, firstType);
  const value = variable(statement.value, valueType);
  inner.nodes.set(statement.first, first);
  inner.nodes.set(statement.value, value);
  const statements = inferBlock(inference, inner, body);
  return { kind: "for", at: statement.at, over, subject, first, value, body: { activation, statements } };
}

function inferInclude(inference: Inference, frame: Frame, include: Named.Include): readonly Typed.Statement[] {
  const inner = instanceOf(frame, include);
  // An argument is checked also when the class makes no use of it.
  for (const parameter of include.class.parameters) declared(inference, inner, parameter);
  inference.latestCall = { name: include.class.name, at: include.at };
  return inferBlock(inference, inner, include.class.body);
}
