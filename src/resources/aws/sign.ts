// SPDX-License-Identifier: Apache-2.0
// Signatures of requests, Signature Version 4, as Amazon describes it. The secret key never leaves this file.

import type { Hashing } from "../../contract/host.ts";
import { bytesOf } from "../../values/bytes.ts";
import { calendarTime } from "../asking/calendar.ts";
import { hexOf, hmac, sha256 } from "../asking/hmac.ts";

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
  const time = calendarTime(nowMs);
  const sent = new Map([...headers, ["host", url.host], ["x-amz-date", time.basic]]);
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
  const toSign = [algorithm, time.basic, scope, hexOf(sha256(bytesOf(canonical), hashing))].join("\n");
  const key = [time.day, region, service, "aws4_request"].reduce(
    (last, part) => hmac(last, bytesOf(part), hashing),
    bytesOf(`AWS4${secret}`),
  );
  const signature = hexOf(hmac(key, bytesOf(toSign), hashing));
  sent.set("authorization", `${algorithm} Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`);
  sent.delete("host"); // The client adds it.
  return sent;
}
