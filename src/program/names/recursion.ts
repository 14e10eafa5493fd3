// SPDX-License-Identifier: Apache-2.0
// Circles that the order of statements cannot know of: behind the alias of an include stand also the names that its class
// merely sees, and which name that is shows only when it is resolved. Reference: mcl language, 4.8, 5.3.

import type { Span } from "../../base/span.ts";
import { findCycles } from "../../graph/cycles.ts";
import { createGraph, type Link } from "../../graph/graph.ts";
import { circle } from "../problems.ts";
import type { Context } from "./context.ts";
import type {
  Bind,
  Block,
  ClassDeclaration,
  Expression,
  FunctionDeclaration,
  Include,
  Path,
  Statement,
} from "./tree.ts";

type Definition = Bind | FunctionDeclaration | ClassDeclaration | Include;

interface Use extends Link {
  readonly shown: string;
  readonly at: Span;
  /** It leads to an include, which leads on to its class. */
  readonly passes: boolean;
}

/** Costs a walk over the named tree, so it runs only when there is such a name and no other circle. */
export function checkRecursion(context: Context): void {
  if (!context.hasInheritedNames || context.problems.all.some(({ code }) => code === circle.code)) return;
  const { binds, functions, includes, classes } = context.made;
  const definitions = [...binds, ...functions, ...includes, ...classes.map(({ declaration }) => declaration)];
  const numbers = new Map<unknown, string>(definitions.map((definition, number) => [definition, String(number)]));
  const uses: Use[] = [];
  for (const definition of definitions) {
    const from = numbers.get(definition) ?? "";
    eachUse(definition, (used, at) => {
      const to = numbers.get(used);
      if (to !== undefined) uses.push({ from, to, shown: shownAs(used), at, passes: used.kind === "include" });
    });
  }
  const graph = createGraph([...numbers.values()], uses);
  for (const cycle of findCycles(graph)) {
    const all = cycle.map((edge) => graph.edges[edge]).filter((use) => use !== undefined);
    // An include and the class that it names stand at one place: the class says it.
    const steps = all.filter(({ passes, at }) => !passes || !all.some((use) => !use.passes && use.at === at));
    const last = steps.at(-1);
    if (last === undefined) continue;
    const first = steps.reduce((earliest, step) => (step.at.start < earliest.at.start ? step : earliest));
    context.problems.report(circle, first.at, { steps: [last, ...steps.slice(0, -1)] });
  }
}

function shownAs(definition: Definition): string {
  switch (definition.kind) {
    case "bind":
      return `$${definition.name}`;
    case "function":
      return `${definition.name}()`;
    case "class":
      return `class ${definition.name}`;
    case "include":
      return `include ${definition.class.name}`;
  }
}

type Visit = (used: Definition, at: Span) => void;

function eachUse(definition: Definition, visit: Visit): void {
  switch (definition.kind) {
    case "bind":
      return inExpression(definition.value, visit);
    case "function":
      return inExpression(definition.lambda.body, visit);
    case "class":
      return definition.body && inBlock(definition.body, visit);
    case "include":
      alongPath(definition.path, definition.at, visit);
      visit(definition.class, definition.at);
      for (const argument of definition.args) inExpression(argument, visit);
  }
}

function alongPath(path: Path, at: Span, visit: Visit): void {
  for (const step of path) if (step.kind === "include") visit(step, at);
}

function inBlock(block: Block, visit: Visit): void {
  for (const statement of block.statements) inStatement(statement, visit);
}

function inStatement(statement: Statement, visit: Visit): void {
  switch (statement.kind) {
    case "resource": {
      inExpression(statement.name, visit);
      for (const { condition, value } of [...statement.fields, ...statement.meta]) {
        if (condition !== undefined) inExpression(condition, visit);
        inExpression(value, visit);
      }
      for (const { condition, target } of statement.edges) {
        if (condition !== undefined) inExpression(condition, visit);
        inExpression(target.name, visit);
      }
      return;
    }
    case "edge":
      for (const half of statement.halves) inExpression(half.name, visit);
      return;
    case "if":
      inExpression(statement.condition, visit);
      inBlock(statement.then, visit);
      if (statement.otherwise !== undefined) inBlock(statement.otherwise, visit);
      return;
    case "for":
      inExpression(statement.subject, visit);
      return inBlock(statement.body, visit);
    case "include":
      return visit(statement, statement.at);
    case "panic":
      return inExpression(statement.call, visit);
  }
}

function inExpression(expression: Expression, visit: Visit): void {
  const inAll = (parts: readonly Expression[]) => {
    for (const part of parts) inExpression(part, visit);
  };
  switch (expression.kind) {
    case "literal":
    case "broken":
      return;
    case "reference":
      alongPath(expression.path, expression.at, visit);
      if (expression.to.kind === "bind") visit(expression.to, expression.at);
      return;
    case "forced-text":
      return inExpression(expression.inner, visit);
    case "list":
      return inAll(expression.items);
    case "map":
      return inAll(expression.entries.flatMap(({ key, value }) => [key, value]));
    case "struct":
      return inAll(expression.fields.map(({ value }) => value));
    case "call-builtin":
      return inAll(expression.args);
    case "call-function":
      alongPath(expression.path, expression.at, visit);
      visit(expression.function, expression.at);
      return inAll(expression.args);
    case "call-value":
      return inAll([expression.callee, ...expression.args]);
    case "lambda":
      return inExpression(expression.body, visit);
    case "if-expression":
      return inAll([expression.condition, expression.then, expression.otherwise]);
    case "except":
      return inAll([expression.main, expression.fallback]);
  }
}
