// SPDX-License-Identifier: Apache-2.0
// The modules example and example/nested: functions to learn and to try the language with.

import type { Constant } from "../../contract/catalog.ts";
import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import { concatTexts } from "../../values/bytes.ts";
import { intType } from "../../values/type.ts";
import { boolAt, fatal, intAt, textAt } from "../arguments.ts";
import { parseInt64 } from "../convert/parse-number.ts";
import { each, every } from "../streams.ts";
import { vumeter } from "./vumeter.ts";

export const exampleConstants: readonly Constant[] = [{ module: "example", name: "test1", type: intType, value: 13n }];

export const example: readonly FunctionDefinition[] = [
  ...["answer", "nativeanswer", "test1"].map((name) =>
    defineFunction({
      module: "example",
      name,
      type: "func() int",
      doc: "42.",
      example: `$answer = example.${name}()`,
      pure: () => 42n,
    }),
  ),
  defineFunction({
    module: "example",
    name: "errorbool",
    type: "func(a bool) str",
    doc: "Ends the program's run when it is given true.",
    example: "$hint = example.errorbool(false)",
    early: false,
    pure: (args) => {
      if (boolAt(args, 0)) throw fatal("we were asked to fail");
      return "set input to true to generate an error";
    },
  }),
  defineFunction({
    module: "example",
    name: "flipflop",
    type: "func() bool",
    doc: "True, and every five seconds the opposite of before.",
    example: "$on = example.flipflop()",
    stream: (_, { host, signal }) => {
      let on = false;
      return each(every(5000, host.clock, signal), () => {
        on = !on;
        return on;
      });
    },
  }),
  defineFunction({
    module: "example",
    name: "int2str",
    type: "func(a int) str",
    doc: "The number as a decimal text.",
    example: '$text = example.int2str(42) # "42"',
    pure: (args) => String(intAt(args, 0)),
  }),
  defineFunction({
    module: "example",
    name: "plus",
    type: "func(y str, z str) str",
    doc: "One text after the other.",
    example: '$text = example.plus("a", "b") # "ab"',
    pure: (args) => concatTexts(textAt(args, 0), textAt(args, 1)),
  }),
  defineFunction({
    module: "example",
    name: "str2int",
    type: "func(a str) int",
    doc: "The int that a decimal text stands for; 0 when it stands for none.",
    example: '$number = example.str2int("42")',
    pure: (args) => {
      const parsed = parseInt64(textAt(args, 0));
      return parsed.kind === "number" ? parsed.value : 0n;
    },
  }),
  vumeter,
  defineFunction({
    module: "example/nested",
    name: "hello",
    type: "func() str",
    doc: 'The text "Hello!".',
    example: "$greeting = nested.hello()",
    pure: () => "Hello!",
  }),
];
