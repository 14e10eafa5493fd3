// SPDX-License-Identifier: Apache-2.0
// The module test: functions that show how programs are evaluated.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import { MapValue } from "../../values/value.ts";
import { fatal, intAt } from "../arguments.ts";
import { each, every, once, slept, ticks } from "../streams.ts";

export const test: readonly FunctionDefinition[] = [
  defineFunction({
    module: "test",
    name: "fastcount",
    type: "func() int",
    doc: "1, 2, 3 and so on, as fast as the values are taken.",
    example: "$count = test.fastcount()",
    stream: (_, { host, signal }) => {
      let count = 0n;
      return each(
        ticks(host.clock, signal, () => 0),
        () => {
          count += 1n;
          return count;
        },
      );
    },
  }),
  defineFunction({
    module: "test",
    name: "forloop",
    type: "func() []str",
    doc: 'First ["foo"], and ["bar"] five seconds later.',
    example: "for $index, $value in test.forloop() {}",
    stream: (_, { host, signal }) => {
      let first = true;
      return each(every(5000, host.clock, signal), () => {
        const list = [first ? "foo" : "bar"];
        first = false;
        return list;
      });
    },
  }),
  defineFunction({
    module: "test",
    name: "forkvloop",
    type: "func() map{str: str}",
    doc: 'Always {"foo" => "bar"}.',
    example: "forkv $key, $value in test.forkvloop() {}",
    stream: (_, { host, signal }) => each(every(5000, host.clock, signal), () => new MapValue([["foo", "bar"]])),
  }),
  ...["a", "b", "c", "d", "e", "f", "g", "h"].map((letter) =>
    defineFunction({
      module: "test",
      name: `one_instance_${letter}`,
      type: "func() str",
      doc: 'The text "hello".',
      example: `$hello = test.one_instance_${letter}()`,
      early: false,
      pure: () => "hello",
    }),
  ),
  defineFunction({
    module: "test",
    name: "one_stream",
    type: "func(count int) str",
    doc: "This many x. Ends the program's run when it is ever given another number.",
    example: '$text = test.one_stream(3) # "xxx"',
    stream: (args, { memory }) =>
      once(async () => {
        const count = intAt(args, 0);
        const before = memory.get("count");
        if (typeof before === "bigint" && before !== count) {
          throw fatal(`the number was ${before} and has become ${count}`);
        }
        if (count < 0n || count > 1_000_000n) throw fatal(`it takes a number from 0 to 1000000, not ${count}`);
        memory.set("count", count);
        return "x".repeat(Number(count));
      }),
  }),
  defineFunction({
    module: "test",
    name: "slow_string",
    type: "func() str",
    doc: "A text that takes five seconds to come.",
    example: "$late = test.slow_string()",
    stream: async function* (_, { host, signal }) {
      if (await slept(host.clock, 5000, signal)) yield "five seconds has elapsed";
    },
  }),
];
