// SPDX-License-Identifier: Apache-2.0
// What the kinds that make archives have in common about the file that they make.

import type { FileState } from "../../contract/host.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { ByteSource } from "./formats/byte-source.ts";

/** They are held in memory. */
export const largestBytes = 512 * 1024 * 1024;

/** Whether the regular file has exactly these bytes. */
export async function isSameFile(path: string, at: FileState, bytes: Uint8Array, env: ResourceEnv): Promise<boolean> {
  if (at.size !== bytes.length) return false;
  const present = await env.host.files.read(path, largestBytes, env.signal);
  return present.length === bytes.length && present.every((byte, index) => byte === bytes[index]);
}

/** Whether both give the same bytes, however they are divided. */
export async function isSameStream(one: AsyncIterable<Uint8Array>, other: AsyncIterable<Uint8Array>): Promise<boolean> {
  const [left, right] = [new ByteSource(one), new ByteSource(other)];
  try {
    for (;;) {
      const piece = await left.some(Number.POSITIVE_INFINITY);
      if (piece === undefined) return (await right.some(1)) === undefined;
      for (let at = 0; at < piece.length; ) {
        const beside = await right.some(piece.length - at);
        if (beside === undefined) return false;
        for (let index = 0; index < beside.length; index += 1) {
          if (beside[index] !== piece[at + index]) return false;
        }
        at += beside.length;
      }
    }
  } finally {
    await left.close();
    await right.close();
  }
}

export function sizeText(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

/** `1 entry`, `3 files` */
export function countText(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
