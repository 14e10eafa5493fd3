// SPDX-License-Identifier: Apache-2.0
// What is known of an expression before types are solved: for the signatures that built-ins compute, and for whether a
// resource's name is one name or a list. Reference: mcl language, 4.2 and 6.2.
//
// Known are literals, what is built of them, and variables bound to such. Results of calls are not; a parameter of a
// function is not, unless annotated; a parameter of a class is its argument.

import { functionType, listType, mapType, strType, structType, type Type } from "../../values/type.ts";
import { MapValue, StructValue, type Value } from "../../values/value.ts";
import type * as Named from "../names/tree.ts";
import { type Frame, ownerOf } from "./frames.ts";

type Fresh = () => Type;

/** Parts that are not known are fresh type variables; undefined when nothing is. */
export function knownType(expression: Named.Expression, frame: Frame, fresh: Fresh): Type | undefined {
  switch (expression.kind) {
    case "literal":
      return expression.type;
    case "list":
      return listType(firstKnown(expression.items, frame, fresh) ?? fresh());
    case "map": {
      const key = firstKnown(
        expression.entries.map((entry) => entry.key),
        frame,
        fresh,
      );
      const value = firstKnown(
        expression.entries.map((entry) => entry.value),
        frame,
        fresh,
      );
      return mapType(key ?? fresh(), value ?? fresh());
    }
    case "struct":
      return structType(
        expression.fields.map(({ name, value }) => ({ name, type: knownType(value, frame, fresh) ?? fresh() })),
      );
    case "reference":
      return knownTypeOf(expression.to, ownerOf(frame, expression.path, expression.to.scope), fresh);
    case "forced-text":
      return strType;
    case "lambda":
      return functionType(
        expression.parameters.map((parameter) => ({ type: parameter.annotation?.type ?? fresh() })),
        expression.result?.type ?? fresh(),
      );
    case "if-expression":
      return firstKnown([expression.then, expression.otherwise], frame, fresh);
    case "except":
      return firstKnown([expression.main, expression.fallback], frame, fresh);
    case "call-builtin":
    case "call-function":
      return isInterpolated(expression) ? strType : undefined;
    case "call-value":
    case "broken":
      return undefined;
  }
}

/** The value, when it is a constant. */
export function knownValue(expression: Named.Expression, frame: Frame): Value | undefined {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "list":
      return allKnown(expression.items, frame);
    case "map": {
      const keys = allKnown(
        expression.entries.map((entry) => entry.key),
        frame,
      );
      const values = allKnown(
        expression.entries.map((entry) => entry.value),
        frame,
      );
      if (keys === undefined || values === undefined || !keys.every(canBeKey)) return undefined;
      return new MapValue(keys.map((key, index) => [key, values[index] ?? false] as const));
    }
    case "struct": {
      const values = allKnown(
        expression.fields.map((field) => field.value),
        frame,
      );
      return (
        values &&
        new StructValue(
          expression.fields.map((field) => field.name),
          values,
        )
      );
    }
    case "reference":
      return knownValueOf(expression.to, ownerOf(frame, expression.path, expression.to.scope));
    case "if-expression": {
      const condition = knownValue(expression.condition, frame);
      if (typeof condition !== "boolean") return undefined;
      return knownValue(condition ? expression.then : expression.otherwise, frame);
    }
    case "forced-text":
    case "lambda":
    case "except":
    case "call-builtin":
    case "call-function":
    case "call-value":
    case "broken":
      return undefined;
  }
}

/** Looks now, so that who asks later does not have to go down a long chain of variables. */
export function rememberKnown(declaration: Named.Declaration, frame: Frame, fresh: Fresh): void {
  knownTypeOf(declaration, frame, fresh);
  knownValueOf(declaration, frame);
}

/** A text with variables in it, which is a call of `concat`. */
export function isInterpolated(expression: Named.Expression): boolean {
  return (
    ((expression.kind === "call-builtin" && expression.function.name === "concat") ||
      (expression.kind === "call-function" && expression.name === "concat")) &&
    expression.at.file.text[expression.at.start] === '"'
  );
}

function knownTypeOf(declaration: Named.Declaration, frame: Frame, fresh: Fresh): Type | undefined {
  if (frame.knownTypes.has(declaration)) return frame.knownTypes.get(declaration);
  const known = computeType(declaration, frame, fresh);
  frame.knownTypes.set(declaration, known);
  return known;
}

function computeType(declaration: Named.Declaration, frame: Frame, fresh: Fresh): Type | undefined {
  switch (declaration.kind) {
    case "bind":
      // The annotation of a plain variable is only compared, after solving.
      if (declaration.annotation !== undefined && declaration.value.kind !== "reference") {
        return declaration.annotation.type;
      }
      return knownType(declaration.value, frame, fresh);
    case "parameter": {
      if (declaration.annotation !== undefined) return declaration.annotation.type;
      const argument = frame.arguments.get(declaration);
      return argument && knownType(argument.value, argument.frame, fresh);
    }
    case "loop-variable":
      return declaration.role === "index" ? { kind: "int" } : undefined;
  }
}

function knownValueOf(declaration: Named.Declaration, frame: Frame): Value | undefined {
  if (frame.knownValues.has(declaration)) return frame.knownValues.get(declaration);
  const argument = frame.arguments.get(declaration);
  const known =
    declaration.kind === "bind"
      ? knownValue(declaration.value, frame)
      : argument && knownValue(argument.value, argument.frame);
  frame.knownValues.set(declaration, known);
  return known;
}

function firstKnown(expressions: readonly Named.Expression[], frame: Frame, fresh: Fresh): Type | undefined {
  for (const expression of expressions) {
    const known = knownType(expression, frame, fresh);
    if (known !== undefined) return known;
  }
  return undefined;
}

function allKnown(expressions: readonly Named.Expression[], frame: Frame): readonly Value[] | undefined {
  const values: Value[] = [];
  for (const expression of expressions) {
    const value = knownValue(expression, frame);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** Other keys are refused after solving. */
function canBeKey(value: Value): boolean {
  return typeof value !== "object" || (value instanceof StructValue && value.values.every(canBeKey));
}
