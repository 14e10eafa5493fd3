// SPDX-License-Identifier: Apache-2.0
// Paths and names on the way to the kernel and back: strings where they are text, bytes where they are not.

import { isUtf8 } from "node:buffer";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { refused } from "../refusal.ts";

/** A path as `node:fs` takes it. Fails for one that is not absolute: it would depend on where we were started. */
export function nativePath(path: string, doing: string): string | Buffer {
  if (!path.startsWith("/")) throw refused("bad-path", { doing, path });
  return nativeText(path);
}

/** Any text as `node:fs` takes it. */
export function nativeText(text: string): string | Buffer {
  return text.isWellFormed() ? text : Buffer.from(bytesOf(text));
}

/** The str of a name or link text that the kernel gave. */
export function textFrom(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString("utf8") : textOf(bytes);
}

/** The directory that holds a path. */
export function parentOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end <= 0 ? "/" : path.slice(0, end);
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
