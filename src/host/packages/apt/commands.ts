// SPDX-License-Identifier: Apache-2.0
// The command lines of apt and dpkg that change something, with what all of them need.

import type { Say } from "../../../contract/packages.ts";
import { waitingFor } from "../locks.ts";
import type { Ended, RunProgram } from "../programs.ts";
import { aptFailure } from "./failures.ts";

type Argv = readonly [string, ...string[]];

export interface AptCommands {
  aptGet(...args: readonly string[]): Argv;
  dpkg(...args: readonly string[]): Argv;
  /** Runs it to its end; any other end than a good one is the failure that what it said means. */
  change(argv: Argv, doing: string, say: Say, signal: AbortSignal): Promise<Ended>;
}

/** A configuration file that nobody has changed gets its new content; one that somebody has changed stays as it is. */
const keepConfiguration = ["--force-confdef", "--force-confold"];

/** Seconds for which apt itself waits for a lock, when somebody was faster than we. */
const patienceSeconds = 120;

/** Arguments that let apt go without a signature. */
export function trust(allowUntrusted: boolean): readonly string[] {
  return allowUntrusted ? ["--allow-unauthenticated", "-o", "Acquire::AllowInsecureRepositories=1"] : [];
}

export function aptCommands(run: RunProgram, root: string): AptCommands {
  return {
    aptGet: (...args) => [
      "apt-get",
      "-y",
      "-q",
      "-o",
      "Dpkg::Use-Pty=0",
      ...keepConfiguration.flatMap((option) => ["-o", `Dpkg::Options::=${option}`]),
      "-o",
      `DPkg::Lock::Timeout=${patienceSeconds}`,
      ...args,
    ],
    dpkg: (...args) => ["dpkg", ...(root === "" ? [] : [`--root=${root}`]), ...keepConfiguration, ...args],
    async change(argv, doing, say, signal) {
      let waits = false;
      const onLine = (line: string) => {
        const found = /^Waiting for cache lock: .*held by process (\d+)(?: \((.+?)\))?/.exec(line);
        if (found === null || waits) return;
        waits = true; // apt says it every second.
        say(waitingFor({ process: Number(found[1]), program: found[2] ?? "" }, 0));
      };
      const ended = await run(argv, signal, { onLine });
      if (ended.status !== 0) throw aptFailure(doing, ended);
      return ended;
    },
  };
}
