// SPDX-License-Identifier: Apache-2.0
// Expressions: operators by precedence climbing, then what stands between operators.
// Language: mcl reference, sections 2.1 and 2.3.

import type { Span } from "../base/span.ts";
import { type Brackets, parseElements } from "./elements.ts";
import { parseArguments, parseLambda, parseBraced } from "./functions.ts";
import { hintForBareWord, hintForCapitalised } from "./habits.ts";
import { expectDottedName, expectName } from "./names.ts";
import { levelOf, levels } from "./operators.ts";
import {
  bareWord,
  callOfResult,
  capitalisedValue,
  chainedComparison,
  ifNeedsElse,
  lineEndsTooEarly,
  noUnaryMinus,
  reservedWord,
} from "./problems.ts";
import type { TokenReader } from "./reader.ts";
import { isReservedWord, type TokenKind } from "./tokens.ts";
import type { BinaryOperator, Call, Expression, MapLiteral, StructLiteral } from "./tree.ts";

export function expectExpression(reader: TokenReader): Expression {
  return expectOperands(reader, levels.except);
}

/** Whether a value can begin so. */
export function startsExpression(kind: TokenKind): boolean {
  switch (kind) {
    case "true":
    case "false":
    case "text":
    case "integer":
    case "decimal":
    case "[":
    case "{":
    case "(":
    case "struct":
    case "$":
    case "not":
    case "if":
    case "func":
    case "name":
    case "map":
    case "collect":
      return true;
    default:
      return false;
  }
}

/** Operands joined by operators that bind at least as tightly as `level`. */
function expectOperands(reader: TokenReader, level: number): Expression {
  const outside = reader.enter();
  const start = reader.start;
  let left = expectOperand(reader);
  for (;;) {
    const operator = reader.kind;
    const own = levelOf(operator);
    if (own < level || own === levels.none) break;
    const operatorAt = reader.here;
    if (own === levels.comparison && left.kind === "binary" && levelOf(left.operator) === levels.comparison) {
      reader.report(chainedComparison, operatorAt, { first: left.operatorAt, second: reader.text });
    }
    reader.advance();
    reader.wrap();
    const right = expectOperands(reader, own + 1);
    const at = reader.spanFrom(start);
    left =
      operator === "<|>"
        ? { kind: "except", at, main: left, fallback: right }
        : { kind: "binary", at, operator: binaryOperator(operator), operatorAt, left, right };
  }
  reader.leave(outside);
  return left;
}

function binaryOperator(kind: TokenKind): BinaryOperator {
  switch (kind) {
    case "or":
    case "and":
    case "<":
    case ">":
    case "<=":
    case ">=":
    case "==":
    case "!=":
    case "in":
    case "+":
    case "-":
    case "*":
    case "/":
      return kind;
    default:
      return "or";
  }
}

/** `not` binds tighter than every operator between two values, and looser than a lookup. */
function expectOperand(reader: TokenReader): Expression {
  if (!reader.at("not")) return expectLookups(reader);
  const { start } = reader;
  const outside = reader.enter();
  reader.advance();
  const operand = expectOperand(reader);
  reader.leave(outside);
  return { kind: "not", at: reader.spanFrom(start), operand };
}

/** A value and the lookups behind it. */
function expectLookups(reader: TokenReader): Expression {
  const { start } = reader;
  let value = expectValue(reader);
  for (;;) {
    if (reader.at("[")) {
      reader.advance();
      reader.wrap();
      const key = expectExpression(reader);
      reader.expectToken("]", "`]`");
      value = { kind: "lookup", at: reader.spanFrom(start), container: value, key };
    } else if (reader.at("->")) {
      reader.advance();
      reader.wrap();
      const field = expectName(reader, "the name of a field");
      // Here `<|>` belongs to the lookup, however loosely it binds elsewhere.
      const fallback = reader.tryToken("<|>") ? expectOperands(reader, levels.or) : undefined;
      const lookup = { kind: "field-lookup", at: reader.spanFrom(start), struct: value, field } as const;
      value = fallback === undefined ? lookup : { ...lookup, fallback };
    } else {
      // What a call or a lookup gives cannot be called: the language wants it in a variable first.
      if (reader.at("(")) reader.fail(callOfResult, reader.here, { called: value.at });
      return value;
    }
  }
}

function expectValue(reader: TokenReader): Expression {
  const { start, kind } = reader;
  switch (kind) {
    case "true":
    case "false":
      reader.advance();
      return { kind: "bool", at: reader.spanFrom(start), value: kind === "true" };
    case "text": {
      const raw = reader.text.slice(1, -1);
      reader.advance();
      return { kind: "string", at: reader.spanFrom(start), raw };
    }
    case "integer": {
      const value = BigInt(reader.text);
      reader.advance();
      return { kind: "int", at: reader.spanFrom(start), value };
    }
    case "decimal": {
      const value = Number(reader.text);
      reader.advance();
      return { kind: "float", at: reader.spanFrom(start), value };
    }
    case "[": {
      const items = parseElements(reader, listBrackets, expectExpression);
      return { kind: "list", at: reader.spanFrom(start), items };
    }
    case "{": {
      const entries = parseElements(reader, mapBrackets, expectEntry);
      return { kind: "map", at: reader.spanFrom(start), entries };
    }
    case "struct":
      return parseStruct(reader, start);
    case "(":
      return parseParenthesized(reader, start);
    case "$":
      return parseVariable(reader, start);
    case "func":
      return parseLambdaOrCall(reader, start);
    case "if":
      return parseIf(reader, start);
    case "name":
    case "map":
    case "collect":
      return parseNamedCall(reader, start);
    default:
      failAtValue(reader);
      return { kind: "bool", at: reader.here, value: false };
  }
}

