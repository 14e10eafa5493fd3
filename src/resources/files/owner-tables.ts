// SPDX-License-Identifier: Apache-2.0
// Where it stands which number the name of an owner or a group has: it may come to be another one.

import type { WatchTarget } from "../../contract/host.ts";

/** A number stands for itself, and root is always the same. */
export function ownerTables(owner: string, group: string): readonly WatchTarget[] {
  const isNamed = (one: string) => one !== "" && one !== "root" && !/^\d+$/.test(one);
  return [...(isNamed(owner) ? [{ path: "/etc/passwd" }] : []), ...(isNamed(group) ? [{ path: "/etc/group" }] : [])];
}
