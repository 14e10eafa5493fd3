// SPDX-License-Identifier: Apache-2.0
// Every operator with every kind of operand.

import { test } from "node:test";
import fc from "fast-check";
import { functionType, intType } from "../../values/type.ts";
import { FunctionValue, MapValue, StructValue } from "../../values/value.ts";
import { check, checkFails, checkRefused } from "../check.test-support.ts";

const greatest = (1n << 63n) - 1n;
const someFunction = new FunctionValue(functionType([], intType), {});

test("+ adds numbers and joins texts", () => {
  check("_operator", ["+", 1n, 2n], 3n);
  check("_operator", ["+", 0.5, 0.25], 0.75);
  check("_operator", ["+", "a", "b"], "ab");
});

test("ints wrap at 64 bits", () => {
  check("_operator", ["+", greatest, 1n], -(1n << 63n));
  check("_operator", ["-", -(1n << 63n), 1n], greatest);
  check("_operator", ["*", greatest, 2n], -2n);
});

test("- and * work with ints and floats", () => {
  check("_operator", ["-", 1n, 3n], -2n);
  check("_operator", ["-", 1.5, 1], 0.5);
  check("_operator", ["*", 6n, 7n], 42n);
  check("_operator", ["*", 0.5, 3], 1.5);
});

test("/ always gives a float", () => {
  check("_operator", ["/", 1n, 2n], 0.5);
  check("_operator", ["/", 1, 4], 0.25);
});

test("division by zero can be caught", () => {
  checkFails("_operator", ["/", 1n, 0n], "catchable", /divide by zero/);
  checkFails("_operator", ["/", 1, 0], "catchable", /divide by zero/);
  checkFails("_operator", ["/", 1, -0], "catchable", /divide by zero/);
});

test("== and != compare by value, at any depth", () => {
  check("_operator", ["==", 1n, 1n], true);
  check("_operator", ["!=", "a", "b"], true);
  check("_operator", ["==", Number.NaN, Number.NaN], false);
  check("_operator", ["!=", true, true], false);
  check("_operator", ["==", [[1n]], [[1n]]], true);
  check("_operator", ["!=", [1n], [2n]], true);
  check("_operator", ["==", new MapValue([["a", 1n]]), new MapValue([["a", 1n]])], true);
  check("_operator", ["==", new StructValue(["a"], [1n]), new StructValue(["a"], [2n])], false);
});

test("functions cannot be compared", () => {
  checkFails("_operator", ["==", someFunction, someFunction], "fatal", /compare functions/);
  checkFails("_operator", ["!=", [someFunction], [someFunction]], "fatal", /compare functions/);
});

test("numbers have an order", () => {
  check("_operator", ["<", 1n, 2n], true);
  check("_operator", ["<", 2, 1], false);
  check("_operator", [">", 2n, 1n], true);
  check("_operator", [">", 1, 1], false);
  check("_operator", ["<=", 1n, 1n], true);
  check("_operator", ["<=", 2, 1], false);
  check("_operator", [">=", 1n, 2n], false);
  check("_operator", [">=", 1, 1], true);
});

test("logic works with bools", () => {
  check("_operator", ["and", true, false], false);
  check("_operator", ["or", true, false], true);
  check("_operator", ["not", false], true);
  check("_operator", ["π"], Math.PI);
});

test("operands of other kinds end the program when it runs", () => {
  checkFails("_operator", ["+", true, false], "fatal", /\+ does not work with bool, only with: str, int, float/);
  checkFails("_operator", ["+", [1n], [2n]], "fatal", /\[\]int/);
  checkFails("_operator", ["<", "a", "b"], "fatal", /< does not work with str/);
});

test("operands of different types are refused", () => {
  checkRefused("_operator", ["+", 1n, 2.5], /float stands where int is wanted/);
  checkRefused("_operator", ["and", 1n, 2n], /int stands where bool is wanted/);
  checkRefused("_operator", ["not", "a"], /str stands where bool is wanted/);
  checkRefused("_operator", ["%", 1n, 2n], /no operator called %/);
  checkRefused("_operator", ["not", true, true], /takes 1 operand/);
});

test("+, - and * on ints are those of 64-bit machines", () => {
  const int = fc.bigInt({ min: -(1n << 63n), max: greatest });
  fc.assert(
    fc.property(int, int, (left, right) => {
      check("_operator", ["+", left, right], BigInt.asIntN(64, left + right));
      check("_operator", ["-", left, right], BigInt.asIntN(64, left - right));
      check("_operator", ["*", left, right], BigInt.asIntN(64, left * right));
    }),
  );
});
