// SPDX-License-Identifier: Apache-2.0
// Infers every kind of expression and emits its typed node. A variable is inferred when the first use reaches it; a
// call of the program's own function is an instance of its body. Reference: mcl language, 9.3.

import { invariant } from "../../base/invariant.ts";
import type { Span } from "../../base/span.ts";
import { functionType, listType, mapType, strType, structType, type Type } from "../../values/type.ts";
import type * as Named from "../names/tree.ts";
import { inferBuiltin } from "./call-builtin.ts";
import { expectCondition, inferCallee } from "./call-value.ts";
import { activate, createFrame, type Frame, ownerOf } from "./frames.ts";
import { inOrderOfNeed } from "./long-chains.ts";
import { expect, type Inference, keep, report } from "./inference.ts";
import { rememberKnown } from "./known.ts";
import { wrongArgumentCount } from "./problems.ts";
import { isSimple, sharingKey } from "./sharing.ts";
import type * as Typed from "./tree.ts";

export function inferExpression(inference: Inference, frame: Frame, expression: Named.Expression): Typed.Expression {
  switch (expression.kind) {
    case "literal":
      return { kind: "constant", at: expression.at, type: expression.type, value: expression.value };
    case "list":
      return inferList(inference, frame, expression);
    case "map":
      return inferMap(inference, frame, expression);
    case "struct": {
      const fields = expression.fields.map((field) => ({
        name: field.name,
        value: inferExpression(inference, frame, field.value),
      }));
      const type = structType(fields.map(({ name, value }) => ({ name, type: value.type })));
      return keep(inference, frame, { kind: "struct", at: expression.at, type, fields });
    }
    case "reference": {
      const home = ownerOf(frame, expression.path, expression.to.scope);
      const to = declared(inference, home, expression.to);
      return keep(inference, frame, { kind: "reference", at: expression.at, type: to.type, to });
    }
    case "forced-text": {
      const inner = inferExpression(inference, frame, expression.inner);
      expect(inference, frame, strType, inner, { at: expression.at, kind: "text" });
      return inner;
    }
    case "call-builtin": {
      const args = expression.args.map((argument) => inferExpression(inference, frame, argument));
      return inferBuiltin(inference, frame, expression, args);
    }
    case "call-function":
      return inferCallFunction(inference, frame, expression);
    case "call-value": {
      const callee = inferExpression(inference, frame, expression.callee);
      const args = expression.args.map((argument) => inferExpression(inference, frame, argument));
      inference.impure += 1; // The function may come to hold anything.
      const type = inferCallee(inference, frame, expression, callee, args);
      return keep(inference, frame, { kind: "call-value", at: expression.at, type, callee, args });
    }
    case "lambda":
      return inferLambda(inference, frame, expression);
    case "if-expression":
      return inferIf(inference, frame, expression);
    case "except":
      return inferExcept(inference, frame, expression);
    case "broken":
      return { kind: "constant", at: expression.at, type: inference.solver.poison(), value: false };
  }
}

/** What a declaration of the frame's scopes has become; inferred when the first use comes. */
export function declared(
  inference: Inference,
  frame: Frame,
  declaration: Named.Declaration,
): Typed.Bind | Typed.Parameter {
  const known = frame.nodes.get(declaration);
  if (known !== undefined) return known;
  invariant(declaration.kind !== "loop-variable", "a loop declares its variables before its body is read");
  const { depth } = inference;
  if (depth >= longChain) {
    // From the other end, so that each finds what it needs already there.
    inference.depth = 0;
    for (const needed of inOrderOfNeed({ frame, declaration })) {
      declared(inference, needed.frame, needed.declaration);
      rememberKnown(needed.declaration, needed.frame, () => inference.solver.fresh());
    }
    inference.depth = depth;
    return declared(inference, frame, declaration);
  }
  inference.depth = depth + 1;
  const node =
    declaration.kind === "bind" ? bind(inference, frame, declaration) : argument(inference, frame, declaration);
  inference.depth = depth;
  frame.nodes.set(declaration, node);
  return node;
}

const longChain = 50;

function bind(inference: Inference, frame: Frame, declaration: Named.Bind): Typed.Bind {
  const value = inferExpression(inference, frame, declaration.value);
  // The annotation of a plain variable does not help to infer anything: it is compared when the type is known.
  const isPlain = declaration.annotation !== undefined && declaration.value.kind === "reference";
  const late = isPlain && !inference.solver.isClosed(value.type);
  const given = late ? value.type : annotated(inference, frame, declaration, value);
  // A plain variable that is not what it is declared as keeps quiet from there on.
  const type = isPlain && given !== value.type ? inference.solver.poison() : given;
  const node = createBind(inference, frame, declaration, type, value);
  if (late) inference.comparisons.push({ bind: declaration, node, frame });
  return node;
}

