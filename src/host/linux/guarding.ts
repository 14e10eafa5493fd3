// SPDX-License-Identifier: Apache-2.0
// Work in a directory of somebody who may exchange its parts for symbolic links while we are there. Every directory on
// the way is opened without following links and then held: what is put in its place afterwards is not what we work in.

import { closeSync, constants, openSync } from "node:fs";
import { Failure } from "../../contract/failure.ts";
import type { Guard } from "../../contract/host.ts";
import { placesBelow } from "../below.ts";
import { type Attempt, refused } from "../refusal.ts";
import { errorName, failureFrom } from "./failures.ts";
import { nameOf, nativePath, nativeText, parentOf } from "./paths.ts";
import { lookAt } from "./states.ts";

/**
 * Gives `task` the path by which to reach the place: through the directory that is held, where there is a guard. `last`
 * says whether a symbolic link may be at the place itself, for what does not follow it.
 */
export async function guarded<Result>(
  attempt: Attempt,
  guard: Guard,
  task: (path: string) => Promise<Result>,
  last: "no link" | "any" = "no link",
): Promise<Result> {
  const base = guard.noLinksBelow;
  if (base === undefined) return task(attempt.path);
  const directory = holdDirectory(base, attempt);
  const held = `/proc/self/fd/${directory}/${nameOf(attempt.path)}`;
  try {
    if (last === "no link" && lookAt(nativeText(held))?.kind === "symlink") throw refused("link-on-the-way", attempt);
    return await task(held);
  } catch (reason) {
    if (!(reason instanceof Failure) || !reason.message.includes(held)) throw reason;
    const { code, hint, retry } = reason;
    throw new Failure(reason.message.replace(held, attempt.path), {
      code,
      retry,
      cause: reason,
      ...(hint === undefined ? {} : { hint }),
    });
  } finally {
    closeSync(directory);
  }
}

/** The descriptor of the directory that holds the place of the attempt. */
function holdDirectory(base: string, attempt: Attempt): number {
  let held: number | undefined;
  const step = (path: string | Buffer, flags: number) => {
    const before = held;
    held = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | flags);
    if (before !== undefined) closeSync(before);
    return held;
  };
  try {
    let directory = step(nativePath(base, attempt.doing), 0);
    for (const place of placesBelow(base, parentOf(attempt.path))) {
      const next = `/proc/self/fd/${directory}/${nameOf(place)}`;
      try {
        directory = step(nativeText(next), constants.O_NOFOLLOW);
      } catch (reason) {
        const blocked = errorName(reason) === "ENOTDIR" || errorName(reason) === "ELOOP";
        if (blocked && lookAt(nativeText(next))?.kind === "symlink") throw refused("link-on-the-way", attempt, reason);
        throw reason;
      }
    }
    return directory;
  } catch (reason) {
    if (held !== undefined) closeSync(held);
    throw failureFrom(reason, attempt);
  }
}
