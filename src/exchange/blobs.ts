// SPDX-License-Identifier: Apache-2.0
// Contents in the store, by their SHA-256. A content that is there is not sent again. Whoever reads one must compare its
// hash: what stands in a store was written by whoever can.

import type { Change } from "../contract/cluster.ts";
import { Failure } from "../contract/failure.ts";
import { commitAll } from "./commit-all.ts";
import type { Connection } from "./connection.ts";
import { open, seal } from "./envelope.ts";
import { blobKey, blobPartKey, blobsPrefix, partsAfter } from "./keys.ts";

/** In base64 and with its envelope it is well within a transaction. */
const partBytes = 480 * 1024;
/** Nothing larger is read: what stands in a store may be a lie. */
const mostBytes = 64 * 1024 * 1024;

/** Those that are missing are put; a content counts when its first key is there, which is put last. */
export async function putBlobs(
  connection: Connection,
  contents: ReadonlyMap<string, Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const groups: (readonly Change[])[] = [];
  for (const [sha256, content] of contents) {
    const key = blobKey(sha256);
    if ((await connection.read({ key }, signal)).entries.length > 0) continue;
    const size = content.length;
    if (size <= partBytes) {
      groups.push([{ do: "put", key, value: seal({ size, content: base64(content) }) }]);
      continue;
    }
    const parts = Math.ceil(size / partBytes);
    for (let part = 0; part < parts; part += 1) {
      const value = base64(content.subarray(part * partBytes, (part + 1) * partBytes));
      const changes = [{ do: "put", key: blobPartKey(sha256, part), value }] as const;
      await connection.commit({ conditions: [], changes }, signal);
    }
    groups.push([{ do: "put", key, value: seal({ size, parts }) }]);
  }
  await commitAll(connection, groups, signal);
}

/** Undefined when it is not there. Its hash has not been compared. */
export async function readBlob(
  connection: Connection,
  sha256: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const [entry] = (await connection.read({ key: blobKey(sha256) }, signal)).entries;
  const head = entry === undefined ? undefined : open(entry.value);
  if (head === undefined) return undefined;
  const { size, content, parts } = head;
  if (typeof content === "string") return bytesOfBase64(content);
  if (typeof size !== "number" || typeof parts !== "number" || size > mostBytes) return undefined;
  const whole = new Uint8Array(size);
  let at = 0;
  for (let part = 0; part < parts; part += 1) {
    const [found] = (await connection.read({ key: blobPartKey(sha256, part) }, signal)).entries;
    const bytes = found === undefined ? undefined : bytesOfBase64(found.value);
    if (bytes === undefined || at + bytes.length > size) return undefined;
    whole.set(bytes, at);
    at += bytes.length;
  }
  return at === size ? whole : undefined;
}

/** What is to be deleted so that only these are left. */
export async function strayBlobs(
  connection: Connection,
  kept: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly Change[]> {
  const { entries } = await connection.read({ prefix: blobsPrefix }, signal);
  return entries
    .filter(({ key }) => !kept.has(partsAfter(blobsPrefix, key)[0] ?? ""))
    .map(({ key }): Change => ({ do: "delete", key }));
}

function base64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

function bytesOfBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch (reason) {
    throw new Failure("A content in the cluster's store is damaged.", { code: "invalid", cause: reason });
  }
}
