// SPDX-License-Identifier: Apache-2.0
// Signatures, by the examples that Amazon has published.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashing } from "../../host/hashing.ts";
import { bytesOf } from "../../values/bytes.ts";
import { signed } from "./sign.ts";

const credentials = { id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", session: undefined };
const url = new URL("https://example.amazonaws.com/");
const nowMs = Date.UTC(2015, 7, 30, 12, 36, 0);

test("a request is signed as the examples of Amazon are", () => {
  const cases: readonly (readonly [string, ReadonlyMap<string, string>, string])[] = [
    ["", new Map(), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
    [
      "Param1=value1",
      new Map([["Content-Type", "application/x-www-form-urlencoded"]]),
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ],
  ];
  for (const [body, headers, signature] of cases) {
    const request = { url, headers, body: bytesOf(body), service: "service", region: "us-east-1" };
    const sent = signed(request, credentials, nowMs, hashing);
    assert.match(sent.get("authorization") ?? "", new RegExp(`Signature=${signature}$`));
    assert.equal(sent.get("x-amz-date"), "20150830T123600Z");
  }
});

test("the time is that of the calendar", () => {
  for (const text of ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2024-02-29T01:02:03Z", "2100-03-01T00:00:00Z"]) {
    const request = { url, headers: new Map<string, string>(), body: new Uint8Array(), service: "s", region: "r" };
    const sent = signed(request, { ...credentials, session: "s" }, Date.parse(text), hashing);
    assert.equal(sent.get("x-amz-date"), text.replace(/[-:]/g, ""));
    assert.equal(sent.get("x-amz-security-token"), "s");
    assert.match(sent.get("authorization") ?? "", /SignedHeaders=host;x-amz-date;x-amz-security-token/);
  }
});
