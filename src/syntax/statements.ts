// SPDX-License-Identifier: Apache-2.0
// Statements and the blocks they stand in. Language: mcl reference, sections 2.1 and 4.

import { checkAnnotation } from "./annotations.ts";
import { expectExpression, startsExpression } from "./expressions.ts";
import { parseArguments, parseFunction, parseParameters } from "./functions.ts";
import { assigningOperator, capitalBind, hintForStatementWord, hyphenatedVariable } from "./habits.ts";
import { expectColonName, expectDottedName, expectName, expectVariable } from "./names.ts";
import {
  bindOfDottedName,
  elseIf,
  elseOnOwnLine,
  foreignWord,
  hyphenInName,
  loopVariableType,
  missingDollar,
  missingFinalNewline,
  nothingToClose,
  reservedWord,
  semicolon,
  statementNeedsOwnLine,
  twoEqualsInBind,
  valueAsStatement,
  variableChanged,
} from "./problems.ts";
import { levelOf, levels } from "./operators.ts";
import type { TokenReader } from "./reader.ts";
import { parseEdge, parseResource } from "./resources.ts";
import { isReservedWord, type TokenKind } from "./tokens.ts";
import type {
  Bind,
  Block,
  Class,
  Collect,
  Edge,
  For,
  ForKv,
  FunctionStatement,
  If,
  Import,
  Include,
  Name,
  Panic,
  Statement,
} from "./tree.ts";
import { startsType, tryType, typeHint } from "./types.ts";

/** Statements up to the bracket that closes the block, or up to the end of the file. */
export function parseStatements(reader: TokenReader, where: "file" | "block"): readonly Statement[] {
  const statements: Statement[] = [];
  while (!reader.isLost) {
    reader.skipNewlines();
    if (reader.at("end") || (where === "block" && reader.at("}"))) break;
    const mark = reader.mark();
    const statement = parseStatement(reader);
    endStatement(reader, where);
    if (reader.isLost) {
      reader.recover(mark);
      if (where === "file") reader.tryToken("}");
    } else {
      statements.push(statement);
    }
  }
  return statements;
}

/** Every statement, the last one too, is ended by a line break. */
function endStatement(reader: TokenReader, where: "file" | "block"): void {
  if (reader.tryToken("newline")) return;
  if (reader.at("end")) {
    if (where === "file") reader.report(missingFinalNewline, reader.here, undefined);
  } else if (where === "block" && reader.at("}")) {
    reader.report(statementNeedsOwnLine, reader.here, undefined);
  } else if (reader.at(";")) {
    reader.report(semicolon, reader.here, undefined);
    reader.advance();
  } else if (reader.at("name") && /^els?e?if$/.test(reader.text)) {
    reader.fail(elseIf, reader.here, { written: reader.text });
  } else {
    const hint = reader.at("?:") ? conditionHint : "Every statement stands on a line of its own.";
    reader.unexpected("the end of the line", hint);
  }
}

const conditionHint = "Only a field of a resource has a condition; elsewhere write `if $condition { 1 } else { 2 }`.";

function parseBlock(reader: TokenReader, hint: string | (() => string)): Block {
  const opener = reader.here;
  const outside = reader.enter();
  reader.expectToken("{", "`{`", reader.at("=") ? "To compare, write `==`." : hint);
  const body = parseStatements(reader, "block");
  if (reader.at("end")) reader.neverClosed(opener, "}");
  reader.expectToken("}", "`}`");
  reader.closed(opener);
  reader.leave(outside);
  return { at: reader.spanFrom(opener.start), body };
}

function parseStatement(reader: TokenReader): Statement {
  const { start } = reader;
  switch (reader.kind) {
    case "$":
      return parseBind(reader, start);
    case "name":
      return parseNamed(reader);
    case "capitalised":
      return parseCapitalised(reader, start);
    case "if":
      return parseIf(reader, start);
    case "for":
      return parseFor(reader, start);
    case "forkv":
      return parseForKv(reader, start);
    case "func":
      return parseFunctionStatement(reader, start);
    case "class":
      return parseClass(reader, start);
    case "include":
      return parseInclude(reader, start);
    case "import":
      return parseImport(reader, start);
    case "panic":
      return parsePanic(reader, start);
    case "collect":
      return parseCollect(reader, start);
    default:
      failAtStatement(reader);
      return nothing(reader);
  }
}

/** Stands for a statement that is no statement; the reader is lost, so nobody will see it. */
function nothing(reader: TokenReader): Edge {
  return { kind: "edge", at: reader.here, halves: [] };
}

