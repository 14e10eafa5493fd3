// SPDX-License-Identifier: Apache-2.0
// Which certificates are on a list of those that are believed no more. Reads of DER only what such a list needs; that the
// list is genuine was found out before (`revocation.ts`).

/** In hexadecimal digits, as the runtime tells serial numbers. */
export interface RevokedSerials {
  has(serial: string): boolean;
}

/** Of a list in PEM. Nobody is believed by one that is damaged: who is on it cannot be told. */
export function revokedSerials(list: string): RevokedSerials {
  try {
    const serials = new Set(serialsIn(list));
    return { has: (serial) => serials.has(plain(serial)) };
  } catch (reason) {
    if (!(reason instanceof RangeError)) throw reason;
    return { has: () => true };
  }
}

const sequenceTag = 0x30;
const integerTag = 0x02;

function serialsIn(list: string): readonly string[] {
  const base64 = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/.exec(list)?.[1];
  if (base64 === undefined) throw new RangeError("no list");
  const [whole] = partsOf(Buffer.from(base64, "base64"));
  const [body] = partsOf(contentOf(whole, sequenceTag));
  // Version, algorithm, issuer, two times; then the entries, if there are any, before what is optional.
  const entries = partsOf(contentOf(body, sequenceTag))[5];
  if (entries?.tag !== sequenceTag) return [];
  return partsOf(entries.content).map((entry) => {
    const [serial] = partsOf(contentOf(entry, sequenceTag));
    return plain(Buffer.from(contentOf(serial, integerTag)).toString("hex"));
  });
}

interface Part {
  readonly tag: number;
  readonly content: Uint8Array;
}

function partsOf(bytes: Uint8Array): readonly Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = byteAt(bytes, at);
    const first = byteAt(bytes, at + 1);
    const digits = first < 0x80 ? 0 : first - 0x80;
    let length = digits === 0 ? first : 0;
    for (let digit = 0; digit < digits; digit += 1) length = length * 256 + byteAt(bytes, at + 2 + digit);
    const begin = at + 2 + digits;
    at = begin + length;
    if (at > bytes.length) throw new RangeError("cut off");
    parts.push({ tag, content: bytes.subarray(begin, at) });
  }
  return parts;
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new RangeError("cut off");
  return byte;
}

function contentOf(part: Part | undefined, tag: number): Uint8Array {
  if (part?.tag !== tag) throw new RangeError("another form");
  return part.content;
}

function plain(serial: string): string {
  return serial.toUpperCase().replace(/^0+(?=.)/, "");
}
