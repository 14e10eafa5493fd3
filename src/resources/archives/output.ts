// SPDX-License-Identifier: Apache-2.0
// What the kinds that make archives have in common about the file that they make.

import type { FileState } from "../../contract/host.ts";
import type { ResourceEnv } from "../../contract/resource.ts";

/** They are held in memory. */
export const largestBytes = 512 * 1024 * 1024;

/** Whether the regular file has exactly these bytes. */
export async function isSameFile(path: string, at: FileState, bytes: Uint8Array, env: ResourceEnv): Promise<boolean> {
  if (at.size !== bytes.length) return false;
  const present = await env.host.files.read(path, largestBytes, env.signal);
  return present.length === bytes.length && present.every((byte, index) => byte === bytes[index]);
}

export function sizeText(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}
