// SPDX-License-Identifier: Apache-2.0
// The name of a host in its cluster.

import { Failure } from "../contract/failure.ts";

const longest = 253;

/** Fails with a `Failure` when a host cannot be called so. */
export function checkHostname(name: string): string {
  const isOne = name.length <= longest && /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) && /[A-Za-z0-9]/.test(name);
  if (isOne) return name;
  throw new Failure(`${JSON.stringify(name)} cannot be the name of a host.`, {
    code: "invalid",
    hint: `It has up to ${longest} letters, digits, dots, hyphens and underscores, and begins with none of . and -.`,
  });
}
