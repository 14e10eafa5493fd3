// SPDX-License-Identifier: Apache-2.0
// The places that the content or state of a file depends on. The host follows symbolic links by itself.

import type { WatchTarget } from "../../../contract/host.ts";
import { cleanPath, isDirectoryPath } from "../path.ts";
import { type FileWant, targetOf } from "./fields.ts";

export function placesOf(want: FileWant): readonly WatchTarget[] {
  const target = targetOf(want);
  return [
    { path: target.path, recursive: want.recurse && target.directory },
    ...(want.source === "" || want.symlink
      ? []
      : [{ path: cleanPath(want.source), recursive: isDirectoryPath(want.source) }]),
    ...want.fragments.map((fragment) => ({ path: cleanPath(fragment) })),
  ];
}
