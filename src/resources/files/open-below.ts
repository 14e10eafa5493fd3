// SPDX-License-Identifier: Apache-2.0
// Files below a directory that is served: links are followed as long as they stay in it.

import { Failure } from "../../contract/failure.ts";
import type { OpenFile } from "../../contract/host.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { joinPath } from "./path.ts";
import { realPath } from "./real-path.ts";

/** `path` is relative, without `.` and `..` (`parseTarget`). Undefined when there is no regular file that may be served. */
export async function openBelow(
  root: string,
  path: string,
  { host: { files }, signal }: ResourceEnv,
): Promise<OpenFile | undefined> {
  try {
    // Nearly always there is no link on the way, and the file is had without looking at each part of it.
    const base = root.replace(/\/+$/, "") || "/";
    return await files.open(joinPath(base, path), signal, { noLinksBelow: base });
  } catch (reason) {
    if (!(reason instanceof Failure) || !notThere.includes(reason.code)) throw reason;
    if (reason.code !== "conflict") return undefined;
  }
  try {
    const real = await realPath(root, files, signal);
    const place = await realPath(`${real}/${path}`, files, signal);
    if (!place.startsWith(`${real === "/" ? "" : real}/`)) return undefined;
    // Whoever exchanges a part for a link in the meantime gets nothing.
    return await files.open(place, signal, { noLinksBelow: real });
  } catch (reason) {
    if (reason instanceof Failure && notThere.includes(reason.code)) return undefined;
    throw reason;
  }
}

/** The codes of failures that say that there is no regular file to be had. */
export const notThere: readonly string[] = [
  "not-found",
  "not-a-directory",
  "is-a-directory",
  "unsupported",
  "conflict",
  "invalid",
];
