// SPDX-License-Identifier: Apache-2.0
// Where another machine is, as people write it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSshUrl } from "./ssh-url.ts";

const key = `AAAAC3NzaC1lZDI1NTE5${"A".repeat(43)}+`;

const root = { user: "root", port: 22 };

for (const [text, expected] of [
  ["web1", { ...root, host: "web1" }],
  ["ssh://web1", { ...root, host: "web1" }],
  ["ssh://me@web1.example.com:2222/", { user: "me", host: "web1.example.com", port: 2222 }],
  ["me:p%40ss:w%2ford@192.0.2.7", { user: "me", password: "p@ss:w/ord", host: "192.0.2.7", port: 22 }],
  ["me:@web1", { user: "me", password: "", host: "web1", port: 22 }],
  ["[2001:db8::1]:22", { ...root, host: "2001:db8::1" }],
  [`root@web1?hostkey=${key}`, { ...root, host: "web1", hostKey: key }],
  [`root@web1?hostkey=${encodeURIComponent(key)}`, { ...root, host: "web1", hostKey: key }],
  ["", undefined],
  ["@web1", undefined],
  ["web1:0", undefined],
  ["web1:65536", undefined],
  ["web 1", undefined],
  ["http://web1", undefined],
  ["me:%zz@web1", undefined],
  ["web1?hostkey=short", undefined],
  ["web1?other=1", undefined],
  ["-oProxyCommand=x", undefined],
  ["2001:db8::1", undefined],
] as const) {
  test(`"${text}" is ${expected === undefined ? "none" : "one"}`, () => {
    assert.deepEqual(parseSshUrl(text), expected);
  });
}
