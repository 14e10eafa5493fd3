// SPDX-License-Identifier: Apache-2.0
// The law of commas and line breaks, once for all bracketed lists: values, entries, fields, arguments, parameters.
//
//     [1, 2]          on one line: no comma behind the last element
//     [               or one element a line: a comma behind every element
//         1,
//         2,
//     ]
//
// Breaking this law leaves no doubt about what was meant, so it is reported and parsing goes on.

import type { Span } from "../base/span.ts";
import { elementNeedsOwnLine, extraComma, lineBreakInList, missingComma } from "./problems.ts";
import type { TokenReader } from "./reader.ts";
import { startsStatement, type TokenKind } from "./tokens.ts";

export interface Brackets {
  readonly open: "[" | "{" | "(";
  readonly close: "]" | "}" | ")";
  /** One element in the user's words: "argument". */
  readonly element: string;
}

/** From the opening bracket, which must be the current token, to behind the closing one. */
export function parseElements<T>(
  reader: TokenReader,
  brackets: Brackets,
  parseElement: (reader: TokenReader) => T,
  hint?: string,
): readonly T[] {
  const { close, element } = brackets;
  const opener = reader.here;
  reader.expectToken(brackets.open, bracketNames[brackets.open]);
  const elements: T[] = [];
  const isMultiline = reader.at("newline");
  // Told once a list, and only when its closing bracket is found: else that one is what is missing.
  let misplaced: { readonly definition: typeof lineBreakInList; readonly at: Span } | undefined;

  while (!reader.isLost) {
    if (reader.at("newline") && !isMultiline) misplaced ??= { definition: lineBreakInList, at: reader.here };
    reader.skipNewlines();
    if (reader.tryToken(close)) {
      if (misplaced !== undefined) reader.report(misplaced.definition, misplaced.at, { ...brackets, opener });
      return elements;
    }
    if (isForeignEnd(reader.kind, close) || isNextStatement(reader, opener, misplaced !== undefined)) {
      reader.neverClosed(opener, close);
      break;
    }
    elements.push(parseElement(reader));
    if (reader.at(",")) {
      const comma = reader.here;
      reader.advance();
      if (reader.at(close) && !isMultiline) {
        if (misplaced === undefined) reader.report(extraComma, comma, brackets);
      } else if (isMultiline && !reader.at("newline") && !reader.isLost) {
        misplaced ??= { definition: elementNeedsOwnLine, at: reader.here };
      }
    } else if (isMultiline && (reader.at("newline") || reader.at(close))) {
      const end = reader.previousEnd;
      reader.report(missingComma, { file: reader.source, start: end, end }, { element });
    } else if (!reader.at(close) && !reader.at("newline") && !isForeignEnd(reader.kind, close)) {
      if (reader.at("=")) reader.neverClosed(opener, close);
      reader.unexpected(`a comma or \`${close}\``, hint);
    }
  }
  return elements;
}

const bracketNames = { "[": "`[`", "{": "`{`", "(": "`(`" } as const;

/** A list that was begun on one line goes on behind it with what looks like the next statement. */
function isNextStatement(reader: TokenReader, opener: Span, isBroken: boolean): boolean {
  return isBroken && startsStatement(reader.kind) && reader.isOutside(opener);
}

/** What shows that the closing bracket was forgotten: the end of the file, or a bracket of another pair. */
function isForeignEnd(kind: TokenKind, close: TokenKind): boolean {
  return kind === "end" || (kind !== close && (kind === "}" || kind === ")" || kind === "]"));
}