function failAtStatement(reader: TokenReader): void {
  if (reader.at("}")) reader.fail(nothingToClose, reader.here, { bracket: reader.text });
  else if (reader.at("else")) reader.fail(elseOnOwnLine, reader.here, undefined);
  else if (reader.at("map") && reader.nextKind !== "." && reader.nextKind !== "(") {
    reader.fail(reservedWord, reader.here, { word: reader.text, expected: "a statement" });
  } else if (levelOf(reader.kind) !== levels.none && !isReservedWord(reader.kind)) {
    reader.unexpected(
      "a statement",
      reader.source.text.slice(0, reader.start).trim() === "" ? firstStatementHint : operatorHint,
    );
  } else if (startsExpression(reader.kind)) reader.fail(valueAsStatement, reader.here, undefined);
  else if (isReservedWord(reader.kind)) {
    reader.fail(reservedWord, reader.here, { word: reader.text, expected: "a statement" });
  } else reader.unexpected("a statement");
}

const operatorHint = "A statement ends with its line and cannot go on with an operator in the next.";
const firstStatementHint = 'A program is made of statements such as `$name = value` and `file "/etc/motd" {`.';

// ---- One function for each statement, called at its first token ----

/** `$name type = value` */
function parseBind(reader: TokenReader, start: number): Bind | Edge {
  const name = expectVariable(reader, "the name of a variable");
  if (reader.at(".")) {
    reader.fail(bindOfDottedName, reader.here, undefined);
  } else if (endsValue(reader.kind)) {
    failAtBind(reader, start, name.text);
  } else if (!reader.at("=") && !reader.at("==") && !startsType(reader.kind)) {
    reader.unexpected("`=`, or a type and `=`", typeHint(reader));
  }
  const type = tryType(reader);
  if (reader.at("==")) {
    reader.report(twoEqualsInBind, reader.here, { name: name.text });
    reader.advance();
  } else {
    reader.expectToken("=", "`=`", () => `A variable is bound with \`$${name.text} = value\`.`);
  }
  const value = expectExpression(reader);
  if (type !== undefined) checkAnnotation(reader, type, value);
  const at = reader.spanFrom(start);
  return type === undefined ? { kind: "bind", at, name, value } : { kind: "bind", at, name, type, value };
}

function failAtBind(reader: TokenReader, start: number, name: string): void {
  const { text } = reader.source;
  const hyphenated = hyphenatedVariable(text, start);
  const operator = assigningOperator(text, reader.start);
  if (hyphenated !== undefined) {
    const at = { file: reader.source, start, end: start + hyphenated.length };
    reader.fail(hyphenInName, at, { name: hyphenated });
  } else if (operator !== undefined) {
    const at = { file: reader.source, start: reader.start, end: reader.start + operator.length };
    reader.fail(variableChanged, at, { name });
  } else {
    reader.fail(valueAsStatement, reader.spanFrom(start), undefined);
  }
}

/** Whether the variable before was meant as a value: it is called, calculated with, or stands alone. */
function endsValue(kind: TokenKind): boolean {
  if (kind === "==") return false;
  return kind === "newline" || kind === "end" || kind === "(" || kind === "->" || levelOf(kind) !== levels.none;
}

/** A resource; or something else that begins with a plain word, and is wrong. */
function parseNamed(reader: TokenReader): Statement {
  const next = reader.nextKind;
  if (next === "=" || next === "==") reader.fail(missingDollar, reader.here, { name: reader.text });
  if (next === ".") reader.fail(valueAsStatement, reader.here, undefined);
  const { here: at, text: word, problemCount } = reader;
  const resource = parseResource(reader);
  const hint = hintForStatementWord(word);
  if (hint !== undefined) reader.explain(problemCount, foreignWord, at, { word, hint });
  return resource;
}

/** An edge; or a variable in the way of a shell. */
function parseCapitalised(reader: TokenReader, start: number): Edge {
  const bind = capitalBind(reader.source.text, start);
  if (bind === undefined) return parseEdge(reader);
  reader.fail(missingDollar, { file: reader.source, start, end: start + bind.word.length }, { name: bind.name });
  return nothing(reader);
}

/** `panic(args)` */
function parsePanic(reader: TokenReader, start: number): Panic {
  reader.advance();
  const args = parseArguments(reader);
  return { kind: "panic", at: reader.spanFrom(start), args };
}

/** `collect kind name { … }` */
function parseCollect(reader: TokenReader, start: number): Collect {
  reader.advance();
  const resource = parseResource(reader);
  return { kind: "collect", at: reader.spanFrom(start), resource };
}

