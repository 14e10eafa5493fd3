// SPDX-License-Identifier: Apache-2.0
// Compression of every host: what it makes depends on nothing of the machine.

import { pipeline, Readable, type Transform } from "node:stream";
import { promisify } from "node:util";
import { constants, createGunzip, createInflateRaw, createZstdDecompress, gzip } from "node:zlib";
import { Failure } from "../contract/failure.ts";
import type { Compression, PackedForm } from "../contract/host.ts";
import { notInstalled } from "./command-failures.ts";

const onlyCoding = -2;
/** Where the header names the system that made the file. Always Unix, so that the bytes are the same everywhere. */
const systemAt = 9;
const unix = 3;

export const zlibCompression: Compression = {
  async gzip(content, level, signal) {
    signal.throwIfAborted();
    const options =
      level === onlyCoding ? { level: constants.Z_DEFAULT_COMPRESSION, strategy: constants.Z_HUFFMAN_ONLY } : { level };
    const packed = await promisify(gzip)(content, options);
    signal.throwIfAborted();
    packed[systemAt] = unix;
    return Uint8Array.from(packed);
  },
  async *unpack(packed, form, signal) {
    if (form === "xz" || form === "bzip2") throw notInstalled(form);
    yield* unpackThrough(packed, unpackers[form](), form, signal);
  },
};

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
  signal.throwIfAborted();
  let failed: Error | undefined;
  // Pieces are only lent to us, and the stream may keep several.
  const lasting = async function* () {
    try {
      for await (const piece of packed) yield Uint8Array.from(piece);
    } catch (reason) {
      failed = reason instanceof Error ? reason : new Error(String(reason));
      throw reason;
    }
  };
  const source = Readable.from(lasting(), { objectMode: false });
  pipeline(source, unpacker, () => {}); // Whatever happens is told by the last of them.
  try {
    for await (const piece of unpacker as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      yield new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
    }
  } catch (reason) {
    signal.throwIfAborted();
    throw failed ?? damaged(form, reason);
  } finally {
    unpacker.destroy();
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
