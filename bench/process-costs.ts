// SPDX-License-Identifier: Apache-2.0
// What a process and all that it has started have in memory and have taken of the processor, as the kernel counts it.

import { readdirSync, readFileSync } from "node:fs";

export interface Costs {
  /** Resident, with what is shared with others. */
  readonly rssMb: number;
  /** Of what is shared with others its part. */
  readonly pssMb: number;
  /** User and system, since its start. */
  readonly processorMs: number;
}

/** `isCounted`: by the name of the program. */
export function costsOf(pid: number, isCounted: (program: string) => boolean): Costs {
  const all = [pid, ...descendantsOf(pid)].filter((each) => isCounted(read(`/proc/${each}/comm`).trim()));
  const rollups = all.map((each) => read(`/proc/${each}/smaps_rollup`));
  const sum = (name: string): number =>
    rollups.reduce((total, text) => total + Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(text)?.[1] ?? 0), 0);
  // Behind the name in parentheses, which may have spaces; in ticks of 10 ms.
  const ticks = all.map((each) => {
    const fields = read(`/proc/${each}/stat`).split(") ").at(-1)?.split(" ") ?? [];
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  const processorMs = ticks.reduce((total, each) => total + each, 0) * 10;
  return { rssMb: sum("Rss") / 1024, pssMb: sum("Pss") / 1024, processorMs };
}

function descendantsOf(pid: number): readonly number[] {
  const own = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`)
      .split(" ")
      .filter((text) => text !== "")
      .map(Number),
  );
  return own.flatMap((each) => [each, ...descendantsOf(each)]);
}

/** Nothing when it has gone meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
