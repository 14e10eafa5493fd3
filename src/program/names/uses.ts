// SPDX-License-Identifier: Apache-2.0
// Which names an expression uses, as far as the text alone tells: for the order of statements, not for their meaning.

import type { Span } from "../../base/span.ts";
import type { Expression, Parameters } from "../../syntax/tree.ts";
import type { Strings } from "./strings.ts";
import { isLeaf, partsOf } from "./walk.ts";

/** A name in its namespace, as a person writes it: `$x`, `f()`, `class c`, or the alias `i`. Each is unlike the others. */
export type UsedName = string;

/** The first use of each name. */
export type Uses = Map<UsedName, Span>;

export const variableName = (name: string): UsedName => `$${name}`;
export const functionName = (name: string): UsedName => `${name}()`;
export const className = (name: string): UsedName => `class ${name}`;
export const aliasName = (name: string): UsedName => name;

/** Variables that parameters hide, from the innermost list outwards. */
interface Hidden {
  readonly names: ReadonlySet<string>;
  readonly outer: Hidden | undefined;
}

/** Adds what the body of a function uses from outside. */
export function addUsesOfFunction(params: Parameters, body: Expression, strings: Strings, uses: Uses): void {
  new UseCollector(strings, uses).inFunction(params, body, undefined);
}

/** Adds what an expression uses. */
export function addUses(expression: Expression, strings: Strings, uses: Uses): void {
  new UseCollector(strings, uses).expression(expression, undefined);
}

/** A name with dots uses the alias in front, whatever it is looked up for. */
export function addUse(name: string, asUsed: (name: string) => UsedName, at: Span, uses: Uses): void {
  const dot = name.indexOf(".");
  const used = dot === -1 ? asUsed(name) : aliasName(name.slice(0, dot));
  if (!uses.has(used)) uses.set(used, at);
}

class UseCollector {
  readonly #strings: Strings;
  readonly #uses: Uses;

  constructor(strings: Strings, uses: Uses) {
    this.#strings = strings;
    this.#uses = uses;
  }

  inFunction(params: Parameters, body: Expression, outer: Hidden | undefined): void {
    const names = new Set(params.items.map(({ name }) => name.text));
    this.expression(body, { names, outer });
  }

  expression(expression: Expression, hidden: Hidden | undefined): void {
    switch (expression.kind) {
      case "variable":
        return this.#variable(expression.name.text, expression.at, hidden);
      case "string":
        return this.#string(expression, hidden);
      case "lambda":
        return this.inFunction(expression.params, expression.body, hidden);
      case "call": {
        const { callee } = expression;
        if (callee.kind === "variable") this.#variable(callee.name.text, callee.at, hidden);
        if (callee.kind === "function") addUse(callee.name.text, functionName, callee.at, this.#uses);
        break;
      }
      case "binary":
        if (expression.operator === "in") addUse("contains", functionName, expression.operatorAt, this.#uses);
        break;
      case "bool":
      case "int":
      case "float":
      case "list":
      case "map":
      case "struct":
      case "if-expression":
      case "parenthesized":
      case "not":
      case "lookup":
      case "field-lookup":
      case "except":
        break;
    }
    if (!isLeaf(expression)) for (const part of partsOf(expression)) this.expression(part, hidden);
  }

  #string(literal: Expression & { readonly kind: "string" }, hidden: Hidden | undefined): void {
    const parts = this.#strings.get(literal) ?? [];
    let variables = 0;
    for (const part of parts) {
      if (part.kind !== "variable") continue;
      variables += 1;
      this.#variable(part.name, part.at, hidden);
    }
    if (variables > 0 && parts.length > 1) addUse("concat", functionName, literal.at, this.#uses);
  }

  #variable(name: string, at: Span, hidden: Hidden | undefined): void {
    for (let list = hidden; list !== undefined; list = list.outer) if (list.names.has(name)) return;
    addUse(name, variableName, at, this.#uses);
  }
}
