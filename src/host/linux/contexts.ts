// SPDX-License-Identifier: Apache-2.0
// The SELinux context of a file: an extended attribute, for which the runtime has no call.

import type { Attempt } from "../refusal.ts";
import { refused } from "../refusal.ts";
import { openAttributes } from "./ffi.ts";
import { lookAt } from "./states.ts";

const attributeName = "security.selinux";
/** Contexts are a few dozen bytes; with many categories, some hundred. */
const longestBytes = 4096;

/** Undefined when there is none, or nothing that keeps one. */
export function readContext(native: string | Buffer): string | undefined {
  const value = new Uint8Array(longestBytes);
  const length = openAttributes()?.get(native, attributeName, value) ?? -1;
  // The library of SELinux ends it with a null byte.
  return length < 0 ? undefined : new TextDecoder().decode(value.subarray(0, length)).replace(/\0+$/, "");
}

/** Undefined takes it away. */
export function writeContext(native: string | Buffer, context: string | undefined, attempt: Attempt): void {
  const attributes = openAttributes();
  if (attributes === undefined) throw refused("not-supported", attempt);
  if (lookAt(native) === undefined) throw refused("nothing-there", attempt);
  if (context === undefined) {
    if (readContext(native) === undefined || attributes.remove(native, attributeName)) return;
  } else if (attributes.set(native, attributeName, new TextEncoder().encode(`${context}\0`))) return;
  // The call does not tell why.
  throw refused(process.geteuid?.() === 0 ? "not-supported" : "privilege", attempt);
}
