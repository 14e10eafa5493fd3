// SPDX-License-Identifier: Apache-2.0
// Whatever the program and whatever happens to its inputs: the output is what evaluating from nothing gives.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FunctionFailure } from "../contract/function.ts";
import type { TypedProgram } from "../program/types/tree.ts";
import { Feeds } from "./feeds.test-support.ts";
import { interpret } from "./interpreter.test-support.ts";
import { feedNames, feedValue, randomProgram } from "./random-program.test-support.ts";
import { compiled, imports, linesOf, quiet, Running } from "./running.test-support.ts";

type Name = (typeof feedNames)[number];

function give(feeds: Feeds, name: Name, choice: number): void {
  const value = feedValue(name, choice);
  if (value === undefined) feeds.fail(name, "lost");
  else feeds.set(name, value);
}

/** The lines, or the message of the failure that ends the run. */
function expectedOf(program: TypedProgram, feeds: Feeds): readonly string[] | string {
  const read = (name: string) => {
    const value = feeds.valueOf(name);
    assert.ok(value !== undefined, "every feed has been given a value");
    if (value instanceof FunctionFailure) throw value;
    return value;
  };
  try {
    return linesOf(interpret(program, read));
  } catch (reason) {
    if (reason instanceof FunctionFailure) return reason.message;
    throw reason;
  }
}

test("after any writes the output is what evaluating from nothing gives", async () => {
  let [compared, ended] = [0, 0];
  const write = fc.tuple(fc.constantFrom(...feedNames), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(1000), { minLength: 100, maxLength: 500, size: "max" }),
      fc.array(fc.array(write, { maxLength: 3 }), { maxLength: 12 }),
      async (choices, turns) => {
        const source = randomProgram(choices);
        const feeds = new Feeds();
        for (const name of feedNames) give(feeds, name, 1);
        const program = compiled(imports + source, feeds);
        const running = new Running(program, feeds);
        for (const writes of [[], ...turns]) {
          for (const [name, choice] of writes) give(feeds, name, choice);
          await quiet();
          const expected = expectedOf(program, feeds);
          if (typeof expected === "string") {
            assert.ok(running.hasEnded, source);
            assert.ok(running.wrong.length > 0, source);
            ended += 1;
            break;
          }
          assert.deepEqual(running.wrong, [], source);
          assert.deepEqual(running.lines, expected, source);
          running.check();
          compared += 1;
        }
        await running.stop();
        assert.equal(running.graph.counts.necessary, 0);
        assert.ok([...feeds.running.values()].every((count) => count === 0));
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(compared > 10 * ended, `${compared} outputs were compared, ${ended} runs ended`);
});
