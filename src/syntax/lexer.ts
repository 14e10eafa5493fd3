// SPDX-License-Identifier: Apache-2.0
// Text to tokens in one pass, by the longest match. Knows nothing of statements or expressions.
// Language: mcl reference, section 1.

import type { Problems } from "../base/problem.ts";
import type { SourceFile, Span } from "../base/span.ts";
import {
  carriageReturn,
  floatTooLarge,
  integerTooLarge,
  stringNeverEnds,
  unrecognisedCharacter,
  wrongQuotes,
} from "./problems.ts";
import { type Punctuation, type ReservedWord, reservedWords, type TokenKind, type Tokens } from "./tokens.ts";
import type { Comment } from "./tree.ts";

/** Never fails: what is no token is reported and becomes an `unrecognised` one. */
export function lex(source: SourceFile, problems: Problems): Tokens {
  const lexing: Lexing = {
    source,
    problems,
    kinds: [],
    starts: [],
    ends: [],
    comments: [],
    openQuote: undefined,
    carriageReturns: [],
    unrecognised: [],
  };
  const { text } = source;
  let at = 0;
  while (at < text.length) at = lexToken(lexing, text, at);
  push(lexing, "end", text.length, text.length);
  reportCharacters(lexing);
  return lexing;
}

interface Lexing {
  readonly source: SourceFile;
  readonly problems: Problems;
  readonly kinds: TokenKind[];
  readonly starts: number[];
  readonly ends: number[];
  readonly comments: Comment[];
  openQuote: number | undefined;
  /** Offsets. Reported once at the end: a file from Windows has one on every line. */
  readonly carriageReturns: number[];
  /** Indices of `unrecognised` tokens; neighbours were merged. */
  readonly unrecognised: number[];
}

const code = {
  tab: 0x09,
  newline: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  exclamation: 0x21,
  quote: 0x22,
  hash: 0x23,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  lessThan: 0x3c,
  equals: 0x3d,
  greaterThan: 0x3e,
  question: 0x3f,
  upperA: 0x41,
  upperZ: 0x5a,
  backslash: 0x5c,
  underscore: 0x5f,
  lowerA: 0x61,
  lowerZ: 0x7a,
  bar: 0x7c,
} as const;

/** Punctuation that begins no longer one, by its character code. */
const singles: readonly (Punctuation | undefined)[] = tableByCode([
  "$",
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  ",",
  ":",
  ";",
  "+",
  "*",
  "/",
  ".",
]);

function tableByCode(all: readonly Punctuation[]): readonly (Punctuation | undefined)[] {
  return Array.from({ length: 0x80 }, (_, index) => all.find((one) => one.charCodeAt(0) === index));
}

/** Reserved words by their first letter. */
const wordsByFirst: readonly (readonly ReservedWord[])[] = Array.from({ length: 26 }, (_, index) =>
  reservedWords.filter((word) => word.charCodeAt(0) - code.lowerA === index),
);

/** Reads what starts at `at`; gives the offset behind it. */
function lexToken(lexing: Lexing, text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === code.space || first === code.tab) return at + 1;
  if (isLower(first)) return lexWord(lexing, text, at);
  if (isDigit(first)) return lexNumber(lexing, text, at);
  switch (first) {
    case code.newline:
      return push(lexing, "newline", at, at + 1);
    case code.quote:
      return lexString(lexing, text, at);
    case code.hash:
      return lexComment(lexing, text, at);
    case code.minus:
      if (isDigit(text.charCodeAt(at + 1))) return lexNumber(lexing, text, at);
      break;
    case code.carriageReturn:
      lexing.carriageReturns.push(at);
      return at + 1;
  }
  if (first >= code.upperA && first <= code.upperZ) return push(lexing, "capitalised", at, endOfWord(text, at));
  const punctuation = punctuationAt(text, at, first);
  if (punctuation !== undefined) return push(lexing, punctuation, at, at + punctuation.length);
  return lexUnrecognised(lexing, text, at);
}

function push(lexing: Lexing, kind: TokenKind, start: number, end: number): number {
  lexing.kinds.push(kind);
  lexing.starts.push(start);
  lexing.ends.push(end);
  return end;
}

function lexWord(lexing: Lexing, text: string, start: number): number {
  const end = endOfWord(text, start);
  return push(lexing, reservedWordAt(text, start, end) ?? "name", start, end);
}

/** Compares in place: cutting every name out of the text to look it up is the slowest part of reading. */
function reservedWordAt(text: string, start: number, end: number): ReservedWord | undefined {
  return wordsByFirst[text.charCodeAt(start) - code.lowerA]?.find(
    (word) => word.length === end - start && text.startsWith(word, start),
  );
}

/**
 * Behind the last letter or digit: a word never ends in an underscore.
 *
 *     some_name_ = 1
 *              ^
 */
function endOfWord(text: string, start: number): number {
  let end = start + 1;
  for (let at = end; ; at += 1) {
    const here = text.charCodeAt(at);
    if (isLower(here) || isDigit(here)) end = at + 1;
    else if (here !== code.underscore) return end;
  }
}

/** The minus sign is part of the number, always: `5-3` is two numbers. */
function lexNumber(lexing: Lexing, text: string, start: number): number {
  const whole = endOfDigits(text, start + 1);
  if (text.charCodeAt(whole) === code.dot && isDigit(text.charCodeAt(whole + 1))) {
    const end = endOfDigits(text, whole + 1);
    if (!Number.isFinite(Number(text.slice(start, end))))
      lexing.problems.report(floatTooLarge, span(lexing, start, end), undefined);
    return push(lexing, "decimal", start, end);
  }
  if (whole - start >= digitsAlwaysFitting) {
    const value = BigInt(text.slice(start, whole));
    if (value !== BigInt.asIntN(64, value)) {
      lexing.problems.report(integerTooLarge, span(lexing, start, whole), undefined);
    }
  }
  return push(lexing, "integer", start, whole);
}

