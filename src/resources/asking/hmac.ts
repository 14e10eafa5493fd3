// SPDX-License-Identifier: Apache-2.0
// Codes by which a server knows that a message comes from somebody who has the same secret: HMAC with SHA-256.

import type { Hashing } from "../../contract/host.ts";

const blockBytes = 64;

export function hmac(key: Uint8Array, message: Uint8Array, hashing: Hashing): Uint8Array {
  const block = new Uint8Array(blockBytes);
  block.set(key.length > blockBytes ? sha256(key, hashing) : key);
  const inner = hashing.sha256();
  inner.add(block.map((byte) => byte ^ 0x36));
  inner.add(message);
  const outer = hashing.sha256();
  outer.add(block.map((byte) => byte ^ 0x5c));
  outer.add(fromHex(inner.hex()));
  return fromHex(outer.hex());
}

export function sha256(bytes: Uint8Array, hashing: Hashing): Uint8Array {
  const digest = hashing.sha256();
  digest.add(bytes);
  return fromHex(digest.hex());
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => digits16(byte)).join("");
}

function digits16(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
