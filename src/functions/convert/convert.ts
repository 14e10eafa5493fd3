// SPDX-License-Identifier: Apache-2.0
// The module convert: from one basic type to another.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import { quote } from "../../values/print.ts";
import { boolAt, catchable, floatAt, intAt, textAt } from "../arguments.ts";
import { type ParsedNumber, parseFloat64, parseInt64 } from "./parse-number.ts";

const bools: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false] as const),
]);

const greatestInt = (1n << 63n) - 1n;
const leastInt = -(1n << 63n);

export const convert: readonly FunctionDefinition[] = [
  defineFunction({
    module: "convert",
    name: "format_bool",
    type: "func(a bool) str",
    doc: 'The text "true" or "false".',
    example: '$text = convert.format_bool(true) # "true"',
    pure: (args) => String(boolAt(args, 0)),
  }),
  defineFunction({
    module: "convert",
    name: "parse_bool",
    type: "func(a str) bool",
    doc: "The bool that a text stands for: 1, t, T, true, True, TRUE, or 0, f, F, false, False, FALSE. Another text can be caught.",
    example: '$on = convert.parse_bool("true") <|> false',
    pure: (args) => {
      const found = bools.get(textAt(args, 0));
      if (found === undefined) throw catchable(`${quote(textAt(args, 0))} is no bool; write true or false`);
      return found;
    },
  }),
  defineFunction({
    module: "convert",
    name: "str_to_float",
    type: "func(a str) float",
    doc: "The float that a text stands for. Another text, or a number that is too big, can be caught.",
    example: '$half = convert.str_to_float("0.5") # 0.5',
    pure: (args) => numberOr(parseFloat64(textAt(args, 0)), textAt(args, 0), "a float"),
  }),
  defineFunction({
    module: "convert",
    name: "str_to_int",
    type: "func(a str) int",
    doc: "The int that a decimal text stands for. Another text, or a number beyond 64 bits, can be caught.",
    example: '$port = convert.str_to_int("80") <|> 8080',
    pure: (args) => numberOr(parseInt64(textAt(args, 0)), textAt(args, 0), "an int"),
  }),
  defineFunction({
    module: "convert",
    name: "to_float",
    type: "func(a int) float",
    doc: "The same number as a float, or the nearest one.",
    example: "$ratio = convert.to_float(3) # 3.0",
    pure: (args) => Number(intAt(args, 0)),
  }),
  defineFunction({
    module: "convert",
    name: "to_int",
    type: "func(a float) int",
    doc: "The number without its fraction. One beyond 64 bits becomes the nearest int there is, one that is no number becomes 0.",
    example: "$three = convert.to_int(3.9) # 3",
    pure: (args) => truncated(floatAt(args, 0)),
  }),
  defineFunction({
    module: "convert",
    name: "int_to_str",
    type: "func(a int) str",
    doc: "The number as a decimal text.",
    example: '$text = convert.int_to_str(42) # "42"',
    pure: (args) => String(intAt(args, 0)),
  }),
];

function numberOr<Of>(parsed: ParsedNumber<Of>, text: string, wanted: string): Of {
  if (parsed.kind === "number") return parsed.value;
  throw catchable(
    `${quote(text)} is ${parsed.kind === "too-big" ? "too big for" : "no number, so it cannot be"} ${wanted}`,
  );
}

function truncated(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return greatestInt;
  return value <= -(2 ** 63) ? leastInt : BigInt(Math.trunc(value));
}
