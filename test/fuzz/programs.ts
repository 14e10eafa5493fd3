// SPDX-License-Identifier: Apache-2.0
// The program of each number: by turns one that is mostly right, one that is only grammar, and one of this repository with
// some of its text changed. The same number gives the same program.

import fc from "fast-check";
import { programs as grammar } from "../../src/syntax/generate.test-support.ts";
import { Chance } from "./chance.ts";
import { mutated, programsOfThisRepository } from "./mutate.ts";
import { typedProgram } from "./typed-program.ts";

export const ways = ["typed", "grammar", "changed"] as const;

export interface NumberedProgram {
  readonly way: (typeof ways)[number];
  readonly text: string;
}

export function programOf(number: number): NumberedProgram {
  const chance = new Chance(number);
  const way = ways[number % ways.length] ?? "typed";
  switch (way) {
    case "typed":
      // A slip of the pen in some of them.
      return { way, text: chance.oneIn(4) ? mutated(typedProgram(chance), "", chance) : typedProgram(chance) };
    case "grammar":
      return { way, text: fc.sample(grammar, { seed: number, numRuns: 1 })[0] ?? "" };
    case "changed": {
      corpus ??= programsOfThisRepository();
      return { way, text: mutated(chance.pick(corpus) ?? "", chance.pick(corpus) ?? "", chance) };
    }
  }
}

let corpus: readonly string[] | undefined;
