// SPDX-License-Identifier: Apache-2.0
// The text that lets one host into a cluster, once: a secret, and by what the authority is known. So the host that joins knows
// to whom it speaks before it shows the secret.

import { createHash, timingSafeEqual } from "node:crypto";
import { Failure } from "../contract/failure.ts";

export interface Token {
  readonly secret: Uint8Array;
  /** SHA-256 of the authority's public key. */
  readonly authority: Uint8Array;
}

const secretBytes = 16;
const hashBytes = 32;

export function renderToken({ secret, authority }: Token): string {
  return `${base64url(secret)}.${base64url(authority)}`;
}

/** `TOKEN@HOST` or `TOKEN@HOST:PORT`, `[…]` around an address of IPv6. Fails with `invalid`. */
export function parseJoin(
  text: string,
  usualPort: number,
): { readonly token: Token; readonly host: string; readonly port: number } {
  const [, written = "", bracketed, plain, port] =
    /^([A-Za-z0-9_.-]+)@(?:\[([0-9A-Fa-f:.]+)\]|([^@:[\]\s]+))(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  const token = parseToken(written);
  const host = bracketed ?? plain;
  if (token === undefined || host === undefined) {
    throw new Failure("This is no invitation.", {
      code: "invalid",
      hint: "`mgmt cluster invite`, on a host of the cluster, prints one: TOKEN@HOST.",
    });
  }
  return { token, host, port: port === undefined ? usualPort : Number(port) };
}

export function parseToken(text: string): Token | undefined {
  const [first = "", second = "", ...more] = text.split(".");
  const [secret, authority] = [Buffer.from(first, "base64url"), Buffer.from(second, "base64url")];
  const isOne = more.length === 0 && secret.length === secretBytes && authority.length === hashBytes;
  return isOne ? { secret, authority } : undefined;
}

/** What is kept of a secret: it can be recognized, and not be had from that. */
export function secretHash(secret: Uint8Array): string {
  return createHash("sha256").update("mgmt invitation\n").update(secret).digest("hex");
}

/** What is kept of a public key in PEM. */
export function keyHash(publicKey: string): string {
  return createHash("sha256").update(publicKey).digest("hex");
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
