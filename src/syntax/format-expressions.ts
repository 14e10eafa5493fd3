// SPDX-License-Identifier: Apache-2.0
// How expressions, bracketed lists and types are laid out.

import type { Span } from "../base/span.ts";
import type { FormatWriter } from "./format-writer.ts";
import type {
  Arguments,
  Expression,
  Lambda,
  MapLiteral,
  Parameter,
  Parameters,
  StructLiteral,
  TypeNode,
} from "./tree.ts";

export function formatExpression(writer: FormatWriter, expression: Expression, depth: number): void {
  writeExpression(writer, expression, depth);
  writer.write("", expression.at.end);
}

function writeExpression(writer: FormatWriter, expression: Expression, depth: number): void {
  switch (expression.kind) {
    case "bool":
      return writer.write(String(expression.value));
    case "string":
      return writer.write(`"${expression.raw}"`);
    case "int":
      return writer.write(expression.value.toString());
    case "float":
      return writer.write(renderFloat(expression.value));
    case "list":
      return formatElements(writer, expression.items, brackets(expression.at, "[]"), depth, formatExpression);
    case "map":
      return formatElements(writer, expression.entries, brackets(expression.at, "{}"), depth, formatEntry);
    case "struct":
      writer.write("struct");
      return formatElements(writer, expression.fields, brackets(expression.at, "{}"), depth, formatField);
    case "variable":
      return writer.write(`$${expression.name.text}`);
    case "call":
      if (expression.callee.kind === "lambda") formatExpression(writer, expression.callee, depth);
      else writer.write(`${expression.callee.kind === "variable" ? "$" : ""}${expression.callee.name.text}`);
      return formatArguments(writer, expression.args, depth);
    case "lambda":
      writer.write("func");
      return formatFunction(writer, expression, depth);
    case "if-expression": {
      const { condition, then, otherwise, thenAt, otherwiseAt } = expression;
      const hasComment = writer.hasComment(thenAt) || writer.hasComment(otherwiseAt);
      const isOneLine = !hasComment && !writer.hasLineBreak(thenAt.start, then.at.start);
      writer.write("if ");
      formatExpression(writer, condition, depth);
      writer.write(" ");
      formatBraced(writer, then, thenAt, depth, isOneLine);
      writer.write(" else ");
      return formatBraced(writer, otherwise, otherwiseAt, depth, isOneLine);
    }
    case "parenthesized":
      writer.write("(");
      formatExpression(writer, expression.inner, depth);
      return writer.write(")");
    case "binary":
      return formatPair(writer, expression.left, ` ${expression.operator} `, expression.right, depth);
    case "except":
      return formatPair(writer, expression.main, " <|> ", expression.fallback, depth);
    case "not":
      writer.write("not ");
      return formatExpression(writer, expression.operand, depth);
    case "lookup":
      formatExpression(writer, expression.container, depth);
      writer.write("[");
      formatExpression(writer, expression.key, depth);
      return writer.write("]");
    case "field-lookup":
      formatExpression(writer, expression.struct, depth);
      writer.write(`->${expression.field.text}`);
      if (expression.fallback === undefined) return;
      writer.write(" <|> ");
      return formatExpression(writer, expression.fallback, depth);
  }
}

function formatPair(writer: FormatWriter, left: Expression, between: string, right: Expression, depth: number): void {
  formatExpression(writer, left, depth);
  writer.write(between);
  formatExpression(writer, right, depth);
}

// ---- Functions ----

/** What follows `func` or `func name`. */
export function formatFunction(
  writer: FormatWriter,
  { params, result, body, bodyAt }: Pick<Lambda, "params" | "result" | "body" | "bodyAt">,
  depth: number,
): void {
  formatParameters(writer, params, depth);
  writer.write(result === undefined ? " " : ` ${renderType(result)} `);
  const isOneLine = !writer.hasComment(bodyAt) && !writer.hasLineBreak(bodyAt.start, body.at.start);
  formatBraced(writer, body, bodyAt, depth, isOneLine);
}

