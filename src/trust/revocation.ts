// SPDX-License-Identifier: Apache-2.0
// Certificates that are believed no more: a list in the form that servers read (a CRL), which the authority makes and every
// host passes on. Later lists have higher numbers; which one an authority has made is told by its signature beside it.

import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from "node:crypto";
import { ecdsaWithSha256, extension, type KeyAndCertificate, keyHash, nameOf, subjectName } from "./certificate.ts";
import { bits, explicit, implicit, integer, sequence, time } from "./der.ts";

export interface Revocations {
  readonly number: number;
  /** In PEM. */
  readonly list: string;
  readonly signature: string;
}

export interface Revoked {
  /** In hexadecimal digits, as the runtime tells it. */
  readonly serial: string;
  readonly atMs: number;
}

const validMs = 3650 * 24 * 60 * 60_000;
/** Clocks differ. */
const backMs = 5 * 60_000;

export function makeRevocations(
  authority: KeyAndCertificate,
  number: number,
  revoked: readonly Revoked[],
  nowMs: number,
): Revocations {
  const certificate = new X509Certificate(authority.certificate);
  const entries = revoked.map(({ serial, atMs }) => sequence(integer(Buffer.from(serial, "hex")), time(atMs)));
  const body = sequence(
    integer(Uint8Array.of(1)), // Version 2.
    ecdsaWithSha256,
    nameOf(subjectName(certificate) ?? ""),
    time(nowMs - backMs),
    time(nowMs + validMs),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    explicit(
      0,
      sequence(
        extension("2.5.29.35", false, sequence(implicit(0, keyHash(certificate.publicKey)))),
        extension("2.5.29.20", false, integer(bytesOfNumber(number))),
      ),
    ),
  );
  const whole = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, createPrivateKey(authority.key))));
  const base64 = Buffer.from(whole).toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  const list = `-----BEGIN X509 CRL-----\n${base64}\n-----END X509 CRL-----\n`;
  return { number, list, signature: sign("sha256", said(number, list), authority.key).toString("base64") };
}

/** Whether one of these authorities, in PEM, has made it. */
export function isVouchedFor({ number, list, signature }: Revocations, authorities: readonly string[]): boolean {
  const bytes = Buffer.from(signature, "base64");
  return authorities.some((authority) => verify("sha256", said(number, list), createPublicKey(authority), bytes));
}

/** Undefined: it is none. */
export function parseRevocations(value: unknown): Revocations | undefined {
  const { number, list, signature } = (
    typeof value === "object" && value !== null ? value : {}
  ) as Partial<Revocations>;
  const isOne = Number.isSafeInteger(number) && typeof list === "string" && typeof signature === "string";
  return isOne ? { number: Number(number), list, signature } : undefined;
}

function said(number: number, list: string): Uint8Array {
  return Buffer.from(`mgmt revocations ${number}\n${list}`);
}

function bytesOfNumber(number: number): Uint8Array {
  return Buffer.from(number.toString(16).padStart(12, "0"), "hex");
}