/** A parameter of a class: its argument belongs to the place of the include. */
function argument(inference: Inference, frame: Frame, parameter: Named.Parameter): Typed.Bind {
  const given = frame.arguments.get(parameter);
  invariant(given !== undefined, "the parameters of functions and lambdas are declared before their body is read");
  const value = inferExpression(inference, given.frame, given.value);
  return createBind(inference, frame, parameter, annotated(inference, given.frame, parameter, value), value);
}

function createBind(
  inference: Inference,
  frame: Frame,
  { name, at }: { readonly name: string; readonly at: Span },
  type: Type,
  value: Typed.Expression,
): Typed.Bind {
  return keep(inference, frame, { kind: "bind", activation: frame.activation, name, at, type, value });
}

/** The type of the value, or what the annotation says if it has another one. */
function annotated(
  inference: Inference,
  frame: Frame,
  { name, annotation }: Named.Bind | Named.Parameter,
  value: Typed.Expression,
): Type {
  if (annotation === undefined) return value.type;
  const reason = { at: annotation.at, kind: "annotation", name: `$${name}` } as const;
  return expect(inference, frame, annotation.type, value, reason) ? value.type : annotation.type;
}

function inferList(inference: Inference, frame: Frame, expression: Named.List): Typed.List {
  const items = expression.items.map((item) => inferExpression(inference, frame, item));
  const type = listType(commonType(inference, frame, items, "items"));
  return keep(inference, frame, { kind: "list", at: expression.at, type, items });
}

function inferMap(inference: Inference, frame: Frame, expression: Named.MapExpression): Typed.MapExpression {
  const entries = expression.entries.map((entry) => ({
    key: inferExpression(inference, frame, entry.key),
    value: inferExpression(inference, frame, entry.value),
  }));
  const keys = entries.map((entry) => entry.key);
  const values = entries.map((entry) => entry.value);
  const type = mapType(commonType(inference, frame, keys, "keys"), commonType(inference, frame, values, "values"));
  return keep(inference, frame, { kind: "map", at: expression.at, type, entries });
}

/** The type of the first one, which all others must have. */
function commonType(
  inference: Inference,
  frame: Frame,
  expressions: readonly Typed.Expression[],
  kind: "items" | "keys" | "values",
): Type {
  const [first, ...others] = expressions;
  if (first === undefined) return inference.solver.fresh();
  let fits = true;
  for (const other of others) {
    if (!expect(inference, frame, first.type, other, { at: first.at, kind })) fits = false;
  }
  return fits ? first.type : inference.solver.poison();
}

function inferIf(inference: Inference, frame: Frame, expression: Named.IfExpression): Typed.IfExpression {
  const condition = inferExpression(inference, frame, expression.condition);
  expectCondition(inference, frame, condition);
  const thenFrame = activate(frame, "expression-branch");
  const otherwiseFrame = activate(frame, "expression-branch");
  const then = inferExpression(inference, thenFrame, expression.then);
  const otherwise = inferExpression(inference, otherwiseFrame, expression.otherwise);
  const fits = expect(inference, frame, then.type, otherwise, { at: then.at, kind: "branches" });
  return keep(inference, frame, {
    kind: "if-expression",
    at: expression.at,
    type: fits ? then.type : inference.solver.poison(),
    condition,
    then,
    otherwise,
    thenActivation: thenFrame.activation,
    otherwiseActivation: otherwiseFrame.activation,
  });
}

function inferExcept(inference: Inference, frame: Frame, expression: Named.Except): Typed.Except {
  const main = inferExpression(inference, frame, expression.main);
  const fallbackFrame = activate(frame, "expression-branch");
  const fallback = inferExpression(inference, fallbackFrame, expression.fallback);
  const fits = expect(inference, frame, main.type, fallback, { at: main.at, kind: "fallback" });
  return keep(inference, frame, {
    kind: "except",
    at: expression.at,
    type: fits ? main.type : inference.solver.poison(),
    main,
    fallback,
    fallbackActivation: fallbackFrame.activation,
  });
}

