// SPDX-License-Identifier: Apache-2.0
// Several resources may each manage a part of one file. Reading, changing and writing it must not mix.

import type { Files } from "../../contract/host.ts";

/** The last change of each file that is under way. */
const underWay = new WeakMap<Files, Map<string, Promise<unknown>>>();

/** Runs `change` when every change of this path that was asked for before has ended. */
export async function oneAtATime<Result>(
  files: Files,
  path: string,
  signal: AbortSignal,
  change: () => Promise<Result>,
): Promise<Result> {
  const changes = underWay.get(files) ?? new Map<string, Promise<unknown>>();
  underWay.set(files, changes);
  const before = changes.get(path);
  const mine = (async () => {
    await before?.catch(() => undefined); // Whoever asked for it is told.
    signal.throwIfAborted();
    return change();
  })();
  changes.set(path, mine);
  try {
    return await mine;
  } finally {
    if (changes.get(path) === mine) changes.delete(path);
  }
}
