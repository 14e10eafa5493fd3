// SPDX-License-Identifier: Apache-2.0
// Formats that are constants, and those that are computed.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { printValue, quote } from "../../values/print.ts";
import { MapValue, StructValue, type Value } from "../../values/value.ts";
import { check, checkRefused, functionNamed } from "../check.test-support.ts";
import { parseFormat } from "./format-text.ts";

const printf = (args: readonly Value[], expected: string, types?: readonly string[]) =>
  check("fmt.printf", args, expected, types === undefined ? {} : { types });

test("each verb takes its type", () => {
  printf(["%t %s %q %d %f", true, "a", "b\n", 42n, 0.1], 'true a "b\\n" 42 0.1');
  printf(["%d%%", 50n], "50%");
  printf(["no verbs"], "no verbs");
});

test("%f is the shortest decimal, never with an exponent", () => {
  printf(["%f %f %f", 5, 1e21, 0.1 + 0.2], "5 1000000000000000000000 0.30000000000000004");
});

test("%v takes any value", () => {
  printf(["%v %v %v", "bare", ["in", "list"], 1.5], 'bare ["in", "list"] 1.5');
  const map = new MapValue([
    ["b", 1n],
    ["a", 2n],
  ]);
  printf(["%v", map], '{"a": 2, "b": 1}');
  printf(["%v", new StructValue(["x", "y"], [1n, "z"])], 'struct{x: 1; y: "z"}');
});

test("%T is the type", () => {
  printf(["%T %T", [1n], new StructValue(["a"], ["b"])], "[]int struct{a str}");
  printf(["%T", []], "[]str", [undefined as never, "[]str"]);
});

test("texts that are not ASCII stay what they are", () => {
  printf(["é %d → %s", 1n, "ü"], "é 1 → ü");
});

test("a lone percent sign at the end stands for nothing", () => {
  printf(["%d%", 1n], "1");
});

test("a constant format is checked before the program runs", () => {
  checkRefused("fmt.printf", ["%x", 1n], /the format has `%x`/);
  checkRefused("fmt.printf", ["é%5d", 1n], /the format has `%5`/);
  checkRefused("fmt.printf", ["%d"], /1 verb, but there are no values/);
  checkRefused("fmt.printf", ["%d", 1n, 2n], /1 verb, but there are 2 values/);
  checkRefused("fmt.printf", ["%d", "a"], /str stands where int/);
  checkRefused("fmt.printf", [], /takes a format/);
});

test("a computed format is checked when the program runs", () => {
  const computed = (args: readonly Value[], matches: RegExp) => {
    const definition = functionNamed("fmt.printf");
    const fresh = () => ({ kind: "variable", id: 1 }) as const;
    const argumentTypes = args.map((value) => ({ kind: typeof value === "string" ? "str" : "int" }) as const);
    const type = definition.infer?.({ argumentTypes, argumentValues: args.map(() => undefined), fresh });
    assert.ok(type?.kind === "func" && "pure" in definition);
    const call = { type, argumentValues: args.map(() => undefined) };
    assert.equal(definition.specialise?.(call), undefined);
    try {
      assert.match(printValue(definition.pure(args, call)), matches);
    } catch (reason) {
      if (!(reason instanceof Error)) throw reason;
      assert.match(reason.message, matches);
    }
  };
  computed(["%s", 1n], /%s, which takes str, for a value that is int/);
  computed(["%d %d", 1n], /more verbs than there are values/);
  computed(["%z", 1n], /there are only/);
  computed(["%d", 1n, 2n, 3n], /^1$/);
});

test("nothing but verbs is changed", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, value) => {
      const format = before.replaceAll("%", "%%");
      printf([`${format}%s`, value], before + value);
      printf([`%q${format}`, value], quote(value) + before);
    }),
  );
});

test("any format is understood or refused", () => {
  fc.assert(fc.property(fc.string(), (text) => ["format", "wrong"].includes(parseFormat(text).kind)));
});
