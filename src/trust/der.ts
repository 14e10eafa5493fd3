// SPDX-License-Identifier: Apache-2.0
// Writes DER, the bytes of which certificates are made: only what certificates need, and nothing is read.

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, ...parts);
}

export function setOf(...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x31, ...parts);
}

/** `[number]`, around what is in it. */
export function explicit(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0xa0 + number, ...parts);
}

/** `[number]`, in the place of the tag. */
export function implicit(number: number, content: Uint8Array): Uint8Array {
  return tagged(0x80 + number, content);
}

/** Of a number that is not negative, as its bytes. */
export function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  // The highest bit is the sign.
  return tagged(0x02, (significant[0] ?? 0) >= 0x80 ? Uint8Array.of(0, ...significant) : significant);
}

/** Dotted: `2.5.4.3`. */
export function objectId(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tagged(0x06, Uint8Array.from(bytes));
}

export function utf8(text: string): Uint8Array {
  return tagged(0x0c, new TextEncoder().encode(text));
}

export function boolean(value: boolean): Uint8Array {
  return tagged(0x01, Uint8Array.of(value ? 0xff : 0));
}

export function octets(content: Uint8Array): Uint8Array {
  return tagged(0x04, content);
}

/** `unused`: how many of the last bits do not count. */
export function bits(content: Uint8Array, unused = 0): Uint8Array {
  return tagged(0x03, Uint8Array.of(unused), content);
}

/** Whole seconds; before 2050 with two digits of the year, as the standard wants it. */
export function time(atMs: number): Uint8Array {
  const text = new Date(atMs)
    .toISOString()
    .replace(/[-:T]/g, "")
    .replace(/\.\d+Z$/, "Z");
  const isShort = text.startsWith("19") || Number(text.slice(0, 4)) < 2050;
  return tagged(isShort ? 0x17 : 0x18, new TextEncoder().encode(isShort ? text.slice(2) : text));
}

function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = [tag];
  if (length < 0x80) head.push(length);
  else {
    const digits: number[] = [];
    for (let left = length; left > 0; left >>>= 8) digits.unshift(left & 0xff);
    head.push(0x80 + digits.length, ...digits);
  }
  const whole = new Uint8Array(head.length + length);
  whole.set(head);
  let at = head.length;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
