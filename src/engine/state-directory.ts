// SPDX-License-Identifier: Apache-2.0
// Where a resource may keep what must survive a restart: one private directory for each kind and name.

import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { bytesOf } from "../values/bytes.ts";

/** Bytes in one part of a path; file systems allow 255, and kinds may want to append something. */
const longestPart = 200;

/**
 * `kind-<base64url of the name>+<the name, with dashes>`: the first half tells names apart, the second is for people
 * and is cut when the whole gets long. A first half that is too long itself goes on in directories below, which never
 * end in the place of another resource, because only the last part has a `+`.
 */
export function statePath(root: string, kind: string, name: string): string {
  const exact = `${kind}-${base64url(bytesOf(name))}`;
  const parts: string[] = [];
  for (let at = 0; at < exact.length; at += longestPart - 1) parts.push(exact.slice(at, at + longestPart - 1));
  const last = parts.at(-1) ?? "";
  const readable = name.replaceAll(/[^\w.]/gu, "-").slice(0, longestPart - 1 - last.length);
  return [root, ...parts.slice(0, -1), `${last}+${readable}`].join("/");
}

export async function makeStateDirectory(host: Host, path: string, signal: AbortSignal): Promise<string> {
  try {
    await host.files.createDirectory(path, { mode: 0o700, parents: true }, signal);
  } catch (reason) {
    const state =
      reason instanceof Failure && reason.code === "exists" ? await host.files.inspect(path, signal) : undefined;
    if (state?.kind !== "directory") throw reason;
  }
  return path;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function base64url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const bits = (first << 16) | (second << 8) | third;
    const letters = Math.min(4, bytes.length - at + 1);
    for (let letter = 0; letter < letters; letter += 1) text += alphabet[(bits >> (18 - 6 * letter)) & 63];
  }
  return text;
}
