// SPDX-License-Identifier: Apache-2.0
// Resolves an expression: names to what declares them, operators, lookups, `in` and interpolation to calls.
// Reference: mcl language, 0 (table of desugaring), 6, 7.

import { invariant } from "../../base/invariant.ts";
import type { Span } from "../../base/span.ts";
import type { FunctionDefinition } from "../../contract/function.ts";
import type * as Syntax from "../../syntax/tree.ts";
import { boolType, floatType, intType, strType } from "../../values/type.ts";
import { annotationOf } from "./annotations.ts";
import type { Context } from "./context.ts";
import { declareParameters } from "./parameters.ts";
import { find, functionWorld, type Names, namesOfVariables, variableWorld } from "./scope.ts";
import type { Broken, CallBuiltin, Expression, Lambda, Literal, Reference, Scope } from "./tree.ts";
import { reportUnknownFunction, reportUnknownVariable } from "./unknown-names.ts";

export function resolveExpression(expression: Syntax.Expression, names: Names, context: Context): Expression {
  const { at } = expression;
  switch (expression.kind) {
    case "bool":
      return { kind: "literal", at, type: boolType, value: expression.value };
    case "int":
      return { kind: "literal", at, type: intType, value: expression.value };
    case "float":
      return { kind: "literal", at, type: floatType, value: expression.value };
    case "string":
      return resolveString(expression, names, context);
    case "variable":
      return resolveVariable(expression.name.text, at, names, context);
    case "call":
      return resolveCall(expression, names, context);
    case "lambda":
      return resolveLambda(expression, names, context);
    default:
      return resolveParts(expression, names, context);
  }
}

type Leaf = "bool" | "int" | "float" | "string" | "variable" | "call" | "lambda";

function resolveParts(
  expression: Exclude<Syntax.Expression, { readonly kind: Leaf }>,
  names: Names,
  context: Context,
): Expression {
  const resolve = (inner: Syntax.Expression) => resolveExpression(inner, names, context);
  const { at } = expression;
  switch (expression.kind) {
    case "list":
      return { kind: "list", at, items: expression.items.map(resolve) };
    case "map": {
      const entries = expression.entries.map(({ key, value }) => ({ key: resolve(key), value: resolve(value) }));
      return { kind: "map", at, entries };
    }
    case "struct": {
      const fields = expression.fields.map(({ name, value }) => {
        return { name: name.text, at: name.at, value: resolve(value) };
      });
      return { kind: "struct", at, fields };
    }
    case "if-expression": {
      const { condition, then, otherwise } = expression;
      return {
        kind: "if-expression",
        at,
        condition: resolve(condition),
        then: resolve(then),
        otherwise: resolve(otherwise),
      };
    }
    case "parenthesized":
      return resolve(expression.inner);
    case "binary": {
      const { operator, operatorAt } = expression;
      const args = [resolve(expression.left), resolve(expression.right)];
      if (operator === "in")
        return callByName("contains", { at, nameAt: operatorAt, shownAs: "in", args }, names, context);
      return callOperator(operator, operatorAt, at, args, context);
    }
    case "not": {
      const operatorAt = { file: at.file, start: at.start, end: at.start + "not".length };
      return callOperator("not", operatorAt, at, [resolve(expression.operand)], context);
    }
    case "lookup": {
      const args = [resolve(expression.container), resolve(expression.key)];
      return callGlobal("_lookup", "[]", at, args, context);
    }
    case "field-lookup": {
      const args = [resolve(expression.struct), textLiteral(expression.field.text, expression.field.at)];
      if (expression.fallback === undefined) return callGlobal("_struct_lookup", "->", at, args, context);
      return callGlobal("_struct_lookup_optional", "->", at, [...args, resolve(expression.fallback)], context);
    }
    case "except":
      return { kind: "except", at, main: resolve(expression.main), fallback: resolve(expression.fallback) };
  }
}

/** The body and parameters of a function or a lambda. */
export function resolveLambda(
  syntax: Pick<Syntax.Lambda, "at" | "params" | "result" | "body">,
  names: Names,
  context: Context,
): Lambda {
  const scope: Scope = { kind: "parameters", parent: names.scope };
  const parameters = declareParameters(syntax.params.items, scope);
  const body = resolveExpression(syntax.body, namesOfVariables(scope, names, parameters), context);
  const result = syntax.result === undefined ? {} : { result: annotationOf(syntax.result) };
  return { kind: "lambda", at: syntax.at, scope, parameters, ...result, body };
}