function inferLambda(inference: Inference, frame: Frame, lambda: Named.Lambda): Typed.Lambda {
  const activation: Typed.Activation = { kind: "lambda", parent: frame.activation };
  const inner = createFrame({ parent: frame, scopes: [lambda.scope], activation });
  const parameters = lambda.parameters.map((parameter) => declareParameter(inference, inner, parameter));
  const body = inferExpression(inference, inner, lambda.body);
  const type = functionType(
    parameters.map((parameter) => ({ type: parameter.type })),
    resultType(inference, inner, lambda, undefined, body),
  );
  return keep(inference, frame, { kind: "lambda", at: lambda.at, type, activation, parameters, body });
}

/** A parameter that is given its value later: of a lambda. */
export function declareParameter(inference: Inference, inner: Frame, parameter: Named.Parameter): Typed.Parameter {
  const type = parameter.annotation?.type ?? inference.solver.fresh();
  const { name, at } = parameter;
  const node = keep(inference, inner, { kind: "parameter", activation: inner.activation, name, at, type });
  inner.nodes.set(parameter, node);
  return node;
}

/** A call of the function that there is not: with any arguments. */
export function inferAnyCall(inference: Inference, frame: Frame, definition: Named.FunctionDeclaration): void {
  const lambda = inferLambda(inference, frame, definition.lambda);
  const params = lambda.parameters.map(({ name, type }) => ({ name, type }));
  inference.signatures?.push({ at: definition.at, type: functionType(params, lambda.type.result) });
}

/** The type of the body, or what the function says it returns if the body has another one. */
function resultType(
  inference: Inference,
  frame: Frame,
  { result }: Named.Lambda,
  name: string | undefined,
  body: Typed.Expression,
): Type {
  if (result === undefined) return body.type;
  const fits = expect(inference, frame, result.type, body, { at: result.at, kind: "result", name });
  return fits ? body.type : result.type;
}

function inferCallFunction(inference: Inference, frame: Frame, call: Named.CallFunction): Typed.Expression {
  const { lambda } = call.function;
  const args = call.args.map((given) => inferExpression(inference, frame, given));
  if (args.length !== lambda.parameters.length) {
    report(inference, frame, wrongArgumentCount, call.at, {
      shownAs: call.name,
      takes: lambda.parameters.map((parameter) => `$${parameter.name}`),
      given: args.length,
      declaredAt: call.function.at,
    });
    for (const given of args) inference.solver.spoil(given.type);
    return { kind: "constant", at: call.at, type: inference.solver.poison(), value: false };
  }
  const definition = ownerOf(frame, call.path, call.function.scope);
  const key = sharingKey(inference, [call.function, definition, frame.activation], args);
  const shared = key === undefined ? undefined : inference.shared.get(key);
  if (shared !== undefined) return use(inference, frame, call, shared);
  const inner = createFrame({
    parent: definition,
    scopes: [lambda.scope],
    activation: frame.activation,
    madeBy: { name: call.name, at: call.at, frame },
  });
  for (const [index, parameter] of lambda.parameters.entries()) {
    const value = args[index];
    invariant(value !== undefined, "the number of arguments is right");
    const type = annotated(inference, frame, parameter, value);
    inner.nodes.set(parameter, createBind(inference, inner, parameter, type, value));
  }
  const before = { impure: inference.impure, problems: inference.reported.size };
  inference.latestCall = call;
  const body = inferExpression(inference, inner, lambda.body);
  const type = resultType(inference, inner, lambda, call.name, body);
  noteSignature(inference, inner, call.function, type);
  if (inference.reported.size > before.problems) return { kind: "constant", at: call.at, type, value: false };
  const settled = inference.impure === before.impure && inference.solver.isClosed(type);
  if (key === undefined || !settled || isSimple(body)) return body;
  const made = createBind(inference, inner, call.function, type, body);
  inference.shared.set(key, made);
  inference.sharedCalls.add(made);
  return use(inference, frame, call, made);
}

/** What this instance of the function takes and gives. */
function noteSignature(
  { signatures }: Inference,
  inner: Frame,
  { at, lambda }: Named.FunctionDeclaration,
  result: Type,
): void {
  if (signatures === undefined) return;
  const params = lambda.parameters.map((parameter) => ({
    name: parameter.name,
    type: inner.nodes.get(parameter)?.type ?? result,
  }));
  signatures.push({ at, type: functionType(params, result) });
}

function use(inference: Inference, frame: Frame, { at }: Named.CallFunction, to: Typed.Bind): Typed.Reference {
  return keep(inference, frame, { kind: "reference", at, type: to.type, to });
}
