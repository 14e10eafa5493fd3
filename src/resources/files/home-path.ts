// SPDX-License-Identifier: Apache-2.0
// Paths that may begin with a home directory: `~/x` is in that of whom we act for, `~alice/x` in that of alice.

import type { Host } from "../../contract/host.ts";
import { cleanPath, isAbsolute, isDirectoryPath, joinPath } from "./path.ts";

/** What is wrong with the path of a file, for a person; undefined: nothing. */
export function wrongFilePath(path: string): string | undefined {
  if (path === "") return "there is no path of a file";
  if (!isAbsolute(path) && !/^~[^/]*\//.test(path)) {
    return `the path "${path}" is neither absolute nor in a home directory`;
  }
  return isDirectoryPath(path) ? `the path "${path}" is that of a directory: it ends with a slash` : undefined;
}

/** The clean absolute path, or why there is none, for a person. */
export async function expandHome(
  path: string,
  host: Host,
  signal: AbortSignal,
): Promise<{ readonly path: string } | { readonly unknown: string }> {
  if (!path.startsWith("~")) return { path: cleanPath(path) };
  const end = path.indexOf("/");
  const { identity } = host;
  const user = path.slice(1, end) || ((await identity.userName(identity.uid, signal)) ?? "");
  const home = user === "" ? undefined : await identity.homeDirectory(user, signal);
  if (home !== undefined) return { path: cleanPath(joinPath(cleanPath(home), path.slice(end + 1))) };
  const who = user === "" ? `the user with the number ${identity.uid}` : `the user ${user}`;
  return { unknown: `${who} does not exist or has no home directory` };
}

/** Tells that something may have changed at the path, also when the home directory becomes another one. */
export async function* watchHomePath(path: string, host: Host, signal: AbortSignal): AsyncIterable<void> {
  const users = path.startsWith("~") ? [{ path: "/etc/passwd" }] : [];
  for (;;) {
    const place = await expandHome(path, host, signal);
    const targets = "path" in place ? [{ path: place.path }, ...users] : users;
    for await (const _ of host.files.watch(targets, signal)) {
      yield;
      if (users.length > 0 && !samePlace(await expandHome(path, host, signal), place)) break;
    }
    if (signal.aborted) return;
  }
}

type Place = Awaited<ReturnType<typeof expandHome>>;

function samePlace(one: Place, other: Place): boolean {
  return "path" in one ? "path" in other && one.path === other.path : !("path" in other);
}
