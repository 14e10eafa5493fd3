// SPDX-License-Identifier: Apache-2.0
// The last lines that a unit wrote to the journal, for the message of a failure. Never fails: without them there is less
// to read, and that is all.

import type { Processes } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";
import type { BusScope } from "../bus-failures.ts";

const count = 5;
const longestLine = 200;

export async function lastWords(
  { processes, scope }: { readonly processes: Processes; readonly scope: BusScope },
  unit: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ask = async (...args: readonly string[]) => {
    const { stdout } = await processes.run({ argv: ["journalctl", ...args] }, signal);
    return textOf(stdout);
  };
  try {
    // What was written a moment ago may still be on its way. Whoever is not root may only look.
    await ask("--sync");
    // Those of the session of root are in the journal of the machine.
    const lines = await ask(
      scope === "system" ? "--unit" : "--user-unit",
      unit,
      "--lines",
      String(count),
      "--output=cat",
      "--no-pager",
      "--quiet",
    );
    return lines
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line));
  } catch {
    signal.throwIfAborted();
    return [];
  }
}
