// SPDX-License-Identifier: Apache-2.0
// The terminal of this process, whatever its input and output are: what is asked there is in no log.

import { closeSync, openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import type { Prompt } from "../../contract/prompt.ts";
import { noTerminal } from "../prompt-failures.ts";

export function linuxPrompt(): Prompt {
  let last: Promise<unknown> = Promise.resolve();
  return {
    secret(question, signal) {
      const answer = last.then(() => ask(question, signal));
      last = answer.catch(() => {});
      return answer;
    },
  };
}

const [interrupt, endOfText, backspace, erase, eraseLine] = ["\u0003", "\u0004", "\b", "\u007f", "\u0015"];

async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted();
  const descriptor = openTerminal();
  writeSync(descriptor, question);
  const input = new ReadStream(descriptor);
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  let typed: string[] = [];
  input.setRawMode(true);
  input.setEncoding("utf8");
  input.on("error", () => resolve(undefined));
  input.on("data", (text: Buffer | string) => {
    for (const character of text.toString()) {
      if (character === "\r" || character === "\n") resolve(typed.join(""));
      else if (character === endOfText) resolve(undefined);
      else if (character === backspace || character === erase) typed.pop();
      else if (character === eraseLine) typed = [];
      else if (character === interrupt) {
        process.kill(process.pid, "SIGINT"); // The terminal does not do it meanwhile.
        resolve(undefined);
      } else typed.push(character);
    }
  });
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", stop);
    input.setRawMode(false);
    writeSync(descriptor, "\n");
    input.destroy();
  }
}

function openTerminal(): number {
  let descriptor: number | undefined;
  try {
    descriptor = openSync("/dev/tty", "r+");
    writeSync(descriptor, "");
    return descriptor;
  } catch (reason) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw noTerminal(reason);
  }
}
