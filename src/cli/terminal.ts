// SPDX-License-Identifier: Apache-2.0
// The real terminal of this process. The only place that touches its streams and signals.

import { writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { Terminal } from "./command.ts";

export function systemTerminal(): Terminal {
  endQuietlyWhenNobodyReads();
  return {
    stdout: (output) => write(1, output),
    stderr: (output) => write(2, output),
    colour: { stdout: isColoured(process.stdout), stderr: isColoured(process.stderr) },
    isLookedAt: process.stderr.isTTY,
    readStandardInput: () => text(process.stdin),
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

function isColoured({ isTTY }: NodeJS.WriteStream): boolean {
  return isTTY && (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";
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

function endQuietlyWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (reason: NodeJS.ErrnoException) => {
      if (reason.code === "EPIPE") process.exit(0);
      throw reason;
    });
  }
}
