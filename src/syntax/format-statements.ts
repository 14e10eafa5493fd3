// SPDX-License-Identifier: Apache-2.0
// How each statement is laid out: one a line, bodies indented by a tab.

import {
  formatArguments,
  formatExpression,
  formatFunction,
  formatParameters,
  renderType,
} from "./format-expressions.ts";
import type { FormatWriter } from "./format-writer.ts";
import type { Block, EdgeHalf, Resource, ResourceItem, Statement } from "./tree.ts";

export function formatStatements(writer: FormatWriter, statements: readonly Statement[], depth: number): void {
  for (const statement of statements) {
    writer.breakLine(statement.at.start, depth);
    formatStatement(writer, statement, depth);
    writer.write("", statement.at.end);
  }
}

function formatBlock(writer: FormatWriter, block: Block, depth: number): void {
  if (block.body.length === 0 && !writer.hasComment(block.at)) {
    writer.write("{}", block.at.end);
    return;
  }
  writer.write("{", block.at.start + 1);
  formatStatements(writer, block.body, depth + 1);
  writer.breakLine(block.at.end - 1, depth, depth + 1);
  writer.write("}", block.at.end);
}

function formatStatement(writer: FormatWriter, statement: Statement, depth: number): void {
  switch (statement.kind) {
    case "bind":
      writer.write(`$${statement.name.text} `);
      if (statement.type !== undefined) writer.write(`${renderType(statement.type)} `);
      writer.write("= ", statement.value.at.start);
      return formatExpression(writer, statement.value, depth);
    case "panic":
      writer.write("panic");
      return formatArguments(writer, statement.args, depth);
    case "collect":
      writer.write("collect ");
      return formatResource(writer, statement.resource, depth);
    case "resource":
      return formatResource(writer, statement, depth);
    case "edge":
      for (const [index, half] of statement.halves.entries()) {
        if (index > 0) writer.write(" -> ");
        formatEdgeHalf(writer, half, depth);
      }
      return;
    case "if":
      writer.write("if ");
      formatExpression(writer, statement.condition, depth);
      writer.write(" ");
      formatBlock(writer, statement.then, depth);
      if (statement.otherwise === undefined) return;
      writer.write(" else ");
      return formatBlock(writer, statement.otherwise, depth);
    case "for":
      writer.write(`for $${statement.index.text}, $${statement.value.text} in `);
      formatExpression(writer, statement.list, depth);
      writer.write(" ");
      return formatBlock(writer, statement.body, depth);
    case "forkv":
      writer.write(`forkv $${statement.key.text}, $${statement.value.text} in `);
      formatExpression(writer, statement.map, depth);
      writer.write(" ");
      return formatBlock(writer, statement.body, depth);
    case "func":
      writer.write(`func ${statement.name.text}`);
      return formatFunction(writer, statement, depth);
    case "class":
      writer.write(`class ${statement.name.text}`);
      if (statement.params !== undefined) formatParameters(writer, statement.params, depth);
      writer.write(" ");
      return formatBlock(writer, statement.body, depth);
    case "include":
      writer.write(`include ${statement.name.text}`);
      if (statement.args !== undefined) formatArguments(writer, statement.args, depth);
      if (statement.alias !== undefined) writer.write(` as ${statement.alias.text}`);
      return;
    case "import":
      writer.write(`import "${statement.path.text}"`);
      if (statement.alias !== undefined) writer.write(` as ${statement.alias.text}`);
      return;
  }
}

// ---- Resources ----

function formatResource(writer: FormatWriter, resource: Resource, depth: number): void {
  writer.write(`${resource.type.text} `);
  formatExpression(writer, resource.name, depth);
  const { items, bodyAt } = resource;
  if (items.length === 0 && !writer.hasComment(bodyAt)) {
    writer.write(" {}", bodyAt.end);
    return;
  }
  writer.write(" {", bodyAt.start + 1);
  for (const item of items) {
    writer.breakLine(item.at.start, depth + 1);
    formatItem(writer, item, depth + 1);
    writer.write(",", item.at.end);
  }
  writer.breakLine(bodyAt.end - 1, depth, depth + 1);
  writer.write("}", bodyAt.end);
}

function formatItem(writer: FormatWriter, item: ResourceItem, depth: number): void {
  writer.write(`${itemKey(item)} => `);
  if (item.condition !== undefined) {
    formatExpression(writer, item.condition, depth);
    writer.write(" ?: ");
  }
  if (item.kind === "edge") formatEdgeHalf(writer, item.target, depth);
  else formatExpression(writer, item.value, depth);
}

function itemKey(item: ResourceItem): string {
  switch (item.kind) {
    case "field":
      return item.name.text;
    case "edge":
      return capitalised(item.relation.text);
    case "meta":
      return `Meta:${item.name.text}`;
    case "meta-struct":
      return "Meta";
  }
}

function formatEdgeHalf(writer: FormatWriter, half: EdgeHalf, depth: number): void {
  writer.write(`${capitalised(half.type.text)}[`);
  formatExpression(writer, half.name, depth);
  writer.write("]");
  if (half.field !== undefined) writer.write(`.${half.field.text}`);
}

/** `http:server` → `Http:Server` */
function capitalised(kind: string): string {
  return kind
    .split(":")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(":");
}
