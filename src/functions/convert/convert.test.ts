// SPDX-License-Identifier: Apache-2.0
// Texts to numbers and bools, and back.

import { test } from "node:test";
import fc from "fast-check";
import { check, checkFails } from "../check.test-support.ts";

const greatest = (1n << 63n) - 1n;

test("bools become texts and back", () => {
  check("convert.format_bool", [true], "true");
  for (const text of ["1", "t", "T", "TRUE", "true", "True"]) check("convert.parse_bool", [text], true);
  for (const text of ["0", "f", "F", "FALSE", "false", "False"]) check("convert.parse_bool", [text], false);
  for (const text of ["", "yes", "tRUE", " true"]) checkFails("convert.parse_bool", [text], "catchable", /is no bool/);
});

test("decimal texts become ints", () => {
  check("convert.str_to_int", ["80"], 80n);
  check("convert.str_to_int", ["-0080"], -80n);
  check("convert.str_to_int", ["+1"], 1n);
  check("convert.str_to_int", [String(greatest)], greatest);
  for (const text of ["", "1.0", "0x1", "1_0", " 1", "--1"]) {
    checkFails("convert.str_to_int", [text], "catchable", /is no number/);
  }
  checkFails("convert.str_to_int", [String(greatest + 1n)], "catchable", /too big/);
});

test("texts in Go's syntax become floats", () => {
  check("convert.str_to_float", ["0.5"], 0.5);
  check("convert.str_to_float", ["-1e3"], -1000);
  check("convert.str_to_float", [".5"], 0.5);
  check("convert.str_to_float", ["5."], 5);
  check("convert.str_to_float", ["0x1.8p1"], 3);
  check("convert.str_to_float", ["-0X.8P-1"], -0.25);
  check("convert.str_to_float", ["0x1p-1074"], 5e-324);
  check("convert.str_to_float", ["0x1p-2000"], 0);
  check("convert.str_to_float", ["-Inf"], Number.NEGATIVE_INFINITY);
  check("convert.str_to_float", ["+infinity"], Number.POSITIVE_INFINITY);
  check("convert.str_to_float", ["NaN"], Number.NaN);
  for (const text of ["", ".", "1_0", " 1", "e1", "0x1", "0xp1", "constructor", "+nan"]) {
    checkFails("convert.str_to_float", [text], "catchable", /is no number/);
  }
  for (const text of ["1e400", "0x1p5000"]) checkFails("convert.str_to_float", [text], "catchable", /too big/);
});

test("ints become floats and back, without their fractions", () => {
  check("convert.to_float", [3n], 3);
  check("convert.to_int", [3.9], 3n);
  check("convert.to_int", [-3.9], -3n);
  check("convert.to_int", [1e300], greatest);
  check("convert.to_int", [-1e300], -(1n << 63n));
  check("convert.to_int", [Number.NaN], 0n);
});

test("every int is read back from its text", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 63n), max: greatest }), (value) => {
      check("convert.int_to_str", [value], String(value));
      check("convert.str_to_int", [String(value)], value);
    }),
  );
});
