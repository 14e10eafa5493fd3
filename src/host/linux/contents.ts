// SPDX-License-Identifier: Apache-2.0
// Reading, hashing and copying what is in files. At most one piece of a big file is in memory at a time.

import { createHash, hash } from "node:crypto";
import { type BigIntStats, closeSync, constants, fstatSync, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { invariant } from "../../base/invariant.ts";
import type { OpenFile, WriteOptions } from "../../contract/host.ts";
import { refused, tooLarge } from "../refusal.ts";
import { failureFrom } from "./failures.ts";
import { nativePath } from "./paths.ts";
import { smallBytes, writePieces } from "./replacing.ts";

/** Bytes of a big file read in one go. */
const pieceBytes = 256 * 1024;

/** The unit in which the kernel tells how much room a file takes. */
const blockBytes = 512;

const readPiece = promisify(read);

/** `flags` are those of `open`, besides the usual ones. */
export async function readFile(path: string, limitBytes: number, signal: AbortSignal, flags = 0): Promise<Uint8Array> {
  const task = async (descriptor: number, size: number): Promise<Uint8Array> => {
    if (size > limitBytes) throw tooLarge(path, limitBytes);
    // Files of /proc say 0 and have more, and any file may grow meanwhile: the end of the file counts, not its size.
    if (size <= smallBytes) {
      const content = readSmall(descriptor, size === 0 ? 4096 : size, limitBytes);
      if (content.length > limitBytes) throw tooLarge(path, limitBytes);
      if (content.length <= smallBytes) return plain(content);
    }
    const pieces: Uint8Array[] = [];
    let total = 0;
    for await (const piece of piecesOf(descriptor, signal)) {
      total += piece.length;
      if (total > limitBytes) throw tooLarge(path, limitBytes);
      pieces.push(Uint8Array.from(piece));
    }
    return plain(Buffer.concat(pieces));
  };
  return withFile(path, signal, task, flags);
}

export async function digestOf(path: string, signal: AbortSignal, flags = 0): Promise<string> {
  const task = async (descriptor: number, size: number): Promise<string> => {
    if (size <= smallBytes) {
      const content = readSmall(descriptor, size, smallBytes);
      if (content.length <= smallBytes) return hash("sha256", content, "hex");
    }
    const sum = createHash("sha256");
    for await (const piece of piecesOf(descriptor, signal)) sum.update(piece);
    return sum.digest("hex");
  };
  return withFile(path, signal, task, flags);
}

export async function copyFile(
  source: string,
  path: string,
  options: WriteOptions,
  signal: AbortSignal,
  flags = 0,
): Promise<void> {
  const task = async (descriptor: number): Promise<void> => {
    const { blocks, size } = fstatSync(descriptor);
    const holes = blocks * blockBytes < size;
    await writePieces(path, piecesOf(descriptor, signal), options, signal, holes ? "holes for zeros" : "all");
  };
  await withFile(source, signal, task, flags);
}

/** The descriptor of a regular file. */
export function openFile(path: string, signal: AbortSignal, flags = 0): number {
  return openWithStats(path, signal, flags).descriptor;
}

function openWithStats(path: string, signal: AbortSignal, flags: number) {
  signal.throwIfAborted();
  const attempt = { doing: "read", path };
  let descriptor: number | undefined;
  try {
    // Without waiting: the open of a pipe that nobody writes to would hold up the whole process.
    descriptor = openSync(nativePath(path, "read"), constants.O_RDONLY | constants.O_NONBLOCK | flags);
    const stats = fstatSync(descriptor, { bigint: true });
    if (stats.isDirectory()) throw refused("is-directory", attempt);
    if (!stats.isFile()) throw refused("not-a-regular-file", attempt);
    return { descriptor, stats };
  } catch (reason) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw failureFrom(reason, attempt);
  }
}

/** `flags` as above. */
export function holdFile(path: string, signal: AbortSignal, flags = 0): OpenFile {
  const { descriptor, stats } = openWithStats(path, signal, flags);
  return new HeldFile(descriptor, stats, path);
}

class HeldFile implements OpenFile {
  readonly size: number;
  readonly modifiedNs: bigint;
  readonly #path: string;
  #descriptor: number | undefined;
  #reading = 0;
  #isOver = false;

  constructor(descriptor: number, { size, mtimeNs }: BigIntStats, path: string) {
    this.size = Number(size);
    this.modifiedNs = mtimeNs;
    this.#descriptor = descriptor;
    this.#path = path;
  }

  async read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    const descriptor = this.#descriptor;
    invariant(descriptor !== undefined && !this.#isOver, "a file that is read is open");
    const buffer = bufferFor(length, into);
    this.#reading += 1;
    try {
      if (length <= smallBytes) return plain(buffer.subarray(0, fillNow(descriptor, buffer, at)));
      return plain(buffer.subarray(0, await fill(descriptor, buffer, at)));
    } catch (reason) {
      throw failureFrom(reason, { doing: "read", path: this.#path });
    } finally {
      this.#reading -= 1;
      if (this.#isOver) this.#closeWhenIdle();
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#closeWhenIdle();
  }

  /** A number that is closed while something reads may be that of another file before it has read. */
  #closeWhenIdle(): void {
    if (this.#descriptor === undefined || this.#reading > 0) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** Of this length. */
export function bufferFor(length: number, into: Uint8Array | undefined): Buffer {
  if (into === undefined || into.length < length) return Buffer.allocUnsafeSlow(length);
  return Buffer.from(into.buffer, into.byteOffset, length);
}

/** `fill` without a hop to the thread pool, which would take longer. */
function fillNow(descriptor: number, buffer: Buffer, at: number): number {
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(descriptor, buffer, filled, buffer.length - filled, at + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** From this place on; gives how many bytes there were. */
export async function fill(descriptor: number, buffer: Buffer, at: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await readPiece(descriptor, buffer, filled, buffer.length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Opens a regular file for as long as `task` runs. */
async function withFile<Result>(
  path: string,
  signal: AbortSignal,
  task: (descriptor: number, size: number) => Promise<Result>,
  flags = 0,
): Promise<Result> {
  const descriptor = openFile(path, signal, flags);
  try {
    return await task(descriptor, fstatSync(descriptor).size);
  } catch (reason) {
    signal.throwIfAborted();
    throw failureFrom(reason, { doing: "read", path });
  } finally {
    closeSync(descriptor);
  }
}

/** The same bytes, not as a `Buffer`: that one cuts and prints itself in other ways. */
export function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** From the start of the file to its end, or to a little over the limit. */
function readSmall(descriptor: number, sizeHint: number, limitBytes: number): Buffer {
  let buffer = Buffer.allocUnsafeSlow(sizeHint + 1);
  let filled = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, filled, buffer.length - filled, filled);
    filled += count;
    if (count === 0 || filled > limitBytes || filled > smallBytes) return buffer.subarray(0, filled);
    if (filled === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafeSlow(buffer.length)]);
  }
}

/** The content in pieces. Each is gone when the next is asked for. */
export async function* piecesOf(descriptor: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  let position = 0;
  for (;;) {
    const { bytesRead } = await readPiece(descriptor, buffer, 0, pieceBytes, position);
    signal.throwIfAborted();
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
