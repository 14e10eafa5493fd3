// SPDX-License-Identifier: Apache-2.0
// A terminal without colours that keeps what is written to it, for tests of what commands print.

import type { Terminal } from "../src/cli/command.ts";

/** `written` gives both streams, in the order in which they were written to. */
export function recordingTerminal(standardInput = ""): Terminal & { readonly written: () => string } {
  let output = "";
  const write = (text: string): void => {
    output += text;
  };
  return {
    stdout: write,
    stderr: write,
    colour: { stdout: false, stderr: false },
    isLookedAt: true,
    readStandardInput: () => Promise.resolve(standardInput),
    workingDirectory: "/",
    environment: () => undefined,
    onStopSignal: () => () => {},
    written: () => output,
  };
}
