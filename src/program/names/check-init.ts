// SPDX-License-Identifier: Apache-2.0
// What a look at each piece of the tree alone can tell: doubled fields and keys, words that mean nothing, names that
// cannot be used. Sees every body, also of classes that nothing includes. Reference: mcl language, phase init.

import { nearest } from "../../base/nearest.ts";
import type { Problems } from "../../base/problem.ts";
import type { Span } from "../../base/span.ts";
import { type Meta, metaParameters } from "../../contract/meta.ts";
import type { Block, Expression, MapLiteral, Name, Parameters, Resource, Statement } from "../../syntax/tree.ts";
import { isHashable, sameType } from "../../values/type.ts";
import {
  doubleUnderscore,
  duplicateField,
  duplicateKey,
  duplicateMeta,
  duplicateParameter,
  duplicateStructField,
  importInLoop,
  mixedKeys,
  unhashableKey,
  unknownEdgeWord,
  unknownMeta,
} from "../problems.ts";

import { type StaticValue, staticValueOf } from "./static-keys.ts";
import { eachExpression, eachStatement, expressionsOf } from "./walk.ts";

export function checkInit(body: readonly Statement[], problems: Problems): void {
  eachStatement(body, (statement) => {
    checkStatement(statement, problems);
    for (const expression of expressionsOf(statement)) {
      eachExpression(expression, (inner) => checkExpression(inner, problems));
    }
  });
}

function checkStatement(statement: Statement, problems: Problems): void {
  switch (statement.kind) {
    case "resource":
      return checkResource(statement, problems);
    case "collect":
      return checkResource(statement.resource, problems);
    case "func":
      return checkParameters(statement.params, problems);
    case "class":
      if (statement.params !== undefined) checkParameters(statement.params, problems);
      return;
    case "for":
      checkVariables([statement.index, statement.value], problems);
      return checkLoopBody(statement.body, problems);
    case "forkv":
      checkVariables([statement.key, statement.value], problems);
      return checkLoopBody(statement.body, problems);
    case "bind":
    case "panic":
    case "edge":
    case "if":
    case "include":
    case "import":
      return;
  }
}

function checkExpression(expression: Expression, problems: Problems): void {
  switch (expression.kind) {
    case "map":
      return checkKeys(expression, problems);
    case "struct":
      return checkStruct(
        expression.fields.map(({ name }) => name),
        problems,
      );
    case "lambda":
      return checkParameters(expression.params, problems);
    case "variable":
      return checkUsedVariable(expression.name, expression.at, problems);
    case "call":
      if (expression.callee.kind === "variable") {
        checkUsedVariable(expression.callee.name, expression.callee.at, problems);
      }
      return;
    case "bool":
    case "string":
    case "int":
    case "float":
    case "list":
    case "if-expression":
    case "parenthesized":
    case "binary":
    case "not":
    case "lookup":
    case "field-lookup":
    case "except":
      return;
  }
}

// ---- Resources ----

const metaNames = metaParameters.map(({ name }) => name);
const edgeWords = ["before", "depend", "notify", "listen"] as const;

/** Undefined when there is no such one, which `checkInit` reports. */
export function metaParameter(word: string): keyof Meta | undefined {
  return metaNames.find((name) => name === word);
}

/** Undefined when there is no such one, which `checkInit` reports. */
export function edgeRelation(word: string): (typeof edgeWords)[number] | undefined {
  return edgeWords.find((relation) => relation === word);
}

function checkResource(resource: Resource, problems: Problems): void {
  const fields = new FirstPlaces();
  const meta = new FirstPlaces();
  for (const item of resource.items) {
    switch (item.kind) {
      case "field": {
        const first = fields.firstOf(item.name.text, item.name.at);
        if (first !== undefined) {
          problems.report(duplicateField, item.name.at, { kind: resource.type.text, name: item.name.text, first });
        }
        break;
      }
      case "meta": {
        const { text: name, at } = item.name;
        const first = meta.firstOf(name, at);
        if (metaParameter(name) === undefined)
          problems.report(unknownMeta, at, { name, nearest: nearest(name, metaNames) });
        else if (first !== undefined) problems.report(duplicateMeta, at, { name, first });
        break;
      }
      case "edge": {
        const { text: word, at } = item.relation;
        if (edgeRelation(word) === undefined)
          problems.report(unknownEdgeWord, at, { word, nearest: nearest(word, edgeWords) });
        break;
      }
      case "meta-struct":
        break;
    }
  }
}

// ---- Loops ----

function checkLoopBody(body: Block, problems: Problems): void {
  for (const statement of body.body) {
    if (statement.kind === "import") problems.report(importInLoop, statement.at, undefined);
  }
}

// ---- Names ----

function checkParameters(parameters: Parameters, problems: Problems): void {
  checkVariables(
    parameters.items.map(({ name }) => name),
    problems,
  );
}

function checkVariables(names: readonly Name[], problems: Problems): void {
  const places = new FirstPlaces();
  for (const { text: name, at } of names) {
    const first = places.firstOf(name, at);
    if (first !== undefined) problems.report(duplicateParameter, at, { name, first });
  }
}

function checkStruct(names: readonly Name[], problems: Problems): void {
  const places = new FirstPlaces();
  for (const { text: name, at } of names) {
    const first = places.firstOf(name, at);
    if (first !== undefined) problems.report(duplicateStructField, at, { name, first });
  }
}

function checkUsedVariable(name: Name, at: Span, problems: Problems): void {
  if (name.text.includes("__")) problems.report(doubleUnderscore, at, { name: name.text });
}

// ---- Maps ----

function checkKeys(map: MapLiteral, problems: Problems): void {
  const places = new FirstPlaces();
  let typed: { readonly type: StaticValue["type"]; readonly at: Span } | undefined;
  for (const { key } of map.entries) {
    const known = staticValueOf(key);
    if (known === undefined) continue;
    if (!isHashable(known.type)) {
      problems.report(unhashableKey, key.at, { type: known.type });
    } else if (typed !== undefined && !sameType(typed.type, known.type)) {
      problems.report(mixedKeys, key.at, { expected: typed.type, found: known.type, first: typed.at });
    } else {
      typed ??= { type: known.type, at: key.at };
      const first = places.firstOf(known.identity, key.at);
      if (first !== undefined) problems.report(duplicateKey, key.at, { first });
    }
  }
}

/** Remembers where each name came first. */
class FirstPlaces {
  readonly #places = new Map<string, Span>();

  /** The place where the name was seen before; undefined the first time. */
  firstOf(name: string, at: Span): Span | undefined {
    const first = this.#places.get(name);
    if (first === undefined) this.#places.set(name, at);
    return first;
  }
}
