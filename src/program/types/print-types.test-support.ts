// SPDX-License-Identifier: Apache-2.0
// The typed tree as text, for golden files: each variable when something first reaches it, then what uses it.

import { renderType } from "../../values/type.ts";
import type * as Typed from "./tree.ts";

export function printTypes(program: Typed.TypedProgram): string {
  const lines: string[] = [];
  const seen = new Set<Typed.Bind>();
  printStatements(program.statements, "", { lines, seen });
  return lines.map((line) => `${line}\n`).join("");
}

interface Output {
  readonly lines: string[];
  readonly seen: Set<Typed.Bind>;
}

function printStatements(statements: readonly Typed.Statement[], indent: string, output: Output): void {
  for (const statement of statements) printStatement(statement, indent, output);
}

function printStatement(statement: Typed.Statement, indent: string, output: Output): void {
  const reach = (...expressions: readonly (Typed.Expression | undefined)[]) => {
    for (const expression of expressions) if (expression !== undefined) printBinds(expression, indent, output);
  };
  const line = (text: string) => output.lines.push(indent + text);
  switch (statement.kind) {
    case "resource":
      reach(statement.name.value, ...statement.fields.flatMap((field) => [field.condition, field.value]));
      reach(...statement.meta.flatMap((meta) => [meta.condition, meta.value]));
      reach(...statement.edges.flatMap((edge) => [edge.condition, edge.target.name.value]));
      line(
        `${statement.collected === undefined ? "" : "collect "}${statement.type} ${renderType(statement.name.value.type)}`,
      );
      for (const field of statement.fields) line(`  ${field.name} => ${renderType(field.value.type)}`);
      for (const meta of statement.meta) line(`  Meta:${meta.parameter ?? "*"} => ${renderType(meta.value.type)}`);
      for (const { relation, target } of statement.edges) {
        line(`  ${relation} ${target.type} ${renderType(target.name.value.type)}`);
      }
      break;
    case "edge":
      reach(...statement.halves.map((half) => half.name.value));
      line(statement.halves.map((half) => `${half.type} ${renderType(half.name.value.type)}`).join(" -> "));
      break;
    case "if":
      reach(statement.condition);
      line("if");
      printStatements(statement.then.statements, `${indent}  `, output);
      if (statement.otherwise !== undefined) line("else");
      printStatements(statement.otherwise?.statements ?? [], `${indent}  `, output);
      break;
    case "for":
      reach(statement.subject);
      line(
        `for $${statement.first.name} ${renderType(statement.first.type)}, $${statement.value.name} ${renderType(statement.value.type)}`,
      );
      printStatements(statement.body.statements, `${indent}  `, output);
      break;
    case "panic":
      reach(statement.call);
      line(`panic ${renderType(statement.call.solved.type)}`);
      break;
  }
}

/** Each bind once, in the order in which values are needed. */
function printBinds(expression: Typed.Expression, indent: string, output: Output): void {
  if (expression.kind === "reference" && expression.to.kind === "bind" && !output.seen.has(expression.to)) {
    output.seen.add(expression.to);
    printBinds(expression.to.value, indent, output);
    output.lines.push(`${indent}$${expression.to.name} ${renderType(expression.to.type)}`);
  }
  for (const part of partsOf(expression)) printBinds(part, indent, output);
}

function partsOf(expression: Typed.Expression): readonly Typed.Expression[] {
  switch (expression.kind) {
    case "constant":
    case "reference":
      return [];
    case "list":
      return expression.items;
    case "map":
      return expression.entries.flatMap((entry) => [entry.key, entry.value]);
    case "struct":
      return expression.fields.map((field) => field.value);
    case "call-builtin":
      return expression.args;
    case "call-value":
      return [expression.callee, ...expression.args];
    case "lambda":
      return [expression.body];
    case "if-expression":
      return [expression.condition, expression.then, expression.otherwise];
    case "except":
      return [expression.main, expression.fallback];
  }
}
