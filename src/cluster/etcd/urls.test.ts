// SPDX-License-Identifier: Apache-2.0
// Addresses as people write them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../contract/failure.ts";
import { parseUrls } from "./urls.ts";

function check(given: readonly string[], expected: readonly string[]): void {
  assert.deepEqual(parseUrls(given, 2379, "--seeds"), expected);
}

test("addresses are divided by commas, semicolons and spaces, or given one by one", () => {
  check(["http://a:1,http://b:2;http://c:3 http://d:4", "http://e:5"], ["http://a:1", "http://b:2", "http://c:3", "http://d:4", "http://e:5"]); // biome-ignore format: one line
  check([" a, ", ""], ["http://a:2379"]);
  check(["a", "http://a:2379/"], ["http://a:2379"]);
});

test("what is not said of an address is what is usual", () => {
  check(["web1"], ["http://web1:2379"]);
  check(["192.0.2.7:99"], ["http://192.0.2.7:99"]);
  check(["https://web1"], ["https://web1:2379"]);
  check(["http://web1:80"], ["http://web1:80"]);
  check(["[2001:db8::1]"], ["http://[2001:db8::1]:2379"]);
  check(["unix:/run/x.sock"], ["unix:/run/x.sock"]);
});

test("what is no address is refused", () => {
  for (const text of ["ftp://a:1", "http://a:1/path", "http://u@a:1", "http://", "a:b", "http://a:1?q"]) {
    assert.throws(
      () => parseUrls([text], 2379, "--seeds"),
      (reason) => reason instanceof Failure && reason.code === "invalid",
      text,
    );
  }
});
