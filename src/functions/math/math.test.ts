// SPDX-License-Identifier: Apache-2.0
// Numbers, and where there is none.

import { test } from "node:test";
import { check, checkFails, checkRefused } from "../check.test-support.ts";

test("fortytwo is an int or a float, as the context wants", () => {
  check("math.fortytwo", [], 42n, { result: "int" });
  check("math.fortytwo", [], 42, { result: "float" });
  checkRefused("math.fortytwo", [], /int and float, not str/, { result: "str" });
});

test("minus1 wraps", () => {
  check("math.minus1", [0n], -1n);
  check("math.minus1", [-(1n << 63n)], (1n << 63n) - 1n);
});

test("mod has the sign of the dividend and is exact", () => {
  check("math.mod", [7n, 3n], 1n);
  check("math.mod", [-7n, 3n], -1n);
  check("math.mod", [7.5, 2], 1.5);
  check("math.mod", [(1n << 62n) + 1n, 2n], 1n);
  checkFails("math.mod", [1n, 0n], "catchable", /divide by zero/);
  checkFails("math.mod", [1, 0], "catchable", /no remainder/);
  checkRefused("math.mod", ["a", "b"], /not str/);
});

test("pow and sqrt give finite numbers or can be caught", () => {
  check("math.pow", [2, 10], 1024);
  check("math.pow", [1, Number.NaN], 1);
  check("math.pow", [-1, Number.POSITIVE_INFINITY], 1);
  checkFails("math.pow", [0, -1], "catchable", /no finite number/);
  checkFails("math.pow", [-1, 0.5], "catchable", /no finite number/);
  check("math.sqrt", [9], 3);
  checkFails("math.sqrt", [-1], "catchable", /no finite square root/);
});
