// SPDX-License-Identifier: Apache-2.0
// What the text is cut into. A token is a kind and a range; its text is read from the source when someone needs it.
// Language: mcl reference, section 1.

import type { SourceFile } from "../base/span.ts";
import type { Comment } from "./tree.ts";

export const reservedWords = [
  ...["if", "else", "and", "or", "not", "in", "for", "forkv", "bool", "str", "int", "float", "map", "struct", "func"],
  ...["class", "include", "import", "as", "variant", "true", "false", "panic", "collect"],
] as const;

export type ReservedWord = (typeof reservedWords)[number];

export type Punctuation =
  | ("{" | "}" | "(" | ")" | "[" | "]" | "?:" | "<|>" | "=>" | "->" | "," | ":" | ";" | "=" | "+" | "-" | "*" | "/")
  | ("==" | "!=" | "<" | ">" | "<=" | ">=" | "." | "$");

export type TokenKind =
  | ReservedWord
  | Punctuation
  | "name"
  /** `Http`: edge halves, `Meta`, `Before`. */
  | "capitalised"
  | "integer"
  | "decimal"
  /** A string with its quotes. */
  | "text"
  | "newline"
  /** Already reported by the lexer. */
  | "unrecognised"
  | "end"
  /** What the reader shows in place of every token between a problem and the next statement. */
  | "lost";

/** All tokens of a file, one array per property: a big file makes hundreds of thousands. The last is `end`. */
export interface Tokens {
  readonly source: SourceFile;
  readonly kinds: readonly TokenKind[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly comments: readonly Comment[];
  /** Where a quote stands that nothing closes. */
  readonly openQuote: number | undefined;
}

const reserved: ReadonlySet<string> = new Set(reservedWords);

export function isReservedWord(kind: string): kind is ReservedWord {
  return reserved.has(kind);
}

/** Whether a statement can begin so. */
export function startsStatement(kind: TokenKind): boolean {
  switch (kind) {
    case "$":
    case "name":
    case "capitalised":
    case "if":
    case "for":
    case "forkv":
    case "func":
    case "class":
    case "include":
    case "import":
    case "panic":
    case "collect":
      return true;
    default:
      return false;
  }
}

/** A token as a message names it: "`in`", "the number 5", "the end of the line". */
export function renderToken(kind: TokenKind, text: string): string {
  switch (kind) {
    case "newline":
      return "the end of the line";
    case "end":
      return "the end of the file";
    case "text":
      return "a string";
    case "integer":
    case "decimal":
      return `the number ${text}`;
    default:
      return `\`${text}\``;
  }
}
