// SPDX-License-Identifier: Apache-2.0
// The parts of functions: parameters, arguments, and the one value between the braces of a body or branch.

import type { Span } from "../base/span.ts";
import { type Brackets, parseElements } from "./elements.ts";
import { expectExpression } from "./expressions.ts";
import { expectVariable } from "./names.ts";
import { noDefaultValues, oneValueInBraces } from "./problems.ts";
import type { TokenReader } from "./reader.ts";
import type { Arguments, Expression, Lambda, Parameter, Parameters } from "./tree.ts";
import { tryType } from "./types.ts";

const argumentBrackets: Brackets = { open: "(", close: ")", element: "argument" };
const parameterBrackets: Brackets = { open: "(", close: ")", element: "parameter" };

export function parseArguments(reader: TokenReader): Arguments {
  const { start } = reader;
  const items = parseElements(reader, argumentBrackets, expectExpression);
  return { at: reader.spanFrom(start), items };
}

export function parseParameters(reader: TokenReader): Parameters {
  const { start } = reader;
  const items = parseElements(reader, parameterBrackets, expectParameter, parameterHint);
  return { at: reader.spanFrom(start), items };
}

const parameterHint = "There is a fixed number of parameters, each written `$name` or `$name type`.";

function expectParameter(reader: TokenReader): Parameter {
  const { start } = reader;
  const name = expectVariable(reader, "the name of a parameter", parameterHint);
  const type = tryType(reader);
  if (reader.at("=")) reader.fail(noDefaultValues, reader.here, { name: name.text });
  const at = reader.spanFrom(start);
  return type === undefined ? { at, name } : { at, name, type };
}

/** `func(params) result { body }`, from the word on. */
export function parseLambda(reader: TokenReader, start: number): Lambda {
  reader.advance();
  return { kind: "lambda", ...parseFunction(reader), at: reader.spanFrom(start) };
}

/** What follows `func` or `func name`. */
export function parseFunction(reader: TokenReader): Pick<Lambda, "params" | "result" | "body" | "bodyAt"> {
  const params = parseParameters(reader);
  const result = tryType(reader);
  const body = parseBraced(reader, "body of a function");
  const rest = { params, body: body.value, bodyAt: body.at };
  return result === undefined ? rest : { ...rest, result };
}

/** `{ value }`, with line breaks allowed just inside the braces. */
export function parseBraced(reader: TokenReader, what: string): { readonly value: Expression; readonly at: Span } {
  const opener = reader.here;
  reader.expectToken("{", "`{`", reader.at("newline") ? "The `{` stands on the same line." : undefined);
  reader.skipNewlines();
  if (reader.at("}")) reader.unexpected("a value", `The ${what} is exactly one value.`);
  const value = expectExpression(reader);
  const isNextLine = reader.at("newline");
  reader.skipNewlines();
  if (reader.at("end")) {
    reader.neverClosed(opener, "}");
  } else if (reader.at("=") || (isNextLine && !reader.at("}"))) {
    reader.fail(oneValueInBraces, reader.here, { what, first: value.at });
  }
  reader.expectToken("}", "`}`");
  return { value, at: reader.spanFrom(opener.start) };
}
