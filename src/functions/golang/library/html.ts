// SPDX-License-Identifier: Apache-2.0
// golang/html: Go's package html. Entities are those of HTML 5.

import type { FunctionDefinition } from "../../../contract/function.ts";
import { entityTable } from "./html-entities.ts";
import { goPackage } from "./wrap.ts";

const { pure } = goPackage("html");

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "'": "&#39;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
};

/** What the numbers 128 to 159 stand for: characters of Windows' old code page. */
const codePage =
  "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f" +
  "\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

export const golangHtml: readonly FunctionDefinition[] = [
  pure("EscapeString", "func(s str) str", "The text with < > & ' and \" as entities.", '"a<b"', (s) =>
    s.replace(/[&'<>"]/g, (found) => escapes[found] ?? ""),
  ),
  pure("UnescapeString", "func(s str) str", "The text with all entities of HTML replaced.", '"a&lt;b"', (s) =>
    // Go takes a single digit for a number only with a semicolon behind it, and no digit at all after an x as 0.
    s.replace(
      /&(?:#(?:[xX]([0-9a-fA-F]+;?|;)|([0-9]{2,};?|[0-9];))|([a-zA-Z0-9]+;?))/g,
      (...found: readonly unknown[]) => {
        const [whole, hex, decimal, name] = found;
        if (typeof name === "string") return namedEntity(name) ?? String(whole);
        if (typeof hex === "string") return numericEntity(Number.parseInt(`0${hex}`, 16));
        return numericEntity(Number.parseInt(String(decimal), 10));
      },
    ),
  ),
];

function numericEntity(code: number): string {
  if (code >= 0x80 && code <= 0x9f) return codePage.charAt(code - 0x80);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return "\ufffd";
  return String.fromCodePoint(code);
}

/** Some names need no semicolon; then the longest that fits counts. */
function namedEntity(name: string): string | undefined {
  const known = entities();
  const found = known.get(name);
  if (found !== undefined) return found;
  for (let length = Math.min(name.length - 1, longestWithoutSemicolon); length > 1; length -= 1) {
    const shorter = known.get(name.slice(0, length));
    if (shorter !== undefined) return shorter + name.slice(length);
  }
  return undefined;
}

const longestWithoutSemicolon = 6;
let table: ReadonlyMap<string, string> | undefined;

/** Read when it is first needed. */
function entities(): ReadonlyMap<string, string> {
  table ??= new Map(
    entityTable.split(" ").map((entry) => {
      const [name = "", ...codes] = entry.split("=").flatMap((part) => part.split("+"));
      return [name, String.fromCodePoint(...codes.map((code) => Number.parseInt(code, 16)))] as const;
    }),
  );
  return table;
}
