// SPDX-License-Identifier: Apache-2.0
// A tree as s-expressions, without places: two trees mean the same to every later phase exactly when they print alike.

import type { Expression, File, Name, Parameters, ResourceItem, Statement, TypeNode } from "./tree.ts";

/** One statement a line; blocks are indented. */
export function printTree(file: File): string {
  return file.body.map((statement) => `${printStatement(statement, "")}\n`).join("");
}

export function printComments(file: File): string {
  return file.comments.map(({ text }) => `#${text}\n`).join("");
}

function printStatement(statement: Statement, indent: string): string {
  return indent + bare(statement, indent);
}

function block(body: readonly Statement[], indent: string): string {
  if (body.length === 0) return "{}";
  return `{\n${body.map((statement) => `${printStatement(statement, `${indent}  `)}\n`).join("")}${indent}}`;
}

function bare(statement: Statement, indent: string): string {
  switch (statement.kind) {
    case "bind":
      return list("bind", `$${statement.name.text}`, statement.type && type(statement.type), expr(statement.value));
    case "panic":
      return list("panic", ...statement.args.items.map(expr));
    case "collect":
      return list("collect", bare(statement.resource, indent));
    case "resource": {
      const items = statement.items.map((item) => `\n${indent}  ${resourceItem(item)}`);
      return `(resource ${statement.type.text} ${expr(statement.name)}${items.join("")})`;
    }
    case "edge":
      return list("edge", ...statement.halves.map(edgeHalf));
    case "if":
      return list(
        "if",
        expr(statement.condition),
        block(statement.then.body, indent),
        statement.otherwise && `else ${block(statement.otherwise.body, indent)}`,
      );
    case "for":
      return list(
        "for",
        variable(statement.index),
        variable(statement.value),
        expr(statement.list),
        block(statement.body.body, indent),
      );
    case "forkv":
      return list(
        "forkv",
        variable(statement.key),
        variable(statement.value),
        expr(statement.map),
        block(statement.body.body, indent),
      );
    case "func":
      return list(
        "func",
        statement.name.text,
        parameters(statement.params),
        result(statement.result),
        expr(statement.body),
      );
    case "class":
      return list(
        "class",
        statement.name.text,
        statement.params && parameters(statement.params),
        block(statement.body.body, indent),
      );
    case "include":
      return list(
        "include",
        statement.name.text,
        statement.args && `(${statement.args.items.map(expr).join(" ")})`,
        statement.alias && `as ${statement.alias.text}`,
      );
    case "import":
      return list("import", JSON.stringify(statement.path.text), statement.alias && `as ${statement.alias.text}`);
  }
}

function resourceItem(item: ResourceItem): string {
  const condition = item.condition && `when ${expr(item.condition)}`;
  switch (item.kind) {
    case "field":
      return list("field", item.name.text, condition, expr(item.value));
    case "edge":
      return list(`edge:${item.relation.text}`, condition, edgeHalf(item.target));
    case "meta":
      return list(`meta:${item.name.text}`, condition, expr(item.value));
    case "meta-struct":
      return list("meta", condition, expr(item.value));
  }
}

function edgeHalf(half: { readonly type: Name; readonly name: Expression; readonly field?: Name }): string {
  return `${half.type.text}[${expr(half.name)}]${half.field === undefined ? "" : `.${half.field.text}`}`;
}

export function expr(expression: Expression): string {
  switch (expression.kind) {
    case "bool":
      return String(expression.value);
    case "string":
      return JSON.stringify(expression.raw);
    case "int":
      return expression.value.toString();
    case "float":
      return `${Object.is(expression.value, -0) ? "-0" : expression.value}f`;
    case "list":
      return list("list", ...expression.items.map(expr));
    case "map":
      return list("map", ...expression.entries.map(({ key, value }) => `[${expr(key)} ${expr(value)}]`));
    case "struct":
      return list("struct", ...expression.fields.map(({ name, value }) => `[${name.text} ${expr(value)}]`));
    case "variable":
      return `$${expression.name.text}`;
    case "call": {
      const { callee, args } = expression;
      const called =
        callee.kind === "lambda"
          ? expr(callee)
          : callee.kind === "variable"
            ? `$${callee.name.text}`
            : callee.name.text;
      return list("call", called, ...args.items.map(expr));
    }
    case "lambda":
      return list("lambda", parameters(expression.params), result(expression.result), expr(expression.body));
    case "if-expression":
      return list("if", expr(expression.condition), expr(expression.then), expr(expression.otherwise));
    case "parenthesized":
      return list("paren", expr(expression.inner));
    case "binary":
      return list(expression.operator, expr(expression.left), expr(expression.right));
    case "not":
      return list("not", expr(expression.operand));
    case "lookup":
      return list("lookup", expr(expression.container), expr(expression.key));
    case "field-lookup":
      return list(
        "->",
        expr(expression.struct),
        expression.field.text,
        expression.fallback && `or ${expr(expression.fallback)}`,
      );
    case "except":
      return list("<|>", expr(expression.main), expr(expression.fallback));
  }
}

function parameters({ items }: Parameters): string {
  return `(${items.map((item) => variable(item.name) + (item.type === undefined ? "" : `:${type(item.type)}`)).join(" ")})`;
}

function variable(name: Name): string {
  return `$${name.text}`;
}

function result(node: TypeNode | undefined): string | undefined {
  return node && `:${type(node)}`;
}

function type(node: TypeNode): string {
  switch (node.kind) {
    case "name":
      return node.name;
    case "list":
      return list("list-of", type(node.element));
    case "map":
      return list("map-of", type(node.key), type(node.value));
    case "struct":
      return list("struct-of", ...node.fields.map((field) => `[${field.name.text} ${type(field.type)}]`));
    case "func":
      return list(
        "func-of",
        ...node.params.map((param) => (param.name ? `${variable(param.name)}:${type(param.type)}` : type(param.type))),
        `:${type(node.result)}`,
      );
  }
}

function list(...parts: readonly (string | undefined)[]): string {
  return `(${parts.filter((part) => part !== undefined).join(" ")})`;
}
