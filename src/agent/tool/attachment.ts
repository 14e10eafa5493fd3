// SPDX-License-Identifier: Apache-2.0
// A tool is the executable of mgmt with a program behind its end, where neither the kernel nor the runtime looks. What is
// attached: a gzip file with the program's files as JSON, its SHA-256, its length in 8 bytes (big endian), and a word.

import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { bytesOf } from "../../values/bytes.ts";
import type { BundledFile } from "../bundle.ts";

export interface Attachment {
  /** Of the files: the same files have the same. */
  readonly id: string;
  readonly files: readonly BundledFile[];
}

const word = "mgmt tool 1\n";
const digestBytes = 32;
const lengthBytes = 8;
const trailerBytes = digestBytes + lengthBytes + word.length;
/** More than any program is worth, and as much as may be read into memory. */
const limitBytes = 256 * 1024 * 1024;

/** The bytes to put behind an executable. */
export async function renderAttachment(
  { id, files }: Attachment,
  host: Host,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const listed = files.map(({ path, sha256, executable, content }) => {
    return { path, sha256, executable, content: Buffer.from(content).toString("base64") };
  });
  const packed = await host.compression.gzip(bytesOf(JSON.stringify({ version: 1, id, files: listed })), 9, signal);
  const length = Buffer.alloc(lengthBytes);
  length.writeBigUInt64BE(BigInt(packed.length));
  return Buffer.concat([packed, sha256(packed), length, Buffer.from(word, "latin1")]);
}

/** What is attached to an executable; undefined: nothing. Fails with `invalid` when it is damaged. */
export function readAttachment(executable: string): Attachment | undefined {
  const file = openSync(executable, "r");
  try {
    const { size } = fstatSync(file);
    if (size < trailerBytes) return undefined;
    const trailer = readAt(file, size - trailerBytes, trailerBytes);
    if (trailer.toString("latin1", digestBytes + lengthBytes) !== word) return undefined;
    const length = Number(trailer.readBigUInt64BE(digestBytes));
    const start = size - trailerBytes - length;
    if (length > limitBytes || start < 0) throw damaged(executable);
    const packed = readAt(file, start, length);
    if (!sha256(packed).equals(trailer.subarray(0, digestBytes))) throw damaged(executable);
    return parse(gunzipSync(packed, { maxOutputLength: limitBytes }).toString("utf8"));
  } finally {
    closeSync(file);
  }
}

/** Its hash is right, so it is what we have written. */
function parse(text: string): Attachment {
  const { id, files } = JSON.parse(text) as {
    readonly id: string;
    readonly files: readonly (Omit<BundledFile, "content"> & { readonly content: string })[];
  };
  return { id, files: files.map((file) => ({ ...file, content: Buffer.from(file.content, "base64") })) };
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = readSync(file, bytes, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return bytes;
}

function damaged(executable: string): Failure {
  return new Failure(`the program inside of ${executable} is damaged`, {
    code: "invalid",
    hint: "copy the file anew from where it was built",
  });
}

function sha256(content: Uint8Array): Buffer {
  return createHash("sha256").update(content).digest();
}