/** A call of a function that is always there and cannot be shadowed. */
export function callGlobal(
  name: string,
  shownAs: string,
  at: Span,
  args: readonly Expression[],
  context: Context,
): CallBuiltin {
  return { kind: "call-builtin", at, shownAs, function: globalFunction(name, context), args };
}

// ---- Names ----

function resolveVariable(name: string, at: Span, names: Names, context: Context): Reference | Literal | Broken {
  if (name.includes("__")) return { kind: "broken", at }; // Reported already: it cannot be used even if it exists.
  const found = find(names, name, variableWorld);
  if (found === undefined) reportUnknownVariable(name, at, names, context);
  if (found === undefined || found === "broken") return { kind: "broken", at };
  const { entry, path } = found;
  if (!("kind" in entry)) return { kind: "literal", at, type: entry.type, value: entry.value };
  if (found.isInherited) context.hasInheritedNames = true;
  return { kind: "reference", at, name, path, to: entry };
}

function resolveCall(call: Syntax.Call, names: Names, context: Context): Expression {
  const { at, callee } = call;
  const args = call.args.items.map((argument) => resolveExpression(argument, names, context));
  switch (callee.kind) {
    case "function":
      return callByName(
        callee.name.text,
        { at, nameAt: callee.name.at, shownAs: callee.name.text, args },
        names,
        context,
      );
    case "variable": {
      const value = resolveVariable(callee.name.text, callee.at, names, context);
      return value.kind === "broken" ? value : { kind: "call-value", at, callee: value, args };
    }
    case "lambda":
      return { kind: "call-value", at, callee: resolveLambda(callee, names, context), args };
  }
}

interface NamedCall {
  readonly at: Span;
  readonly nameAt: Span;
  readonly shownAs: string;
  readonly args: readonly Expression[];
}

/** Calls whatever has the name in this scope: also for syntax that stands for a function which may be redefined. */
function callByName(
  name: string,
  { at, nameAt, shownAs, args }: NamedCall,
  names: Names,
  context: Context,
): Expression {
  const found = find(names, name, functionWorld);
  if (found === undefined) reportUnknownFunction({ text: name, at: nameAt }, names, context);
  if (found === undefined || found === "broken") return { kind: "broken", at };
  const { entry, path } = found;
  if (!("lambda" in entry)) return { kind: "call-builtin", at, shownAs, function: entry, args };
  if (found.isInherited) context.hasInheritedNames = true;
  return { kind: "call-function", at, name, path, function: entry, args };
}

// ---- Strings ----

function resolveString(literal: Syntax.StringLiteral, names: Names, context: Context): Expression {
  const { at } = literal;
  const parts = context.strings.get(literal);
  invariant(parts !== undefined, "every string of the program was read");
  const [first] = parts;
  if (first === undefined) return textLiteral("", at);
  if (parts.length > 1) {
    const pieces = parts.map((part) =>
      part.kind === "text" ? textLiteral(part.text, at) : resolveVariable(part.name, part.at, names, context),
    );
    return concatenate(pieces, at, names, context);
  }
  if (first.kind === "text") return textLiteral(first.text, at);
  const inner = resolveVariable(first.name, first.at, names, context);
  if (inner.kind === "reference") return { kind: "forced-text", at, inner };
  if (inner.kind === "broken" || inner.type.kind === "str") return inner;
  // A constant that is no text: concatenation says so when types are checked.
  return concatenate([inner, textLiteral("", at)], at, names, context);
}

/** Nested to the right; beyond a few parts evenly, as the result is the same and the depth is not. */
function concatenate(pieces: readonly Expression[], at: Span, names: Names, context: Context): Expression {
  const [first] = pieces;
  invariant(first !== undefined, "there is something to join");
  if (pieces.length === 1) return first;
  const middle = pieces.length <= 8 ? 1 : pieces.length >> 1;
  const left = concatenate(pieces.slice(0, middle), at, names, context);
  const right = concatenate(pieces.slice(middle), at, names, context);
  return callByName("concat", { at, nameAt: at, shownAs: "${}", args: [left, right] }, names, context);
}

function textLiteral(text: string, at: Span): Literal {
  return { kind: "literal", at, type: strType, value: text };
}

// ---- What is always there ----

function callOperator(
  operator: Syntax.BinaryOperator | "not",
  operatorAt: Span,
  at: Span,
  operands: readonly Expression[],
  context: Context,
): CallBuiltin {
  return callGlobal("_operator", operator, at, [textLiteral(operator, operatorAt), ...operands], context);
}

export function globalFunction(name: string, { globals }: Context): FunctionDefinition {
  const found = globals.functions.get(name);
  invariant(found !== undefined, `the catalog has the function ${name}, which syntax stands for`);
  return found;
}
