// SPDX-License-Identifier: Apache-2.0
// The lock of pacman: a file that is there. One that was killed leaves it behind, so it counts only while some process
// has it open.

import type { Files } from "../../../contract/host.ts";
import type { Say } from "../../../contract/packages.ts";
import { waitForHolder, type Holder, type LockParts } from "../locks.ts";
import { readDatabase } from "../programs.ts";

/** Waits until nobody holds it; takes away what a killed one has left. */
export async function waitForDatabaseLock(
  path: string,
  parts: LockParts,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const { files } = parts;
  await waitForHolder(() => holderOfFile(path, files, signal), parts, say, signal);
  if ((await files.inspect(path, signal)) === undefined) return;
  say("finishes what a transaction that was cut off has left (its lock)");
  await files.remove(path, {}, signal);
}

async function holderOfFile(path: string, files: Files, signal: AbortSignal): Promise<Holder | undefined> {
  if ((await files.inspect(path, signal)) === undefined) return undefined;
  for (const process of await files.list("/proc", signal)) {
    if (!/^\d+$/.test(process) || !(await hasOpen(path, process, files, signal))) continue;
    const program = await readDatabase(`/proc/${process}/comm`, files, signal).catch(() => undefined);
    return { process: Number(process), program: program?.trim() ?? "" };
  }
  return undefined;
}

async function hasOpen(path: string, process: string, files: Files, signal: AbortSignal): Promise<boolean> {
  const directory = `/proc/${process}/fd`;
  try {
    for (const descriptor of await files.list(directory, signal)) {
      if ((await files.readLink(`${directory}/${descriptor}`, signal).catch(() => "")) === path) return true;
    }
  } catch {
    signal.throwIfAborted(); // Otherwise it has ended meanwhile.
  }
  return false;
}
