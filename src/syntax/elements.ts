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

import { elementNeedsOwnLine, extraComma, lineBreakInList, missingComma, neverClosed } from "./problems.ts";
import type { TokenReader } from "./reader.ts";
import type { TokenKind } from "./tokens.ts";

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
): readonly T[] {
  const { close, element } = brackets;
  const opener = reader.here;
  reader.expectToken(brackets.open, `\`${brackets.open}\``);
  const elements: T[] = [];
  const isMultiline = reader.at("newline");
  let complained = false;
  const complain = (definition: typeof lineBreakInList): void => {
    if (!complained) reader.report(definition, reader.here, { ...brackets, opener });
    complained = true;
  };

  while (!reader.isLost) {
    if (reader.at("newline") && !isMultiline) complain(lineBreakInList);
    reader.skipNewlines();
    if (reader.tryToken(close)) return elements;
    if (isForeignEnd(reader.kind, close)) {
      reader.fail(neverClosed, opener, { ...brackets, found: reader.here });
      break;
    }
    elements.push(parseElement(reader));
    if (reader.at(",")) {
      const comma = reader.here;
      reader.advance();
      if (reader.at(close) && !isMultiline) {
        if (!complained) reader.report(extraComma, comma, { ...brackets });
      } else if (isMultiline && !reader.at("newline") && !reader.isLost) {
        complain(elementNeedsOwnLine);
      }
    } else if (isMultiline && (reader.at("newline") || reader.at(close))) {
      const end = reader.previousEnd;
      reader.report(missingComma, { file: reader.source, start: end, end }, { element });
    } else if (!reader.at(close) && !reader.at("newline") && !isForeignEnd(reader.kind, close)) {
      reader.unexpected(`a comma or \`${close}\``);
    }
  }
  return elements;
}

/** What shows that the closing bracket was forgotten: the end of the file, or a bracket of another pair. */
function isForeignEnd(kind: TokenKind, close: TokenKind): boolean {
  return kind === "end" || (kind !== close && (kind === "}" || kind === ")" || kind === "]"));
}
