// SPDX-License-Identifier: Apache-2.0
// Paths that belong to packages. Distributions have made /bin a link to /usr/bin and so on, but a package may still call
// its files by the old path, and a program too.

import type { Identity } from "../../../contract/automatic.ts";

const merged = /^(?:\/usr)?(?=\/(?:bin|sbin|lib|lib32|lib64|libx32)\/)/;

/** What a package offers by a file that it has, and others need by the path of a program. */
export function packagedPath(path: string): Identity {
  return { space: "packaged path", id: path.replace(merged, "/usr") };
}

/** The path, and the other one that means the same. */
export function withAliases(path: string): readonly string[] {
  if (!merged.test(path)) return [path];
  return [path, path.startsWith("/usr/") ? path.slice("/usr".length) : `/usr${path}`];
}
