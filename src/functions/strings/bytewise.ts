// SPDX-License-Identifier: Apache-2.0
// Text operations that hold for any bytes. Valid UTF-8 can be cut and searched as it is; for other texts every byte is
// made one character first.

import { bytesOf, textOf } from "../../values/bytes.ts";
import { isAscii } from "./letter-case.ts";

/** `operation` on texts in which no character starts within another. */
export function bytewise<Result>(texts: readonly string[], operation: (texts: readonly string[]) => Result): Result {
  return operation(allWellFormed(texts) ? texts : texts.map(bytesAsCharacters));
}

/** Like `bytewise`, for operations that give a text. */
export function bytewiseText(texts: readonly string[], operation: (texts: readonly string[]) => string): string {
  return allWellFormed(texts) ? operation(texts) : charactersAsBytes(operation(texts.map(bytesAsCharacters)));
}

/** Like `bytewise`, for operations that give several texts. */
export function bytewiseTexts(
  texts: readonly string[],
  operation: (texts: readonly string[]) => readonly string[],
): readonly string[] {
  return allWellFormed(texts) ? operation(texts) : operation(texts.map(bytesAsCharacters)).map(charactersAsBytes);
}

function allWellFormed(texts: readonly string[]): boolean {
  return texts.every((text) => text.isWellFormed());
}

/** Every byte as one character below U+0100; lengths and positions are those of bytes then. */
export function bytesAsCharacters(text: string): string {
  if (isAscii(text)) return text;
  let characters = "";
  for (const byte of bytesOf(text)) characters += String.fromCharCode(byte);
  return characters;
}

/** Back to a str. */
export function charactersAsBytes(text: string): string {
  if (isAscii(text)) return text;
  return textOf(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}