/** `if condition { … } else { … }` */
function parseIf(reader: TokenReader, start: number): If {
  reader.advance();
  const condition = expectExpression(reader);
  const then = parseBlock(reader, "An `if` is written `if condition {`, with the brace on the same line.");
  if (!reader.tryToken("else")) return { kind: "if", at: reader.spanFrom(start), condition, then };
  if (reader.at("if")) {
    reader.report(elseIf, reader.here, { written: "if" });
    const inner = parseIf(reader, reader.start);
    const otherwise = { at: inner.at, body: [inner] };
    return { kind: "if", at: reader.spanFrom(start), condition, then, otherwise };
  }
  const otherwise = parseBlock(reader, "The other branch is written `} else {`, with the brace on the same line.");
  return { kind: "if", at: reader.spanFrom(start), condition, then, otherwise };
}

/** `for $index, $value in list { … }` */
function parseFor(reader: TokenReader, start: number): For {
  const { first: index, second: value, source: list, body } = parseLoop(reader, "for $index, $value in $list {");
  return { kind: "for", at: reader.spanFrom(start), index, value, list, body };
}

/** `forkv $key, $value in map { … }` */
function parseForKv(reader: TokenReader, start: number): ForKv {
  const { first: key, second: value, source: map, body } = parseLoop(reader, "forkv $key, $value in $map {");
  return { kind: "forkv", at: reader.spanFrom(start), key, value, map, body };
}

function parseLoop(reader: TokenReader, form: string) {
  reader.advance();
  const hint = `The loop is written \`${form}\`; both variables are needed.`;
  const first = expectLoopVariable(reader, hint);
  reader.expectToken(",", "`,` and a second variable", hint);
  const second = expectLoopVariable(reader, hint);
  reader.expectToken("in", "`in`", hint);
  const source = expectExpression(reader);
  const body = parseBlock(reader, hint);
  return { first, second, source, body };
}

function expectLoopVariable(reader: TokenReader, hint: string): Name {
  const name = expectVariable(reader, "the name of a variable", hint);
  if (startsType(reader.kind)) reader.fail(loopVariableType, reader.here, { name: name.text });
  return name;
}

/** `func name(params) result { body }` */
function parseFunctionStatement(reader: TokenReader, start: number): FunctionStatement {
  reader.advance();
  if (reader.at("(")) reader.fail(valueAsStatement, reader.previous, undefined);
  const name = expectName(reader, "the name of the function");
  const rest = parseFunction(reader);
  return { kind: "func", at: reader.spanFrom(start), name, ...rest };
}

/** `class name(params) { … }` */
function parseClass(reader: TokenReader, start: number): Class {
  reader.advance();
  const name = expectColonName(reader, "the name of the class");
  const params = reader.at("(") ? parseParameters(reader) : undefined;
  const hint = (): string =>
    reader.at(".")
      ? "A class inside a class is named with a colon: `class outer:inner {`."
      : `A class is written \`class ${name.text} {\` or \`class ${name.text}($parameter) {\`.`;
  const body = parseBlock(reader, hint);
  const at = reader.spanFrom(start);
  return params === undefined ? { kind: "class", at, name, body } : { kind: "class", at, name, params, body };
}

/** `include name(args) as alias` */
function parseInclude(reader: TokenReader, start: number): Include {
  reader.advance();
  const name = expectDottedName(reader, "the name of a class");
  if (reader.at(":"))
    reader.unexpected("the end of the line", "A class inside another is included with a dot: `outer.inner`.");
  const args = reader.at("(") ? parseArguments(reader) : undefined;
  const alias = tryAlias(reader);
  return {
    kind: "include",
    at: reader.spanFrom(start),
    name,
    ...(args === undefined ? {} : { args }),
    ...(alias === undefined ? {} : { alias }),
  };
}

/** `import "path" as alias` */
function parseImport(reader: TokenReader, start: number): Import {
  reader.advance();
  const at = reader.here;
  const path: Name = { at, text: reader.text.slice(1, -1) };
  reader.expectToken("text", "a path in quotes", 'An import is written `import "fmt"` or `import "path" as name`.');
  const alias = tryAlias(reader, "*");
  const rest = { kind: "import", at: reader.spanFrom(start), path } as const;
  return alias === undefined ? rest : { ...rest, alias };
}

/** `as name` */
function tryAlias(reader: TokenReader, star?: "*"): Name | undefined {
  if (!reader.tryToken("as")) return undefined;
  if (star === undefined || !reader.at(star)) return expectName(reader, "the name to use here");
  const { here } = reader;
  reader.advance();
  return { at: here, text: "*" };
}
