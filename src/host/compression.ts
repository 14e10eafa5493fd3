// SPDX-License-Identifier: Apache-2.0
// Compression of every host: what it makes depends on nothing of the machine.

import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import type { Compression } from "../contract/host.ts";

const gzipLater = promisify(gzip);
const onlyCoding = -2;
/** Where the header names the system that made the file. Always Unix, so that the bytes are the same everywhere. */
const systemAt = 9;
const unix = 3;

export const zlibCompression: Compression = {
  async gzip(content, level, signal) {
    signal.throwIfAborted();
    const options =
      level === onlyCoding ? { level: constants.Z_DEFAULT_COMPRESSION, strategy: constants.Z_HUFFMAN_ONLY } : { level };
    const packed = await gzipLater(content, options);
    signal.throwIfAborted();
    packed[systemAt] = unix;
    return Uint8Array.from(packed);
  },
};
