// SPDX-License-Identifier: Apache-2.0
// golang/math/rand: chance, drawn once for each new argument. Where Go says what is drawn, this is drawn too; the
// sequence is another each time, as Go's is.

import type { FunctionDefinition, ReadEnv } from "../../../contract/function.ts";
import { byteLength } from "../../../values/bytes.ts";
import { fatal } from "../../arguments.ts";
import { goPackage } from "./wrap.ts";

const { pure, read } = goPackage("math/rand");

export const golangRandom: readonly FunctionDefinition[] = [
  read(
    "ExpFloat64",
    "func() float",
    "A float of the exponential distribution with the mean 1.",
    "",
    (env) => -Math.log(1 - fraction(env)),
  ),
  read("Float64", "func() float", "A float from 0 to, and without, 1.", "", fraction),
  {
    ...read("Int", "func() int", "An int that is not negative.", "", int63),
    // Its name is a word of the language, so only templates can call it.
    example: '$result = golang.template("{{ golang_math_rand_int }}")',
  },
  read("Int63", "func() int", "An int that is not negative.", "", int63),
  read("Int63n", "func(n int) int", "An int from 0 to, and without, n.", "6", below),
  read("Intn", "func(n int) int", "An int from 0 to, and without, n.", "6", below),
  read(
    "NormFloat64",
    "func() float",
    "A float of the normal distribution with the mean 0 and the deviation 1.",
    "",
    (env) => {
      const distance = Math.sqrt(-2 * Math.log(1 - fraction(env)));
      return distance * Math.cos(2 * Math.PI * fraction(env));
    },
  ),
  pure("Read", "func(p str) int", "The number of bytes in the text; they are not changed.", '"abc"', (p) =>
    BigInt(byteLength(p)),
  ),
];

function int63({ random }: ReadEnv): bigint {
  const bytes = Uint8Array.from(random.bytes(8));
  return new DataView(bytes.buffer).getBigUint64(0) >> 1n;
}

function fraction(env: ReadEnv): number {
  return Number(int63(env) >> 10n) / 2 ** 53;
}

/** Drawn again where the last incomplete round would make small numbers likelier. */
function below(env: ReadEnv, n: bigint): bigint {
  if (n <= 0n) throw fatal(`it takes a number above 0, not ${n}`);
  const rounds = (1n << 63n) / n;
  for (;;) {
    const drawn = int63(env);
    if (drawn < rounds * n) return drawn % n;
  }
}
