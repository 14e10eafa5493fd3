// SPDX-License-Identifier: Apache-2.0
// Types as written: `int`, `[]str`, `map{str: int}`, `struct{a int; b str}`, `func(int, $x str) bool`.

import { parseElements } from "./elements.ts";
import { expectName, expectVariable } from "./names.ts";
import { duplicateParameterName, duplicateStructField, reservedWord } from "./problems.ts";
import type { TokenReader } from "./reader.ts";
import { isReservedWord, type TokenKind } from "./tokens.ts";
import type { Name, TypeNode } from "./tree.ts";

/** A type where one may stand; no plain name may stand there. */
export function tryType(reader: TokenReader): TypeNode | undefined {
  return startsType(reader.kind) || reader.at("name") ? expectType(reader) : undefined;
}

export function expectType(reader: TokenReader): TypeNode {
  const outside = reader.enter();
  const type = parseType(reader);
  reader.leave(outside);
  return type;
}

export function startsType(kind: TokenKind): boolean {
  switch (kind) {
    case "bool":
    case "str":
    case "int":
    case "float":
    case "variant":
    case "[":
    case "map":
    case "struct":
    case "func":
      return true;
    default:
      return false;
  }
}

function parseType(reader: TokenReader): TypeNode {
  const { start, kind } = reader;
  switch (kind) {
    case "bool":
    case "str":
    case "int":
    case "float":
    case "variant":
      reader.advance();
      return { kind: "name", at: reader.spanFrom(start), name: kind };
    case "[": {
      reader.advance();
      reader.expectToken("]", "`]`", "The type of a list is written `[]int`: empty brackets, then the element's type.");
      const element = expectType(reader);
      return { kind: "list", at: reader.spanFrom(start), element };
    }
    case "map":
      return parseMapType(reader, start);
    case "struct":
      return parseStructType(reader, start);
    case "func":
      return parseFunctionType(reader, start);
    default:
      reader.unexpected("a type", typeHint(reader));
      return { kind: "name", at: reader.here, name: "variant" };
  }
}

export function typeHint(reader: TokenReader): string {
  const written = reader.text;
  if (written === "string") return "Text is called `str`.";
  if (written === "boolean") return "True and false are called `bool`.";
  if (reader.at("name") && startsType(reader.nextKind)) return `A name begins with \`$\` here: \`$${written} …\`.`;
  if (reader.at("{")) return "The type of a map is written `map{str: int}`.";
  return "The types are bool, str, int, float, []T, map{K: V}, struct{name T; …} and func(T, …) T.";
}

function parseMapType(reader: TokenReader, start: number): TypeNode {
  reader.advance();
  const hint = "The type of a map is written `map{str: int}`.";
  reader.expectToken("{", "`{`", hint);
  const key = expectType(reader);
  reader.expectToken(":", "`:`", hint);
  const value = expectType(reader);
  reader.expectToken("}", "`}`", hint);
  return { kind: "map", at: reader.spanFrom(start), key, value };
}

function parseStructType(reader: TokenReader, start: number): TypeNode {
  reader.advance();
  const hint = "The type of a struct is written on one line, with `;` between its fields: `struct{name str; age int}`.";
  reader.expectToken("{", "`{`", hint);
  const fields: { readonly name: Name; readonly type: TypeNode }[] = [];
  if (!reader.tryToken("}")) {
    do {
      const name = expectName(reader, "the name of a field", hint);
      const first = fields.find((field) => field.name.text === name.text);
      if (first !== undefined) {
        reader.report(duplicateStructField, name.at, { name: name.text, first: first.name.at });
      }
      fields.push({ name, type: expectType(reader) });
    } while (reader.tryToken(";"));
    reader.expectToken("}", "`;` or `}`", hint);
  }
  return { kind: "struct", at: reader.spanFrom(start), fields };
}

function parseFunctionType(reader: TokenReader, start: number): TypeNode {
  reader.advance();
  const brackets = { open: "(", close: ")", element: "parameter" } as const;
  const params = parseElements(reader, brackets, parseFunctionTypeParameter);
  for (const [index, { name }] of params.entries()) {
    const first = params.slice(0, index).find((param) => param.name !== undefined && param.name.text === name?.text);
    if (name !== undefined && first?.name !== undefined) {
      reader.report(duplicateParameterName, name.at, { name: name.text, first: first.name.at });
    }
  }
  if (!startsType(reader.kind)) {
    if (isReservedWord(reader.kind)) reader.fail(reservedWord, reader.here, { word: reader.text, expected: "a type" });
    reader.unexpected("the type of the result", "The type of a function says what it gives: `func(int) str`.");
  }
  const result = expectType(reader);
  return { kind: "func", at: reader.spanFrom(start), params, result };
}

function parseFunctionTypeParameter(reader: TokenReader): { readonly name?: Name; readonly type: TypeNode } {
  if (!reader.at("$")) return { type: expectType(reader) };
  const name = expectVariable(reader, "the name of a parameter");
  return { name, type: expectType(reader) };
}
