// SPDX-License-Identifier: Apache-2.0
// Lists of lists, and ranges.

import { test } from "node:test";
import { check, checkFails, checkRefused } from "../check.test-support.ts";

test("flatten takes one level of lists away", () => {
  check("iter.flatten", [[["a"], [], ["b", "c"]]], ["a", "b", "c"]);
  check("iter.flatten", [[[[1n]]]], [[1n]]);
  checkRefused("iter.flatten", [["a"]], /\[\]str stands where/);
});

test("range counts from start up to, and without, stop", () => {
  check("iter.range", [3n], [0n, 1n, 2n]);
  check("iter.range", [2n, 5n], [2n, 3n, 4n]);
  check("iter.range", [1n, 10n, 4n], [1n, 5n, 9n]);
  check("iter.range", [5n, 0n, -2n], [5n, 3n, 1n]);
  check("iter.range", [5n, 0n], []);
  check("iter.range", [0n, 5n, -1n], []);
  check("iter.range", [-3n], []);
});

test("a range that cannot be is refused", () => {
  checkFails("iter.range", [0n, 5n, 0n], "fatal", /cannot be 0/);
  checkFails("iter.range", [1n << 40n], "fatal", /too long/);
  checkRefused("iter.range", [], /one to three ints/);
  checkRefused("iter.range", [1n, 2n, 3n, 4n], /one to three ints/);
  checkRefused("iter.range", [1.5], /float stands where int/);
});