/** With fewer characters than this an integer fits into 64 bits whatever they are. */
const digitsAlwaysFitting = 19;

/**
 * The string ends at the first quote that does not follow a backslash, even when that backslash is itself escaped; when
 * the file has no such quote, at the last one that does follow a backslash.
 *
 *     "a \" b"        "c:\\"
 *            ^             ^ only if no other quote follows in the file
 */
function lexString(lexing: Lexing, text: string, start: number): number {
  let escaped = -1;
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    if (text.charCodeAt(at - 1) !== code.backslash) return push(lexing, "text", start, at + 1);
    escaped = at;
  }
  if (escaped !== -1) return push(lexing, "text", start, escaped + 1);
  lexing.openQuote = start;
  lexing.problems.report(stringNeverEnds, span(lexing, start, start + 1), undefined);
  return push(lexing, "unrecognised", start, endOfLine(text, start));
}

function lexComment(lexing: Lexing, text: string, start: number): number {
  const end = endOfLine(text, start);
  lexing.comments.push({ at: span(lexing, start, end), text: text.slice(start + 1, end) });
  return end;
}

function punctuationAt(text: string, at: number, first: number): Punctuation | undefined {
  switch (first) {
    case code.lessThan:
      if (text.charCodeAt(at + 1) === code.bar && text.charCodeAt(at + 2) === code.greaterThan) return "<|>";
      return text.charCodeAt(at + 1) === code.equals ? "<=" : "<";
    case code.greaterThan:
      return text.charCodeAt(at + 1) === code.equals ? ">=" : ">";
    case code.equals:
      if (text.charCodeAt(at + 1) === code.greaterThan) return "=>";
      return text.charCodeAt(at + 1) === code.equals ? "==" : "=";
    case code.minus:
      return text.charCodeAt(at + 1) === code.greaterThan ? "->" : "-";
    case code.exclamation:
      return text.charCodeAt(at + 1) === code.equals ? "!=" : undefined;
    case code.question:
      return text.charCodeAt(at + 1) === code.colon ? "?:" : undefined;
    default:
      return singles[first];
  }
}

function lexUnrecognised(lexing: Lexing, text: string, start: number): number {
  // Not by `codePointAt`: of a text that is a part of a longer one the runtime may take what stands behind its end.
  const isPair = (text.charCodeAt(start) & 0xfc00) === 0xd800 && (text.charCodeAt(start + 1) & 0xfc00) === 0xdc00;
  const end = start + (isPair ? 2 : 1);
  const last = lexing.kinds.length - 1;
  if (lexing.kinds[last] === "unrecognised" && lexing.ends[last] === start) {
    lexing.ends[last] = end;
    return end;
  }
  lexing.unrecognised.push(lexing.kinds.length);
  return push(lexing, "unrecognised", start, end);
}

/** Reports characters that are no token: neighbours as one, carriage returns once a file. */
function reportCharacters(lexing: Lexing): void {
  let told = 0;
  for (const index of lexing.unrecognised) {
    const at = span(lexing, lexing.starts[index] ?? 0, lexing.ends[index] ?? 0);
    const text = lexing.source.text;
    if (at.start < told) continue;
    const quoted = quotedAt(text, at.start);
    if (quoted !== undefined) {
      told = at.start + quoted.length;
      lexing.problems.report(wrongQuotes, span(lexing, at.start, told), { opening: quoted.charAt(0) });
      continue;
    }
    const before = text.charCodeAt(at.start - 1);
    const afterWord = isLower(before) || isDigit(before);
    lexing.problems.report(unrecognisedCharacter, at, { text: text.slice(at.start, at.end), afterWord });
  }
  const [first] = lexing.carriageReturns;
  if (first === undefined) return;
  lexing.problems.report(carriageReturn, span(lexing, first, first + 1), { count: lexing.carriageReturns.length });
}

/** What was meant as a string, in quotes of another sort, up to the next such quote on the line. */
function quotedAt(text: string, start: number): string | undefined {
  const opening = text.charAt(start);
  const closing = closingQuotes[opening];
  if (closing === undefined) return undefined;
  for (let at = start + 1; at < text.length && at < start + longestQuoted; at += 1) {
    const here = text.charAt(at);
    if (here === "\n") return undefined;
    if (closing.includes(here)) return text.slice(start, at + 1);
  }
  return undefined;
}

/** Looking further would cost too much in a file that is one long line of quotes. */
const longestQuoted = 200;

const closingQuotes: Readonly<Record<string, string>> = {
  "'": "'",
  "`": "`",
  "\u201c": "\u201c\u201d",
  "\u201d": "\u201c\u201d",
  "\u201e": "\u201c\u201d",
  "\u2018": "\u2018\u2019",
  "\u2019": "\u2018\u2019",
};

function span(lexing: Lexing, start: number, end: number): Span {
  return { file: lexing.source, start, end };
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at === -1 ? text.length : at;
}

function isDigit(here: number): boolean {
  return here >= code.zero && here <= code.nine;
}

function isLower(here: number): boolean {
  return here >= code.lowerA && here <= code.lowerZ;
}
