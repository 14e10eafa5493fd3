// SPDX-License-Identifier: Apache-2.0
// What a process and all that it has started have in memory, as the kernel counts it.

import { readdirSync, readFileSync } from "node:fs";

export interface Memory {
  /** Resident, with what is shared with others. */
  readonly rssMb: number;
  /** Of what is shared with others its part. */
  readonly pssMb: number;
}

/** `isCounted`: by the name of the program. */
export function memoryOf(pid: number, isCounted: (program: string) => boolean): Memory {
  const all = [pid, ...descendantsOf(pid)].filter((each) => isCounted(read(`/proc/${each}/comm`).trim()));
  const rollups = all.map((each) => read(`/proc/${each}/smaps_rollup`));
  const sum = (name: string): number =>
    rollups.reduce((total, text) => total + Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(text)?.[1] ?? 0), 0);
  return { rssMb: sum("Rss") / 1024, pssMb: sum("Pss") / 1024 };
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
