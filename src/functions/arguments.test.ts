// SPDX-License-Identifier: Apache-2.0
// What is said of arguments that are wrong can be read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { catchable, fatal } from "./arguments.ts";

test("a message about a text of megabytes shows its beginning and its end", () => {
  for (const make of [catchable, fatal]) {
    assert.equal(make("it is no address").message, "it is no address");
    const { message } = make(`"${"𝄞".repeat(1_000_000)}" is no address`);
    assert.ok(message.length < 2100, `${message.length}`);
    assert.ok(message.startsWith('"𝄞𝄞') && message.endsWith('" is no address') && message.isWellFormed());
  }
});
