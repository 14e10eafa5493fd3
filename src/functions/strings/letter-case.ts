// SPDX-License-Identifier: Apache-2.0
// Upper and lower case, one character for one character: `ß` has no upper case here, and context does not count.

const iotaBelow = /[\u1F80-\u1FFC]/;

export function upperCase(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapCharacters(text, upperCaseOf);
}

export function lowerCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapCharacters(text, lowerCaseOf);
}

/** The first letter of each word in upper case; words are letters, digits, underscores. */
export function titleCase(text: string): string {
  let title = "";
  let inWord = false;
  for (const character of text) {
    title += inWord ? character : upperCaseOf(character);
    inWord = /[\p{L}\p{N}_]/u.test(character);
  }
  return title;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >= 0x80) return false;
  return true;
}

function mapCharacters(text: string, map: (character: string) => string): string {
  let mapped = "";
  for (const character of text) mapped += map(character);
  return mapped;
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
