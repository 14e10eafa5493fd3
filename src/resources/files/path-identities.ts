// SPDX-License-Identifier: Apache-2.0
// How places on the disk find each other in the order of resources. Texts only: nothing is looked at.

import type { Identity } from "../../contract/automatic.ts";
import { cleanPath, directoryPart, isDirectoryPath } from "./path.ts";

/** That of a directory keeps its slash: `/a` and `/a/` cannot both be there. */
export function pathIdentity(path: string): Identity {
  if (!isDirectoryPath(path)) return { space: "path", id: cleanPath(path) };
  const clean = cleanPath(path.slice(0, -1));
  return { space: "path", id: clean === "/" ? clean : `${clean}/` };
}

/** The nearest first. */
export function* directoriesAbove(path: string): Iterable<Identity> {
  let below = pathIdentity(path).id;
  for (let above = directoryPart(below); above !== below && above !== ""; above = directoryPart(below)) {
    yield { space: "path", id: above };
    below = above;
  }
}

/** What is mounted at a directory above, the nearest first. */
export function* mountsAbove(path: string): Iterable<Identity> {
  for (const { id } of directoriesAbove(path)) yield { space: "mount", id: id === "/" ? id : id.slice(0, -1) };
}

/** The file itself, else the nearest directory above it that somebody manages: for kinds that change what is in a file. */
export function* fileOrDirectoriesAbove(path: string): Iterable<Identity> {
  yield pathIdentity(path);
  yield* directoriesAbove(path);
}
