// SPDX-License-Identifier: Apache-2.0
// Removes a directory with everything in it, and nothing else: each directory is opened and worked on through its
// descriptor, so nobody can put a symbolic link in our way and lead us out of the tree while we are in it.

import { closeSync, constants, existsSync, openSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { saysDirectory, saysNothingThere } from "./failures.ts";

/** Milliseconds of work in one go. */
const sliceMs = 5;

/** Stops between two entries when the signal aborts; what is left then is whole. */
export async function removeTree(
  path: string | Buffer,
  signal: AbortSignal,
  nextTurn: () => Promise<unknown>,
): Promise<void> {
  let until = performance.now() + sliceMs;

  async function empty(directory: string | Buffer): Promise<void> {
    const descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      const inside = `/proc/self/fd/${descriptor}`;
      const base = Buffer.from(existsSync(inside) ? `${inside}/` : `${directory.toString()}/`);
      for (const name of readdirSync(base, { encoding: "buffer" })) {
        if (performance.now() > until) {
          await nextTurn();
          signal.throwIfAborted();
          until = performance.now() + sliceMs;
        }
        await removeEntry(Buffer.concat([base, name]));
      }
    } finally {
      closeSync(descriptor);
    }
  }

  async function removeEntry(entry: Buffer): Promise<void> {
    try {
      unlinkSync(entry);
    } catch (reason) {
      if (saysNothingThere(reason)) return;
      if (!saysDirectory(reason)) throw reason;
      await empty(entry);
      rmdirSync(entry);
    }
  }

  await empty(path);
  rmdirSync(path);
}
