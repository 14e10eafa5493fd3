// SPDX-License-Identifier: Apache-2.0
// A str is bytes: valid UTF-8 is text, any other byte 0x80..0xFF travels as the lone surrogate U+DC80..U+DCFF.

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** True for a str that holds a byte which is not valid UTF-8, or another lone surrogate. */
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** The bytes of a str. */
export function bytesOf(text: string): Uint8Array {
  if (!loneSurrogate.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

/** The str of some bytes; `bytesOf(textOf(bytes))` gives them back exactly. */
export function textOf(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return escapedTextOf(bytes);
  }
}

/** How many bytes the str has: `len`. */
export function byteLength(text: string): number {
  let ascii = true;
  for (let at = 0; at < text.length && ascii; at += 1) ascii = text.charCodeAt(at) < 0x80;
  return ascii ? text.length : bytesOf(text).length;
}

/** One str after the other. Bytes that meet at the seam may become a character. */
export function concatTexts(left: string, right: string): string {
  const meets = isByteUnit(left.charCodeAt(left.length - 1)) && isByteUnit(right.charCodeAt(0));
  return meets ? textOf(bytesOf(left + right)) : left + right;
}

/** Whether it may be the code unit of a single byte; the second half of a pair looks the same. False for NaN. */
function isByteUnit(unit: number): boolean {
  return unit >= 0xdc80 && unit <= 0xdcff;
}

function escapedTextOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
      at += 1;
    } else {
      text += strictDecoder.decode(bytes.subarray(at, at + length));
      at += length;
    }
  }
  return text;
}

/** Length of the valid UTF-8 sequence that starts here, 0 if none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length =
    first < 0x80
      ? 1
      : first >= 0xc2 && first < 0xe0
        ? 2
        : first >= 0xe0 && first < 0xf0
          ? 3
          : first >= 0xf0 && first < 0xf5
            ? 4
            : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  for (let next = 1; next < length; next += 1) {
    if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  try {
    strictDecoder.decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0; // An overlong form or an encoded surrogate.
  }
}
