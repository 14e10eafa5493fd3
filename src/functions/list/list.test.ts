// SPDX-License-Identifier: Apache-2.0
// Joining lists.

import { test } from "node:test";
import { check, checkRefused } from "../check.test-support.ts";

test("concat joins one or more lists of one type", () => {
  check("list.concat", [["a"], ["b", "c"], []], ["a", "b", "c"]);
  check("list.concat", [[1n]], [1n]);
  check("list.concat", [[[1n]], [[2n]]], [[1n], [2n]]);
  checkRefused("list.concat", [], /at least one list/);
  checkRefused("list.concat", [["a"], [1n]], /\[\]int stands where \[\]str/);
});
