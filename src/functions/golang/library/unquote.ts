// SPDX-License-Identifier: Apache-2.0
// Go's quoted texts: "double" and 'single' with escapes, `raw` without. Works on bytes as characters.

import { bytesOf } from "../../../values/bytes.ts";
import { quote as shown } from "../../../values/print.ts";
import { fatal } from "../../arguments.ts";
import { bytesAsCharacters, charactersAsBytes } from "../../strings/bytewise.ts";
import { characterAt } from "./bytes-as-characters.ts";

const named: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** What the whole text stands for. Throws `FunctionFailure`. */
export function unquote(text: string): string {
  const found = quotedAt(bytesAsCharacters(text));
  if (found === undefined || found.rest !== "") throw fatal(`${shown(text)} is no quoted text`);
  return charactersAsBytes(found.value);
}

/** The quoted text at the beginning, as it is written. Throws `FunctionFailure`. */
export function quotedPrefix(text: string): string {
  const bytes = bytesAsCharacters(text);
  const found = quotedAt(bytes);
  if (found === undefined) throw fatal(`${shown(text)} does not begin with a quoted text`);
  return charactersAsBytes(bytes.slice(0, bytes.length - found.rest.length));
}

function quotedAt(text: string): { readonly value: string; readonly rest: string } | undefined {
  const mark = text.charAt(0);
  if (mark === "`") {
    const end = text.indexOf("`", 1);
    return end === -1 ? undefined : { value: text.slice(1, end).replaceAll("\r", ""), rest: text.slice(end + 1) };
  }
  if (mark !== '"' && mark !== "'") return undefined;
  let value = "";
  let at = 1;
  for (let count = 0; text.charAt(at) !== mark; count += 1) {
    if (at >= text.length || text.charAt(at) === "\n" || (mark === "'" && count === 1)) return undefined;
    const piece = pieceAt(text, at, mark);
    if (piece === undefined) return undefined;
    value += piece.value;
    at += piece.length;
  }
  return { value, rest: text.slice(at + 1) };
}

/** One character, or one escape and what it stands for. */
function pieceAt(
  text: string,
  at: number,
  mark: string,
): { readonly value: string; readonly length: number } | undefined {
  if (text.charAt(at) !== "\\") {
    // Go goes through the characters: a byte that is none becomes U+FFFD.
    const { code, length } = characterAt(text, at);
    return { value: length === 1 && code > 0x7f ? bytesAsCharacters("\ufffd") : text.slice(at, at + length), length };
  }
  const letter = text.charAt(at + 1);
  if (Object.hasOwn(named, letter)) return { value: named[letter] ?? "", length: 2 };
  if (letter === mark) return { value: mark, length: 2 };
  const numeric = /^\\(?:x([0-9a-fA-F]{2})|([0-7]{3}))/.exec(text.slice(at, at + 4));
  if (numeric !== null) {
    const byte = numeric[1] === undefined ? Number.parseInt(numeric[2] ?? "", 8) : Number.parseInt(numeric[1], 16);
    return byte > 255 ? undefined : { value: String.fromCharCode(byte), length: 4 };
  }
  const unicode = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(text.slice(at, at + 10));
  if (unicode === null) return undefined;
  const code = Number.parseInt(unicode[1] ?? unicode[2] ?? "", 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { value: String.fromCharCode(...bytesOf(String.fromCodePoint(code))), length: unicode[0].length };
}
