// SPDX-License-Identifier: Apache-2.0
// The places that the content, state or owner of a file depends on. The host follows symbolic links by itself.

import type { WatchTarget } from "../../../contract/host.ts";
import { ownerTables } from "../owner-tables.ts";
import { cleanPath, isDirectoryPath } from "../path.ts";
import { type FileWant, targetOf } from "./fields.ts";

export function placesOf(want: FileWant): readonly WatchTarget[] {
  const target = targetOf(want);
  const copies = want.source !== "" && !want.symlink;
  const tree = copies && isDirectoryPath(want.source);
  // Without a purge or a copy, what is in a directory is the concern of others.
  const inside = target.directory && want.state !== "absent" && (want.purge || tree);
  return [
    { path: target.path, recursive: inside },
    ...(copies ? [{ path: cleanPath(want.source), recursive: tree }] : []),
    ...want.fragments.map((path) => ({ path: cleanPath(path), entries: isDirectoryPath(path) })),
    ...(want.state === "absent" ? [] : ownerTables(want.owner, want.group)),
  ];
}
