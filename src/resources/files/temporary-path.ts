// SPDX-License-Identifier: Apache-2.0
// Where a directory for a while may be: a name that nobody can foresee, so that nobody can be there before us.

import type { Host } from "../../contract/host.ts";

/** Nothing is there yet; to be made with mode 0700, failing when something is. */
export function temporaryPath({ random, system }: Pick<Host, "random" | "system">): string {
  const unique = [...random.bytes(6)].map((byte) => byte.toString(36).padStart(2, "0")).join("");
  return `${system.environment("TMPDIR") ?? "/tmp"}/mgmt-${unique}`;
}