/** `{ value }`, or the value on a line of its own. */
function formatBraced(writer: FormatWriter, value: Expression, at: Span, depth: number, isOneLine: boolean): void {
  if (isOneLine) {
    writer.write("{ ");
    formatExpression(writer, value, depth);
    writer.write(" }", at.end);
    return;
  }
  writer.write("{", at.start + 1);
  writer.breakLine(value.at.start, depth + 1);
  formatExpression(writer, value, depth + 1);
  writer.breakLine(at.end - 1, depth, depth + 1);
  writer.write("}", at.end);
}

export function formatParameters(writer: FormatWriter, params: Parameters, depth: number): void {
  formatElements(writer, params.items, brackets(params.at, "()"), depth, formatParameter);
}

function formatParameter(writer: FormatWriter, { name, type, at }: Parameter): void {
  writer.write(type === undefined ? `$${name.text}` : `$${name.text} ${renderType(type)}`, at.end);
}

export function formatArguments(writer: FormatWriter, { items, at }: Arguments, depth: number): void {
  formatElements(writer, items, { ...brackets(at, "()"), breaksForComments: false }, depth, formatExpression);
}

// ---- Bracketed lists ----

interface Brackets {
  readonly at: Span;
  readonly open: string;
  readonly close: string;
  /** Whether a comment inside alone is reason enough for one element a line. */
  readonly breaksForComments: boolean;
}

function brackets(at: Span, [open = "", close = ""]: "[]" | "{}" | "()"): Brackets {
  return { at, open, close, breaksForComments: true };
}

type Entry = MapLiteral["entries"][number];
type Field = StructLiteral["fields"][number];
type Element = Expression | Parameter | Entry | Field;

function startOf(element: Element): number {
  if ("at" in element) return element.at.start;
  return "key" in element ? element.key.at.start : element.name.at.start;
}

/** One element a line exactly when the first one began on a new line; never decided by length. */
function formatElements<T extends Element>(
  writer: FormatWriter,
  elements: readonly T[],
  { at, open, close, breaksForComments }: Brackets,
  depth: number,
  formatElement: (writer: FormatWriter, element: T, depth: number) => void,
): void {
  const [first] = elements;
  const isBroken = first !== undefined && writer.hasLineBreak(at.start, startOf(first));
  if (!isBroken && !(breaksForComments && writer.hasComment(at))) {
    writer.write(open);
    for (const [index, element] of elements.entries()) {
      if (index > 0) writer.write(", ");
      formatElement(writer, element, depth);
    }
    writer.write(close, at.end);
    return;
  }
  writer.write(open, at.start + 1);
  for (const element of elements) {
    writer.breakLine(startOf(element), depth + 1);
    formatElement(writer, element, depth + 1);
    writer.write(",");
  }
  writer.breakLine(at.end - 1, depth, depth + 1);
  writer.write(close, at.end);
}

function formatEntry(writer: FormatWriter, { key, value }: Entry, depth: number): void {
  formatExpression(writer, key, depth);
  writer.write(" => ");
  formatExpression(writer, value, depth);
}

function formatField(writer: FormatWriter, { name, value }: Field, depth: number): void {
  writer.write(`${name.text} => `);
  formatExpression(writer, value, depth);
}

// ---- Literals and types ----

/** The shortest decimal that reads back as the same number: no exponent, always a dot. */
function renderFloat(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa = "", exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  const padded = "0".repeat(Math.max(0, 1 - point)) + digits + "0".repeat(Math.max(0, point - digits.length));
  const at = Math.max(1, point);
  return `${sign}${padded.slice(0, at)}.${padded.slice(at) || "0"}`;
}

/** On one line, whatever the author did. */
export function renderType(type: TypeNode): string {
  switch (type.kind) {
    case "name":
      return type.name;
    case "list":
      return `[]${renderType(type.element)}`;
    case "map":
      return `map{${renderType(type.key)}: ${renderType(type.value)}}`;
    case "struct":
      return `struct{${type.fields.map((field) => `${field.name.text} ${renderType(field.type)}`).join("; ")}}`;
    case "func": {
      const params = type.params.map((param) => `${param.name ? `$${param.name.text} ` : ""}${renderType(param.type)}`);
      return `func(${params.join(", ")}) ${renderType(type.result)}`;
    }
  }
}
