// SPDX-License-Identifier: Apache-2.0
// Times of HTTP, compared with the calendar of the runtime.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseHttpDate, renderHttpDate } from "./http-date.ts";

test("times are written and read as the runtime writes them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 32_503_680_000 }), (seconds) => {
      const text = new Date(seconds * 1000).toUTCString();
      assert.equal(renderHttpDate(seconds * 1000), text);
      assert.equal(parseHttpDate(text), seconds * 1000);
    }),
  );
});

test("what is no time is none", () => {
  for (const text of [
    "",
    "yesterday",
    "06 Nov 1994",
    "Sun, 06 Now 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 CET",
  ]) {
    assert.equal(parseHttpDate(text), undefined, text);
  }
});
