// SPDX-License-Identifier: Apache-2.0
// What stands directly inside a statement or an expression, in source order: for checks that must see everything.

import type { Block, EdgeHalf, Expression, Resource, Statement } from "../../syntax/tree.ts";

/** The expressions of the statement itself, without those of its blocks. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case "bind":
      return [statement.value];
    case "panic":
      return statement.args.items;
    case "collect":
      return expressionsOfResource(statement.resource);
    case "resource":
      return expressionsOfResource(statement);
    case "edge":
      return statement.halves.map((half: EdgeHalf) => half.name);
    case "if":
      return [statement.condition];
    case "for":
      return [statement.list];
    case "forkv":
      return [statement.map];
    case "func":
      return [statement.body];
    case "include":
      return statement.args?.items ?? [];
    case "class":
    case "import":
      return [];
  }
}

export function blocksOf(statement: Statement): readonly Block[] {
  switch (statement.kind) {
    case "if":
      return statement.otherwise === undefined ? [statement.then] : [statement.then, statement.otherwise];
    case "for":
    case "forkv":
    case "class":
      return [statement.body];
    case "bind":
    case "panic":
    case "collect":
    case "resource":
    case "edge":
    case "func":
    case "include":
    case "import":
      return [];
  }
}

export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "bool":
    case "string":
    case "int":
    case "float":
    case "variable":
      return [];
    case "list":
      return expression.items;
    case "map":
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case "struct":
      return expression.fields.map(({ value }) => value);
    case "call":
      return expression.callee.kind === "lambda"
        ? [expression.callee, ...expression.args.items]
        : expression.args.items;
    case "lambda":
      return [expression.body];
    case "if-expression":
      return [expression.condition, expression.then, expression.otherwise];
    case "parenthesized":
      return [expression.inner];
    case "binary":
      return [expression.left, expression.right];
    case "not":
      return [expression.operand];
    case "lookup":
      return [expression.container, expression.key];
    case "field-lookup":
      return expression.fallback === undefined ? [expression.struct] : [expression.struct, expression.fallback];
    case "except":
      return [expression.main, expression.fallback];
  }
}

// Most programs are walked by code that is not compiled yet, where each step of a `for … of` makes an object; `forEach`
// makes none.

/** Calls `visit` for every statement, also those in blocks. */
export function eachStatement(body: readonly Statement[], visit: (statement: Statement) => void): void {
  const inside = (statement: Statement) => {
    visit(statement);
    blocksOf(statement).forEach((block) => block.body.forEach(inside));
  };
  body.forEach(inside);
}

/** Calls `visit` for the expression and every one inside it. */
export function eachExpression(expression: Expression, visit: (expression: Expression) => void): void {
  const inside = (part: Expression) => {
    visit(part);
    if (!isLeaf(part)) partsOf(part).forEach(inside);
  };
  inside(expression);
}

/** Has no parts; a look at it costs less than an empty list. */
export function isLeaf({ kind }: Expression): boolean {
  return kind === "variable" || kind === "string" || kind === "int" || kind === "bool" || kind === "float";
}

function expressionsOfResource(resource: Resource): readonly Expression[] {
  const found: Expression[] = [resource.name];
  for (const item of resource.items) {
    if (item.condition !== undefined) found.push(item.condition);
    found.push(item.kind === "edge" ? item.target.name : item.value);
  }
  return found;
}
