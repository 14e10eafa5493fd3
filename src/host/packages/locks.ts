// SPDX-License-Identifier: Apache-2.0
// Who holds the lock of a package database, as the kernel tells it, and waiting until nobody does.

import type { Clock, Files, FileState } from "../../contract/host.ts";
import type { Say } from "../../contract/packages.ts";
import { textOf } from "../../values/bytes.ts";

export interface LockParts {
  readonly files: Files;
  readonly clock: Clock;
}

/** The kernel tells nobody that a lock is free, so it is looked at while one is in the way; 20 times in a second. */
const lookEveryMs = 50;

/** A wait that is shorter is not worth a word; a longer one gets another each time it has become twice as long. */
const worthSayingMs = 500;

export interface Holder {
  /** Undefined where the kernel does not say. */
  readonly process: number | undefined;
  /** `apt-get`; empty when it is not known. */
  readonly program: string;
}

/** Waits until nobody holds one of these files, and says for whom it waits. */
export async function waitForLocks(
  paths: readonly string[],
  parts: LockParts,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  await waitForHolder(() => holderOf(paths, parts.files, signal), parts, say, signal);
}

/** Waits until there is no holder, and says for whom it waits. */
export async function waitForHolder(
  find: () => Promise<Holder | undefined>,
  { clock }: LockParts,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const startMs = clock.monotonicMs();
  for (let sayAfterMs = worthSayingMs; ; ) {
    const holder = await find();
    if (holder === undefined) return;
    const waitedMs = clock.monotonicMs() - startMs;
    if (waitedMs >= sayAfterMs) {
      say(waitingFor(holder, waitedMs));
      sayAfterMs = Math.max(10_000, 2 * waitedMs);
    }
    await clock.sleep(lookEveryMs, signal);
  }
}

export function waitingFor({ process, program }: Holder, waitedMs: number): string {
  const who = process === undefined ? "another process" : `process ${process}`;
  const seconds = Math.round(waitedMs / 1000);
  const since = seconds < 5 ? "" : `, for ${seconds} s now`;
  return `waits for ${program === "" ? who : `${program} (${who})`}, which holds the lock of the package database${since}`;
}

export async function holderOf(
  paths: readonly string[],
  files: Files,
  signal: AbortSignal,
): Promise<Holder | undefined> {
  const table = await readSmall("/proc/locks", files, signal);
  if (table === undefined) return undefined;
  for (const path of paths) {
    const state = await files.inspect(path, signal);
    const found = state === undefined ? undefined : parseLockHolder(table, state);
    if (found === undefined) continue;
    const process = found < 1 ? undefined : found;
    const program = process === undefined ? undefined : await readSmall(`/proc/${process}/comm`, files, signal);
    return { process, program: program?.trim() ?? "" };
  }
  return undefined;
}

/**
 * The process that holds a lock on this file, by the table /proc/locks; not one that waits for it. Undefined when none
 * does, -1 when the lock belongs to no process.
 */
export function parseLockHolder(
  table: string,
  { device, inode }: Pick<FileState, "device" | "inode">,
): number | undefined {
  const hex = (number: bigint) => number.toString(16).padStart(2, "0");
  // As the C library packs the two numbers of a device into one.
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xffff_f000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffff_ff00n);
  const place = `${hex(major)}:${hex(minor)}:${inode}`;
  for (const line of table.split("\n")) {
    const [, , , , process, where] = line.split(/\s+/);
    if (where === place && !line.includes("->")) return Number(process);
  }
  return undefined;
}

async function readSmall(path: string, files: Files, signal: AbortSignal): Promise<string | undefined> {
  try {
    return textOf(await files.read(path, 4 * 1024 * 1024, signal));
  } catch {
    signal.throwIfAborted();
    return undefined; // Not every system shows it, and a process may have ended meanwhile.
  }
}
