// SPDX-License-Identifier: Apache-2.0
// The text mode of TFTP (RFC 764): line ends are CR LF, and a CR that ends no line is followed by a zero.

const carriageReturn = 13;
const lineFeed = 10;

export function toNetascii(bytes: Uint8Array): Uint8Array {
  let more = 0;
  for (const byte of bytes) if (byte === lineFeed || byte === carriageReturn) more += 1;
  if (more === 0) return bytes;
  const text = new Uint8Array(bytes.length + more);
  let at = 0;
  const put = (byte: number): void => {
    text[at] = byte;
    at += 1;
  };
  for (const byte of bytes) {
    if (byte === lineFeed) put(carriageReturn);
    put(byte);
    if (byte === carriageReturn) put(0);
  }
  return text;
}
