// SPDX-License-Identifier: Apache-2.0
// golang/strings: Go's package strings. Positions count bytes. Where Go goes through the characters of a text, a byte
// that is no UTF-8 counts as U+FFFD, and is written as such.

import type { FunctionDefinition } from "../../../contract/function.ts";
import { byteLength } from "../../../values/bytes.ts";
import { compareForPrint } from "../../../values/print.ts";
import { fatal } from "../../arguments.ts";
import { bytesAsCharacters, bytewise, bytewiseText, charactersAsBytes } from "../../strings/bytewise.ts";
import { allTitleCase, foldCase, isAscii, lowerCase, titleCase, upperCase } from "../../strings/letter-case.ts";
import { withoutBlanks } from "../../strings/strings.ts";
import { wellJoined } from "../format.ts";
import { goPackage } from "./wrap.ts";

const { pure } = goPackage("strings");

/** Bytes of the longest text that is made. */
const lengthLimit = 1n << 28n;

const loneBytes = /[\udc80-\udcff]+/gu;

export const golangStrings: readonly FunctionDefinition[] = [
  pure("Clone", "func(s str) str", "The same text.", '"a"', (s) => s),
  pure(
    "Compare",
    "func(a str, b str) int",
    "-1, 0 or 1, as the first comes before the second or not.",
    '"a", "b"',
    (a, b) => BigInt(Math.sign(compareForPrint(a, b))),
  ),
  pure("Contains", "func(s str, substr str) bool", "Whether the text has this part.", '"seafood", "foo"', contains),
  pure(
    "ContainsAny",
    "func(s str, chars str) bool",
    "Whether the text has one of these characters.",
    '"web1", "0123456789"',
    (s, chars) => indexAny(s, chars) >= 0,
  ),
  pure(
    "Count",
    "func(s str, substr str) int",
    "How often the part is in the text, without overlaps; one more than its characters where it is empty.",
    '"cheese", "e"',
    (s, substr) => BigInt(substr === "" ? [...s].length + 1 : occurrences(s, substr)),
  ),
  pure("EqualFold", "func(s str, t str) bool", "Whether the texts differ at most in case.", '"Go", "GO"', equalFold),
  pure("HasPrefix", "func(s str, prefix str) bool", "Whether the text begins so.", '"/etc", "/"', (s, prefix) =>
    bytewise([s, prefix], ([text = "", part = ""]) => text.startsWith(part)),
  ),
  pure("HasSuffix", "func(s str, suffix str) bool", "Whether the text ends so.", '"a.mcl", ".mcl"', endsWith),
  pure(
    "Index",
    "func(s str, substr str) int",
    "Where the part is first, -1 if nowhere.",
    '"chicken", "ken"',
    (s, substr) => BigInt(bytesAsCharacters(s).indexOf(bytesAsCharacters(substr))),
  ),
  pure(
    "IndexAny",
    "func(s str, chars str) int",
    "Where one of the characters is first, -1 if nowhere.",
    '"golang", "gy"',
    (s, chars) => BigInt(indexAny(s, chars)),
  ),
  pure(
    "Join",
    "func(elems []str, sep str) str",
    "The texts with the separator between them.",
    '["a", "b"], "-"',
    (elems, sep) => wellJoined(elems.join(sep)),
  ),
  pure(
    "LastIndex",
    "func(s str, substr str) int",
    "Where the part is last, -1 if nowhere.",
    '"go gopher", "go"',
    (s, substr) => BigInt(bytesAsCharacters(s).lastIndexOf(bytesAsCharacters(substr))),
  ),
  pure(
    "LastIndexAny",
    "func(s str, chars str) int",
    "Where one of the characters is last, -1 if nowhere.",
    '"golang", "go"',
    (s, chars) => BigInt(lastIndexAny(s, chars)),
  ),
  pure("Repeat", "func(s str, count int) str", "The text so many times.", '"ab", 3', repeat),
  pure(
    "Replace",
    "func(s str, old str, new str, n int) str",
    "The text with the first n places of a part replaced, all when n is negative.",
    '"oink oink oink", "k", "ky", 2',
    replace,
  ),
  pure(
    "ReplaceAll",
    "func(s str, old str, new str) str",
    "The text with every place of a part replaced.",
    '"a b c", " ", "_"',
    (s, old, replacement) => replace(s, old, replacement, -1n),
  ),
  pure(
    "Title",
    "func(s str) str",
    "The text with the first letter of each word in title case.",
    '"her royal highness"',
    (s) => titleCase(withoutLoneBytes(s)),
  ),
  pure("ToLower", "func(s str) str", "The text in lower case.", '"WEB1"', (s) => lowerCase(withoutLoneBytes(s))),
  pure("ToTitle", "func(s str) str", "The text with every letter in title case.", '"web1"', (s) =>
    allTitleCase(withoutLoneBytes(s)),
  ),
  pure("ToUpper", "func(s str) str", "The text in upper case.", '"web1"', (s) => upperCase(withoutLoneBytes(s))),
  pure(
    "ToValidUTF8",
    "func(s str, replacement str) str",
    "The text with each run of bytes that are no UTF-8 replaced.",
    '"abc", "?"',
    (s, replacement) => wellJoined(s.replace(loneBytes, () => replacement)),
  ),
  pure(
    "Trim",
    "func(s str, cutset str) str",
    "The text without these characters at its ends.",
    '"--a--", "-"',
    (s, cutset) => trimLeft(trimRight(s, cutset), cutset),
  ),
  pure(
    "TrimLeft",
    "func(s str, cutset str) str",
    "The text without these characters at its beginning.",
    '"--a", "-"',
    trimLeft,
  ),
  pure(
    "TrimPrefix",
    "func(s str, prefix str) str",
    "The text without this beginning, if it has it.",
    '"/etc", "/"',
    (s, prefix) =>
      bytewiseText([s, prefix], ([text = "", part = ""]) => (text.startsWith(part) ? text.slice(part.length) : text)),
  ),
  pure(
    "TrimRight",
    "func(s str, cutset str) str",
    "The text without these characters at its end.",
    '"a--", "-"',
    trimRight,
  ),
  pure("TrimSpace", "func(s str) str", "The text without white space at its ends.", '" a "', withoutBlanks),
  pure(
    "TrimSuffix",
    "func(s str, suffix str) str",
    "The text without this end, if it has it.",
    '"a.mcl", ".mcl"',
    (s, suffix) =>
      bytewiseText([s, suffix], ([text = "", part = ""]) =>
        part !== "" && text.endsWith(part) ? text.slice(0, -part.length) : text,
      ),
  ),
];

