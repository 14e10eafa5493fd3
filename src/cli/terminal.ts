// SPDX-License-Identifier: Apache-2.0
// The real terminal of this process. The only place that touches its streams and signals.

import { writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import { isatty } from "node:tty";
import type { Terminal } from "./command.ts";

/** Leaves the streams of the runtime alone: making them takes milliseconds, and most starts print little or nothing. */
export function systemTerminal(): Terminal {
  return {
    stdout: (output) => write(1, output),
    stderr: (output) => write(2, output),
    get colour() {
      return { stdout: isColoured(1), stderr: isColoured(2) };
    },
    get isLookedAt() {
      return isatty(2);
    },
    readStandardInput: () => text(process.stdin),
    get askSecret() {
      return isatty(0) ? askSecret : undefined;
    },
    workingDirectory: process.cwd(),
    environment: (name) => process.env[name],
    onStopSignal: (callback) => {
      const listeners = (["SIGINT", "SIGTERM"] as const).map((signal) => {
        const listener = (): void => callback(signal);
        process.on(signal, listener);
        return () => process.off(signal, listener);
      });
      return () => {
        for (const remove of listeners) remove();
      };
    },
  };
}

function isColoured(descriptor: 1 | 2): boolean {
  return isatty(descriptor) && (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";
}

/** Written at once, so that nothing is lost when the process ends, and the order of both streams is true. */
function write(descriptor: 1 | 2, output: string): void {
  let bytes: Uint8Array = Buffer.from(output);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (reason) {
      const code = reason instanceof Error && "code" in reason ? reason.code : undefined;
      if (code === "EAGAIN") {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // A full pipe: its reader is slower than we are.
        continue;
      }
      if (code === "EPIPE") process.exit(descriptor === 1 ? 0 : 1);
      throw reason;
    }
  }
}

/** Ctrl-C ends the process, as it does everywhere else. */
async function askSecret(question: string): Promise<string> {
  const { stdin } = process;
  write(2, question);
  stdin.setRawMode(true).setEncoding("utf8");
  let answer = "";
  try {
    for await (const typed of stdin.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      for (const letter of typed) {
        if (letter === "\r" || letter === "\n" || letter === "\u0004") return answer;
        if (letter === "\u0003") process.exit(130);
        if (letter === "\u007f" || letter === "\b") answer = answer.slice(0, -1);
        else answer += letter;
      }
    }
    return answer;
  } finally {
    stdin.setRawMode(false).pause();
    write(2, "\n");
  }
}
