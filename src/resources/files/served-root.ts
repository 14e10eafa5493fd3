// SPDX-License-Identifier: Apache-2.0
// The directory whose files a server hands out: what is wrong with it, that it is there, and what makes it.

import type { Identity, Wish } from "../../contract/automatic.ts";
import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv, WantProblem } from "../../contract/resource.ts";
import { cleanPath } from "./path.ts";
import { directoriesAbove } from "./path-identities.ts";
import { pathProblems } from "./possible-path.ts";

/** Empty: the server has none. */
export function rootProblems(root: string): readonly WantProblem[] {
  if (root === "" || /^\/(?:.*\/)?$/s.test(root)) return pathProblems({ root });
  const title = `"${root}" is not the absolute path of a directory`;
  return [{ field: "root", title, hint: "The path of a directory ends with `/`." }];
}

export async function expectRoot(root: string, { host, signal }: ResourceEnv): Promise<void> {
  if (root === "" || (await host.files.inspectTarget(cleanPath(root), signal))?.kind === "directory") return;
  throw new Failure(`there is no directory ${root} to serve`, { code: "not-found", retry: "backoff" });
}

/** The edges of a server, which comes behind what it serves. */
export const rootEdges = {
  reads: ["root"],
  offers: () => [],
  *wishes({ root }: { readonly root: string }): Iterable<Wish> {
    if (root !== "") yield { order: "before", anyOf: directoryIdentities(root), why: "is what it serves" };
  },
} as const;

/** The directory itself, else the nearest above it that somebody manages. */
export function* directoryIdentities(path: string): Iterable<Identity> {
  yield { space: "path", id: path === "/" ? "/" : `${cleanPath(path)}/` };
  yield* directoriesAbove(path);
}
