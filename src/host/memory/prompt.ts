// SPDX-License-Identifier: Apache-2.0
// The person at the machine in memory: a function that a test gives.

import type { Prompt } from "../../contract/prompt.ts";
import { noTerminal } from "../prompt-failures.ts";
import { stoppable } from "./files.ts";

/** Undefined: gives no answer. */
export type Person = (question: string) => string | undefined | Promise<string | undefined>;

export function memoryPrompt(): { readonly prompt: Prompt; readonly outside: { person: Person | undefined } } {
  const outside: { person: Person | undefined } = { person: undefined };
  const prompt: Prompt = {
    async secret(question, signal) {
      signal.throwIfAborted();
      if (outside.person === undefined) throw noTerminal();
      return stoppable(Promise.resolve(outside.person(question)), signal);
    },
  };
  return { prompt, outside };
}
