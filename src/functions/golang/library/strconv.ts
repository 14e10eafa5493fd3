// SPDX-License-Identifier: Apache-2.0
// golang/strconv: Go's package strconv, numbers and quoted texts. Its failures cannot be caught; those of `convert` can.

import type { FunctionDefinition } from "../../../contract/function.ts";
import { concatTexts } from "../../../values/bytes.ts";
import { quote } from "../../../values/print.ts";
import { fatal } from "../../arguments.ts";
import { asciiEscape } from "../format.ts";
import { parseFloatOf, parseIntOf } from "./parse.ts";
import { quotedPrefix, unquote } from "./unquote.ts";
import { goPackage } from "./wrap.ts";

const { pure } = goPackage("strconv");

const bools: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false] as const),
]);

/** Blanks that do not count as printable, but as graphic. */
const graphicBlanks = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/;

export const golangStrconv: readonly FunctionDefinition[] = [
  pure("AppendBool", "func(dst str, b bool) str", "The text with true or false after it.", '"on: ", true', (dst, b) =>
    concatTexts(dst, String(b)),
  ),
  pure(
    "AppendInt",
    "func(dst str, i int, base int) str",
    "The text with the number in this base after it.",
    '"0x", 255, 16',
    (dst, i, base) => concatTexts(dst, formatInt(i, base)),
  ),
  pure(
    "AppendQuote",
    "func(dst str, s str) str",
    "The first text with the second in quotes after it.",
    '"= ", "a"',
    (dst, s) => concatTexts(dst, quote(s)),
  ),
  pure(
    "AppendQuoteToASCII",
    "func(dst str, s str) str",
    "The first text with the second in quotes, in ASCII, after it.",
    '"= ", "é"',
    (dst, s) => concatTexts(dst, quoteToAscii(s)),
  ),
  pure(
    "AppendQuoteToGraphic",
    "func(dst str, s str) str",
    "The first text with the second in quotes after it, all blanks that can be seen as they are.",
    '"= ", "a"',
    (dst, s) => concatTexts(dst, quoteToGraphic(s)),
  ),
  pure("Atoi", "func(s str) int", "The int that a decimal text stands for.", '"42"', (s) => parseIntOf(s, 10n, 0n)),
  pure(
    "CanBackquote",
    "func(s str) bool",
    "Whether the text can stand between backquotes as it is.",
    '"a b"',
    (s) => s.isWellFormed() && !/[`\ufeff\x7f]|[^\P{Cc}\t\x80-\x9f]/u.test(s),
  ),
  pure("FormatBool", "func(b bool) str", "The text true or false.", "true", (b) => String(b)),
  pure("FormatInt", "func(i int, base int) str", "The number as text in a base from 2 to 36.", "255, 16", formatInt),
  pure("Itoa", "func(i int) str", "The number as a decimal text.", "42", (i) => String(i)),
  pure("ParseBool", "func(str str) bool", "The bool that a text stands for.", '"true"', (text) => {
    const found = bools.get(text);
    if (found === undefined) throw fatal(`${quote(text)} is no bool; write true or false`);
    return found;
  }),
  pure(
    "ParseFloat",
    "func(s str, bits int) float",
    "The float that a text stands for, rounded to 32 or 64 bits.",
    '"0.5", 64',
    parseFloatOf,
  ),
  pure(
    "ParseInt",
    "func(s str, base int, bits int) int",
    "The int that a text stands for. The base is from 2 to 36, or 0 to go by a prefix; the size 64 bits when it is 0.",
    '"ff", 16, 64',
    parseIntOf,
  ),
  pure("Quote", "func(s str) str", "The text in double quotes.", '"a"', quote),
  pure("QuoteToASCII", "func(s str) str", "The text in double quotes, in ASCII.", '"é"', quoteToAscii),
  pure(
    "QuoteToGraphic",
    "func(s str) str",
    "The text in double quotes, all blanks that can be seen as they are.",
    '"a"',
    quoteToGraphic,
  ),
  pure(
    "QuotedPrefix",
    "func(s str) str",
    "The quoted text at the beginning, with its quotes.",
    '"`a` b"',
    quotedPrefix,
  ),
  pure("Unquote", "func(s str) str", "What a quoted text stands for.", '"`a`"', unquote),
];

function formatInt(i: bigint, base: bigint): string {
  if (base < 2n || base > 36n) throw fatal(`the base must be from 2 to 36, not ${base}`);
  return i.toString(Number(base));
}

function quoteToAscii(text: string): string {
  return quote(text).replace(/[^\0-\x7f]/gu, asciiEscape);
}

function quoteToGraphic(text: string): string {
  let quoted = '"';
  for (const character of text) quoted += graphicBlanks.test(character) ? character : quote(character).slice(1, -1);
  return `${quoted}"`;
}
