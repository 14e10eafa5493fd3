// SPDX-License-Identifier: Apache-2.0
// random1: one random text for each place of the program where it is called.

import { defineFunction } from "../../contract/function.ts";
import type { Random } from "../../contract/host.ts";
import { fatal, intAt } from "../arguments.ts";
import { once } from "../streams.ts";

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

export const random1 = defineFunction({
  module: "",
  name: "random1",
  type: "func(length int) str",
  doc: "This many random letters, a to z and A to Z. Each call in the program keeps its text until its length changes.",
  example: "$password = random1(16)",
  stream: (args, { host }) =>
    once(async () => {
      const length = intAt(args, 0);
      if (length < 0n || length > 65535n) {
        throw fatal(`a random text has between 0 and 65535 letters, not ${length}`);
      }
      return randomLetters(Number(length), host.random);
    }),
});

/** Bytes beyond the last whole multiple of 52 are thrown away, so that every letter is as likely as another. */
function randomLetters(length: number, random: Random): string {
  const fair = 256 - (256 % letters.length);
  let text = "";
  while (text.length < length) {
    for (const byte of random.bytes(length - text.length + 8)) {
      if (byte < fair && text.length < length) text += letters.charAt(byte % letters.length);
    }
  }
  return text;
}
