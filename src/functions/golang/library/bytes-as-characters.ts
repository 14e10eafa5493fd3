// SPDX-License-Identifier: Apache-2.0
// Characters of UTF-8 within texts that have one character for each byte.

/** A character, else one byte. */
const character =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[^]/y;

/** What stands there, which must not be the end; U+FFFD of length 1 for a byte that is no character. */
export function characterAt(text: string, at: number): { readonly code: number; readonly length: number } {
  character.lastIndex = at;
  const [found = ""] = character.exec(text) ?? [];
  const first = found.charCodeAt(0);
  if (found.length === 1) return { code: first < 0x80 ? first : 0xfffd, length: 1 };
  let code = first & (0xff >> (found.length + 1));
  for (let index = 1; index < found.length; index += 1) code = (code << 6) | (found.charCodeAt(index) & 0x3f);
  return { code, length: found.length };
}
