// SPDX-License-Identifier: Apache-2.0
// Where a path leads when every symbolic link on the way is followed, the last part included.

import { Failure } from "../../contract/failure.ts";
import type { Files } from "../../contract/host.ts";
import { joinPath } from "./path.ts";

/** As many as the kernel follows before it gives up. */
export const linkLimit = 40;

/** Of a clean path. Parts that do not exist stay as they are written. */
export async function realPath(path: string, files: Files, signal: AbortSignal): Promise<string> {
  const ahead = partsOf(path);
  let reached = "/";
  let links = 0;
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    if (part === "..") {
      reached = reached.slice(0, reached.lastIndexOf("/")) || "/";
      continue;
    }
    const next = joinPath(reached, part);
    const state = await files.inspect(next, signal);
    if (state?.kind !== "symlink") {
      reached = next;
      continue;
    }
    links += 1;
    if (links > linkLimit) throw leadsInCircle(path);
    const target = await files.readLink(next, signal);
    if (target.startsWith("/")) reached = "/";
    ahead.unshift(...partsOf(target));
  }
  return reached;
}

export function leadsInCircle(path: string): Failure {
  return new Failure(`${path} leads through symbolic links in a circle`, { code: "invalid" });
}

/** What is on the way, in order; `..` as it is written. */
export function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
