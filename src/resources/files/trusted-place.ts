// SPDX-License-Identifier: Apache-2.0
// Where root may work on behalf of a path. Whoever may change the entries of a directory can put a symbolic link into
// it, and so lead us to any file of the machine; so links are followed only as long as nobody but root could have put
// them there. From the first directory that others may change, a guard sees that there are none.

import type { FileState, Guard, Host } from "../../contract/host.ts";
import { cleanPath, joinPath } from "./path.ts";
import { linkLimit, leadsInCircle, partsOf, realPath } from "./real-path.ts";

export interface TrustedPlace {
  /** With every link followed that may be. */
  readonly path: string;
  /** What all work at `path` must be given. Empty when nobody but root can change the way. */
  readonly guard: Guard;
}

/** Of a clean path. `last`: whether a link at the place itself is followed as well. */
export async function trustedPlace(
  path: string,
  host: Host,
  signal: AbortSignal,
  last: "follow" | "keep",
): Promise<TrustedPlace> {
  const { files, identity } = host;
  // Who is not root can be led only to what is open to him anyway.
  if (identity.uid !== 0) return { path: last === "keep" ? path : await realPath(path, files, signal), guard: {} };
  const top = await files.inspect("/", signal);
  const trusted = new Set([0, top?.uid]);
  const ahead = partsOf(path);
  let reached = "/";
  let here: FileState | undefined = top;
  let links = 0;
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    if (part === "..") {
      reached = reached.slice(0, reached.lastIndexOf("/")) || "/";
      here = await files.inspect(reached, signal);
      continue;
    }
    const next = joinPath(reached, part);
    const state = await files.inspect(next, signal);
    if (here !== undefined && isOpenToOthers(here, state, trusted)) {
      const rest = joinPath(reached, [part, ...ahead].join("/"));
      if (ahead.includes("..")) return trustedPlace(cleanPath(rest), host, signal, last);
      return { path: rest, guard: { noLinksBelow: reached } };
    }
    const follows = state?.kind === "symlink" && (ahead.length > 0 || last === "follow");
    if (!follows) {
      reached = next;
      here = state;
      continue;
    }
    links += 1;
    if (links > linkLimit) throw leadsInCircle(path);
    const target = await files.readLink(next, signal);
    if (target.startsWith("/")) {
      reached = "/";
      here = top;
    }
    ahead.unshift(...partsOf(target));
  }
  return { path: reached, guard: {} };
}

/** Whether somebody who is not trusted may exchange the entry of that directory; in one like /tmp, only his own. */
function isOpenToOthers(
  directory: FileState,
  entry: FileState | undefined,
  trusted: ReadonlySet<number | undefined>,
): boolean {
  if (!trusted.has(directory.uid)) return true;
  const writable = (directory.mode & 0o002) !== 0 || ((directory.mode & 0o020) !== 0 && directory.gid !== 0);
  if (!writable) return false;
  return (directory.mode & 0o1000) === 0 || entry === undefined || !trusted.has(entry.uid);
}
