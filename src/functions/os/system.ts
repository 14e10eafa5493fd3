// SPDX-License-Identifier: Apache-2.0
// os.system: the last line that a command has written to its standard output.

import { Pulses } from "../../base/pulse.ts";
import { isAbort } from "../../contract/failure.ts";
import { defineFunction } from "../../contract/function.ts";
import type { Host } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";
import { textAt } from "../arguments.ts";

/** A longer line is given in parts. */
const lineLimitBytes = 1024 * 1024;

const newline = 0x0a;

export const system = defineFunction({
  module: "os",
  name: "system",
  type: "func(cmd str) str",
  doc: "The last line that a shell command has written to its standard output. There is no value before the first line; how the command ends does not matter.",
  example: '$line = os.system("vmstat 5")',
  stream: (args, { host, signal }) => lastLines(textAt(args, 0), host, signal),
});

async function* lastLines(command: string, host: Host, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const pulses = new Pulses(signal);
  const lines = new LastLine();
  const finished = host.processes
    .run(
      {
        argv: ["/bin/sh", "-c", command],
        keepBytes: 0,
        onOutput: (stream, bytes) => {
          if (stream === "stdout" && lines.add(bytes)) pulses.pulse();
        },
      },
      signal,
    )
    .then(() => pulses.end(), pulses.fail);
  try {
    for await (const _ of pulses) yield* lines.take();
    lines.finish();
    if (!signal.aborted) yield* lines.take();
  } catch (reason) {
    if (!isAbort(reason, signal)) throw reason;
  } finally {
    await finished;
  }
}

/** Cuts output into lines and keeps the last whole one until it is taken. */
class LastLine {
  #unfinished: Uint8Array = new Uint8Array();
  #whole: string | undefined;

  /** True when there is a new whole line. */
  add(bytes: Uint8Array): boolean {
    const all = new Uint8Array(this.#unfinished.length + bytes.length);
    all.set(this.#unfinished);
    all.set(bytes, this.#unfinished.length);
    const end = all.lastIndexOf(newline);
    this.#unfinished = all.slice(end + 1);
    if (end !== -1) this.#whole = textOf(all.subarray(all.lastIndexOf(newline, end - 1) + 1, end));
    else if (all.length > lineLimitBytes) this.finish();
    return this.#whole !== undefined;
  }

  /** What follows the last newline is a line too. */
  finish(): void {
    if (this.#unfinished.length > 0) this.#whole = textOf(this.#unfinished);
    this.#unfinished = new Uint8Array();
  }

  *take(): Generator<string, void, undefined> {
    const line = this.#whole;
    this.#whole = undefined;
    if (line !== undefined) yield line;
  }
}
