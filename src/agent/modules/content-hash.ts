// SPDX-License-Identifier: Apache-2.0
// One hash for all files of a directory: equal exactly when names, contents, links and executability are. What git
// keeps for itself does not count.

import { createHash } from "node:crypto";
import type { Host } from "../../contract/host.ts";

/** `except` are directories below, relative and ending in `/`, that do not count. */
export async function hashDirectory(
  directory: string,
  except: readonly string[],
  { files }: Host,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256");
  // Depth first, each directory sorted: always the same order.
  const visit = async (below: string): Promise<void> => {
    for (const name of await files.list(directory + below, signal)) {
      const path = below + name;
      if (name === ".git" || except.includes(`${path}/`)) continue;
      const state = await files.inspect(directory + path, signal);
      if (state === undefined) continue;
      if (state.kind === "directory") {
        await visit(`${path}/`);
      } else if (state.kind === "symlink") {
        hash.update(`link ${JSON.stringify([path, await files.readLink(directory + path, signal)])}\n`);
      } else if (state.kind === "file") {
        const word = (state.mode & 0o100) === 0 ? "file" : "program";
        hash.update(`${word} ${JSON.stringify([path, await files.digest(directory + path, signal)])}\n`);
      }
    }
  };
  await visit("");
  return hash.digest("hex");
}