const listBrackets: Brackets = { open: "[", close: "]", element: "element" };
const mapBrackets: Brackets = { open: "{", close: "}", element: "entry" };
const structBrackets: Brackets = { open: "{", close: "}", element: "field" };

function expectEntry(reader: TokenReader): MapLiteral["entries"][number] {
  const key = expectExpression(reader);
  const hint = "An entry of a map is written `key => value`.";
  reader.expectToken("=>", "`=>`", hint);
  return { key, value: expectExpression(reader) };
}

function parseStruct(reader: TokenReader, start: number): Expression {
  reader.advance();
  const fields = parseElements(reader, structBrackets, expectStructField);
  return { kind: "struct", at: reader.spanFrom(start), fields };
}

function expectStructField(reader: TokenReader): StructLiteral["fields"][number] {
  const hint = "A field of a struct is written `name => value`.";
  const name = expectName(reader, "the name of a field", hint);
  reader.expectToken("=>", "`=>`", hint);
  return { name, value: expectExpression(reader) };
}

function parseParenthesized(reader: TokenReader, start: number): Expression {
  reader.advance();
  const inner = expectExpression(reader);
  reader.expectToken(")", "`)`", reader.at("newline") ? "Keep all between `(` and `)` on one line." : undefined);
  return { kind: "parenthesized", at: reader.spanFrom(start), inner };
}

function parseVariable(reader: TokenReader, start: number): Expression {
  reader.advance();
  const name = expectDottedName(reader, "the name of a variable");
  const at = reader.spanFrom(start);
  if (!reader.at("(")) return { kind: "variable", at, name };
  return parseCall(reader, { kind: "variable", at, name });
}

function parseNamedCall(reader: TokenReader, start: number): Expression {
  const name = expectDottedName(reader, "the name of a function");
  const at = reader.spanFrom(start);
  if (!reader.at("(")) failAtBareWord(reader, at, name.text);
  return parseCall(reader, { kind: "function", at, name });
}

function failAtBareWord(reader: TokenReader, at: Span, word: string): void {
  const hint = hintForBareWord(reader.source.text, at.start, at.end);
  reader.fail(bareWord, at, { word, isDotted: word.includes("."), hint });
}

function parseLambdaOrCall(reader: TokenReader, start: number): Expression {
  const lambda = parseLambda(reader, start);
  return reader.at("(") ? parseCall(reader, lambda) : lambda;
}

function parseCall(reader: TokenReader, callee: Call["callee"]): Expression {
  const args = parseArguments(reader);
  return { kind: "call", at: reader.spanFrom(callee.at.start), callee, args };
}

function parseIf(reader: TokenReader, start: number): Expression {
  reader.advance();
  const condition = expectExpression(reader);
  const then = parseBraced(reader, "branch");
  if (!reader.at("else")) reader.fail(ifNeedsElse, reader.here, { isNextLine: reader.nextKind === "else" });
  reader.advance();
  const otherwise = parseBraced(reader, "branch");
  return {
    kind: "if-expression",
    at: reader.spanFrom(start),
    condition,
    then: then.value,
    otherwise: otherwise.value,
    thenAt: then.at,
    otherwiseAt: otherwise.at,
  };
}

/** No value begins here. */
function failAtValue(reader: TokenReader): void {
  const next = reader.nextKind;
  if (reader.at("newline") || reader.at("end")) {
    reader.fail(lineEndsTooEarly, reader.here, { after: reader.previousKind });
  } else if (reader.at("-") && (next === "$" || next === "(" || next === "name")) {
    reader.fail(noUnaryMinus, reader.here, undefined);
  } else if (reader.at("capitalised")) {
    const word = reader.text;
    reader.fail(capitalisedValue, reader.here, {
      word,
      hint: hintForCapitalised(reader.source.text, reader.start, word),
    });
  } else if (isReservedWord(reader.kind)) {
    reader.fail(reservedWord, reader.here, { word: reader.text, expected: "a value" });
  } else {
    reader.unexpected("a value", valueHint(reader));
  }
}

function valueHint(reader: TokenReader): string | undefined {
  if (reader.at("-")) return "The minus sign of a number stands right before its digits.";
  if (reader.at(".") && reader.nextKind === "integer") return "A float has digits on both sides of its dot: `0.5`.";
  return undefined;
}
