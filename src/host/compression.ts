// SPDX-License-Identifier: Apache-2.0
// Compression of every host: what it makes depends on nothing of the machine.

import { pipeline, Readable, type Transform } from "node:stream";
import { promisify } from "node:util";
import {
  constants,
  createGunzip,
  createGzip,
  createInflateRaw,
  createZstdDecompress,
  gzip,
  gzipSync,
  type ZlibOptions,
} from "node:zlib";
import { Failure } from "../contract/failure.ts";
import type { Compression, PackedForm } from "../contract/host.ts";
import { notInstalled } from "./command-failures.ts";

/** So much of what was packed is given at once. */
const packedBytes = 1024 * 1024;
const onlyCoding = -2;
/** Where the header names the system that made the file. Always Unix, so that the bytes are the same everywhere. */
const systemAt = 9;
const unix = 3;

export const zlibCompression: Compression = {
  async gzip(content, level, signal) {
    signal.throwIfAborted();
    const packed = await promisify(gzip)(content, optionsOf(level));
    signal.throwIfAborted();
    packed[systemAt] = unix;
    return Uint8Array.from(packed);
  },
  async *pack(content, level, signal) {
    let isFirst = true;
    for await (const piece of through(content, createGzip({ ...optionsOf(level), chunkSize: packedBytes }), signal)) {
      if (isFirst) piece[systemAt] = unix; // The whole header comes at once.
      isFirst = false;
      yield piece;
    }
  },
  async *unpack(packed, form, signal) {
    if (form === "xz" || form === "bzip2") throw notInstalled(form);
    yield* unpackThrough(packed, unpackers[form](), form, signal);
  },
};

function optionsOf(level: number): ZlibOptions {
  return level === onlyCoding
    ? { level: constants.Z_DEFAULT_COMPRESSION, strategy: constants.Z_HUFFMAN_ONLY }
    : { level };
}

/** The same without any other thread: what waits for nothing but time that is driven sees it done. */
export async function* packAtOnce(
  content: AsyncIterable<Uint8Array>,
  level: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(Uint8Array.from(piece));
  signal.throwIfAborted();
  const packed = gzipSync(Buffer.concat(pieces), optionsOf(level));
  packed[systemAt] = unix;
  yield packed;
}

const unpackers: Readonly<Record<"gzip" | "zstd" | "deflate", () => Transform>> = {
  gzip: () => createGunzip(),
  zstd: () => createZstdDecompress(),
  deflate: () => createInflateRaw(),
};

async function* unpackThrough(
  packed: AsyncIterable<Uint8Array>,
  unpacker: Transform,
  form: PackedForm,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let failed: Error | undefined;
  const source = async function* () {
    try {
      yield* packed;
    } catch (reason) {
      failed = reason instanceof Error ? reason : new Error(String(reason));
      throw reason;
    }
  };
  try {
    yield* through(source(), unpacker, signal);
  } catch (reason) {
    signal.throwIfAborted();
    throw failed ?? damaged(form, reason);
  }
}

/** What a transformation makes of it. */
async function* through(
  content: AsyncIterable<Uint8Array>,
  transform: Transform,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  // Pieces are only lent to us, and the stream may keep several.
  const lasting = async function* () {
    for await (const piece of content) yield Uint8Array.from(piece);
  };
  const source = Readable.from(lasting(), { objectMode: false });
  pipeline(source, transform, () => {}); // Whatever happens is told by the last of them.
  try {
    for await (const piece of transform as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      yield new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
    }
  } finally {
    transform.destroy();
    source.destroy();
  }
}

/** The failure of packed content that cannot be unpacked. */
export function damaged(form: PackedForm, reason: unknown): Failure {
  if (reason instanceof Failure) return reason;
  const why = reason instanceof Error ? reason.message : String(reason);
  return new Failure(`the ${form} content is damaged or cut off: ${why}`, {
    code: "invalid",
    hint: "Get it again, and compare its checksum with the one that its maker gives.",
    cause: reason,
  });
}
