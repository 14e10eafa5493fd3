// SPDX-License-Identifier: Apache-2.0
// The SELinux context of a file: an extended attribute, for which the runtime has no call.

import { existsSync } from "node:fs";
import { type Attempt, refused } from "../refusal.ts";
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
  } else if (attributes.set(native, attributeName, ended(context))) return;
  // The call does not tell why.
  throw refused(process.geteuid?.() === 0 ? "not-supported" : "privilege", attempt);
}

let isKept: boolean | undefined;

/** Whether this machine decides by contexts who may do what. */
function decidesByContexts(): boolean {
  isKept ??= existsSync("/sys/fs/selinux/enforce");
  return isKept;
}

/** A file that takes the place of another one is as well known to the policy as that one was. */
export function keepContext(old: string | Buffer, next: string | Buffer, matters = decidesByContexts()): void {
  if (!matters) return;
  const context = readContext(old);
  if (context === undefined || context === readContext(next)) return;
  // What the system does not let us carry over is left as the system makes it: the content is what was asked for.
  openAttributes()?.set(next, attributeName, ended(context));
}

function ended(context: string): Uint8Array {
  return new TextEncoder().encode(`${context}\0`);
}
