// SPDX-License-Identifier: Apache-2.0
// Arguments that say what a stream follows, and so cannot change while the program runs.

import type { StreamEnv } from "../contract/function.ts";
import { quote } from "../values/print.ts";
import { type Arguments, fatal, textAt } from "./arguments.ts";

/** A text that is not empty. `what` names it in messages: "the key". Ends the program's run when it is another than before. */
export function latchedTextAt(args: Arguments, index: number, what: string, { memory }: StreamEnv): string {
  const text = textAt(args, index);
  if (text === "") throw fatal(`${what} must not be empty`);
  const before = memory.get(what);
  if (typeof before === "string" && before !== text) {
    throw fatal(`${what} was ${quote(before)} and has become ${quote(text)}; it cannot change`);
  }
  memory.set(what, text);
  return text;
}