function contains(s: string, substr: string): boolean {
  return bytewise([s, substr], ([text = "", part = ""]) => text.includes(part));
}

function endsWith(s: string, suffix: string): boolean {
  return bytewise([s, suffix], ([text = "", part = ""]) => text.endsWith(part));
}

function occurrences(s: string, substr: string): number {
  return bytewise([s, substr], ([text = "", part = ""]) => {
    let count = 0;
    for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count += 1;
    return count;
  });
}

/** Each character, U+FFFD for a byte that is none. */
function* charactersOf(text: string): Generator<readonly [character: string, bytes: number], void, undefined> {
  for (const character of text) {
    if (character >= "\udc80" && character <= "\udcff") yield ["\ufffd", 1];
    else yield [character, character < "\x80" ? 1 : byteLength(character)];
  }
}

function setOf(chars: string): ReadonlySet<string> {
  return new Set(Array.from(charactersOf(chars), ([character]) => character));
}

function indexAny(s: string, chars: string): number {
  const wanted = setOf(chars);
  let at = 0;
  for (const [character, bytes] of charactersOf(s)) {
    if (wanted.has(character)) return at;
    at += bytes;
  }
  return -1;
}

function lastIndexAny(s: string, chars: string): number {
  const wanted = setOf(chars);
  let at = 0;
  let last = -1;
  for (const [character, bytes] of charactersOf(s)) {
    if (wanted.has(character)) last = at;
    at += bytes;
  }
  return last;
}

function equalFold(s: string, t: string): boolean {
  if (isAscii(s) && isAscii(t)) return s.toLowerCase() === t.toLowerCase();
  const folded = (text: string) => Array.from(charactersOf(text), ([character]) => foldCase(character));
  const [left, right] = [folded(s), folded(t)];
  return left.length === right.length && left.every((character, index) => character === right[index]);
}

function repeat(s: string, count: bigint): string {
  if (count < 0n) throw fatal(`a text cannot be repeated ${count} times`);
  const length = BigInt(byteLength(s)) * count;
  if (length > lengthLimit) throw fatal(`a text of ${length} bytes is too long; the most is ${lengthLimit}`);
  return s === "" ? "" : wellJoined(s.repeat(Number(count)));
}

function replace(s: string, old: string, replacement: string, n: bigint): string {
  let left = n < 0n ? Number.POSITIVE_INFINITY : Number(n);
  if (left === 0 || old === replacement) return s;
  if (old === "") return insertBetween(s, replacement, left);
  return bytewiseText([s, old, replacement], ([text = "", part = "", other = ""]) => {
    let result = "";
    let from = 0;
    for (let at = text.indexOf(part); at !== -1 && left > 0; at = text.indexOf(part, from)) {
      result += text.slice(from, at) + other;
      from = at + part.length;
      left -= 1;
    }
    return result + text.slice(from);
  });
}

/** At the beginning and after each character, as often as is wanted. */
function insertBetween(s: string, inserted: string, count: number): string {
  let result = inserted;
  let left = count - 1;
  for (const character of s) {
    result += character;
    if (left > 0) result += inserted;
    left -= 1;
  }
  return wellJoined(result);
}

/** In a text that is ASCII nothing changes; in others each byte that is no UTF-8 becomes U+FFFD. */
function withoutLoneBytes(s: string): string {
  return s.replace(loneBytes, (bytes) => "\ufffd".repeat(bytes.length));
}

function trimLeft(s: string, cutset: string): string {
  const cut = setOf(cutset);
  let at = 0;
  for (const [character, bytes] of charactersOf(s)) {
    if (!cut.has(character)) break;
    at += bytes;
  }
  return at === 0 ? s : charactersAsBytes(bytesAsCharacters(s).slice(at));
}

function trimRight(s: string, cutset: string): string {
  const cut = setOf(cutset);
  let at = 0;
  let end = 0;
  for (const [character, bytes] of charactersOf(s)) {
    at += bytes;
    if (!cut.has(character)) end = at;
  }
  return end === at ? s : charactersAsBytes(bytesAsCharacters(s).slice(0, end));
}
