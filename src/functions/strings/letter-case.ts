// SPDX-License-Identifier: Apache-2.0
// Upper, lower and title case, one character for one character: `ß` has no upper case here, and context does not count.

const iotaBelow = /[\u1F80-\u1FFC]/;

/** Digraphs whose title case is a third form. */
const digraphs = /[\u01C4-\u01CC\u01F1-\u01F3]/;
/** Georgian letters have an upper case, but no title case. */
const georgian = /[\u10D0-\u10FA\u10FD-\u10FF]/;

export function upperCase(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapCharacters(text, upperCaseOf);
}

export function lowerCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapCharacters(text, lowerCaseOf);
}

/** Every letter in title case, which differs from upper case in few letters. */
export function allTitleCase(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapCharacters(text, titleCaseOf);
}

/** The first letter of each word in title case. Words are letters, digits and underscores; beyond ASCII only blanks end one. */
export function titleCase(text: string): string {
  let title = "";
  let inWord = false;
  for (const character of text) {
    title += inWord ? character : titleCaseOf(character);
    inWord = character < "\x80" ? /[A-Za-z0-9_]/.test(character) : /[^\p{White_Space}]|[\p{L}\p{Nd}]/u.test(character);
  }
  return title;
}

/** The same for characters that differ in case only. */
export function foldCase(character: string): string {
  if (character === "\u0130" || character === "\u0131") return character;
  return lowerCaseOf(upperCaseOf(character));
}

export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >= 0x80) return false;
  return true;
}

function mapCharacters(text: string, map: (character: string) => string): string {
  let mapped = "";
  for (const character of text) mapped += map(character);
  return mapped;
}

function titleCaseOf(character: string): string {
  if (georgian.test(character)) return character;
  if (!digraphs.test(character)) return upperCaseOf(character);
  const code = character.charCodeAt(0);
  return String.fromCharCode(code >= 0x1f1 ? 0x1f2 : code - ((code - 0x1c4) % 3) + 1);
}

function upperCaseOf(character: string): string {
  const upper = character.toUpperCase();
  if (isOneCharacter(upper)) return upper;
  return iotaBelow.test(character) ? withIotaBeside(character) : character;
}

/** `ᾳ` has one character for its upper case after all, but the runtime only tells the two that it is made of. */
function withIotaBeside(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x1fb0) return (code & 0x0f) < 8 ? String.fromCharCode(code + 8) : character;
  return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? String.fromCharCode(code + 9) : character;
}

function lowerCaseOf(character: string): string {
  if (character === "\u0130") return "i";
  const lower = character.toLowerCase();
  return isOneCharacter(lower) ? lower : character;
}

function isOneCharacter(text: string): boolean {
  return text.length === ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);
}
