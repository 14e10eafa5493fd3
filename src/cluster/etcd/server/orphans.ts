// SPDX-License-Identifier: Apache-2.0
// A server that outlived the run which had started it, where the kernel could not be asked to end it: found by the
// directory that it was told to keep its data in.

import { readdirSync, readFileSync } from "node:fs";
import type { Clock } from "../../../contract/host.ts";

const lookAgainMs = 20;

/** Kills it and waits for its end. Only for who has the state directory for itself. */
export async function endOrphans(directory: string, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const orphans = serversOf(directory);
  for (const id of orphans) process.kill(id, "SIGKILL");
  while (serversOf(directory).length > 0) await clock.sleep(lookAgainMs, signal);
  return orphans.length > 0;
}

function serversOf(directory: string): readonly number[] {
  return readdirSync("/proc").flatMap((name): readonly number[] => {
    if (!/^\d+$/.test(name)) return [];
    const argv = argumentsOf(name);
    const at = argv.indexOf("--data-dir");
    return at > 0 && argv[at + 1] === directory && /(?:^|\/)etcd$/.test(argv[0] ?? "") ? [Number(name)] : [];
  });
}

function argumentsOf(id: string): readonly string[] {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // It has just ended, or is hidden from us.
  }
}
