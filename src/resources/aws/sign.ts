// SPDX-License-Identifier: Apache-2.0
// Signatures of requests, Signature Version 4, as Amazon describes it. The secret key never leaves this file.

import type { Hashing } from "../../contract/host.ts";
import { bytesOf } from "../../values/bytes.ts";

export interface Credentials {
  readonly id: string;
  readonly secret: string;
  /** Of credentials that do not last. */
  readonly session: string | undefined;
}

export interface Unsigned {
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly service: string;
  readonly region: string;
}

const algorithm = "AWS4-HMAC-SHA256";

/** The headers with which the request is to be sent by POST. */
export function signed(
  { url, headers, body, service, region }: Unsigned,
  { id, secret, session }: Credentials,
  nowMs: number,
  hashing: Hashing,
): ReadonlyMap<string, string> {
  const time = new Stamp(nowMs);
  const sent = new Map([...headers, ["host", url.host], ["x-amz-date", time.long]]);
  if (session !== undefined) sent.set("x-amz-security-token", session);
  const named = [...sent].map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, " ")] as const);
  named.sort(([left], [right]) => (left < right ? -1 : 1));
  const names = named.map(([name]) => name).join(";");
  const canonical = [
    "POST",
    url.pathname,
    "",
    ...named.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    hexOf(sha256(body, hashing)),
  ].join("\n");
  const scope = `${time.day}/${region}/${service}/aws4_request`;
  const toSign = [algorithm, time.long, scope, hexOf(sha256(bytesOf(canonical), hashing))].join("\n");
  const key = [time.day, region, service, "aws4_request"].reduce(
    (last, part) => hmac(last, bytesOf(part), hashing),
    bytesOf(`AWS4${secret}`),
  );
  const signature = hexOf(hmac(key, bytesOf(toSign), hashing));
  sent.set("authorization", `${algorithm} Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`);
  sent.delete("host"); // The client adds it.
  return sent;
}

/** `20150830T123600Z`, by the arithmetic of the calendar. */
class Stamp {
  readonly day: string;
  readonly long: string;

  constructor(nowMs: number) {
    const seconds = Math.floor(nowMs / 1000);
    const ofDay = seconds % 86_400;
    // Days since the first of March of the year 0, in eras of 400 years.
    const days = Math.floor(seconds / 86_400) + 719_468;
    const era = Math.floor(days / 146_097);
    const ofEra = days - era * 146_097;
    const yearOfEra = Math.floor(
      (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
    );
    const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const shifted = Math.floor((5 * ofYear + 2) / 153);
    const day = ofYear - Math.floor((153 * shifted + 2) / 5) + 1;
    const month = shifted < 10 ? shifted + 3 : shifted - 9;
    const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    this.day = `${digits(year, 4)}${digits(month, 2)}${digits(day, 2)}`;
    const [hour, minute] = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60];
    this.long = `${this.day}T${digits(hour, 2)}${digits(minute, 2)}${digits(ofDay % 60, 2)}Z`;
  }
}

function digits(number: number, count: number): string {
  return String(number).padStart(count, "0");
}

const blockBytes = 64;

function hmac(key: Uint8Array, message: Uint8Array, hashing: Hashing): Uint8Array {
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

function sha256(bytes: Uint8Array, hashing: Hashing): Uint8Array {
  const digest = hashing.sha256();
  digest.add(bytes);
  return fromHex(digest.hex());
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => digits16(byte)).join("");
}

function digits16(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
