// SPDX-License-Identifier: Apache-2.0
// A file that grows under our hand and is read meanwhile, until it gets the name under which others know it.

import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  ftruncate,
  futimesSync,
  openSync,
  renameSync,
  write,
} from "node:fs";
import { promisify } from "node:util";
import { invariant } from "../../base/invariant.ts";
import type { GrowingFile, Guard, MoveOptions } from "../../contract/host.ts";
import { refused } from "../refusal.ts";
import { bufferFor, fill, plain } from "./contents.ts";
import { failureFrom } from "./failures.ts";
import { guarded } from "./guarding.ts";
import { nativePath, parentOf } from "./paths.ts";
import { syncDirectory } from "./replacing.ts";
import { lookAt } from "./states.ts";

const writePiece = promisify(write);
const syncLater = promisify(fsync);
const cutLater = promisify(ftruncate);

/** `held` is the path by which to reach the place now. */
export function growFile(
  path: string,
  held: string,
  options: Guard & { readonly mode: number },
  signal: AbortSignal,
): GrowingFile {
  signal.throwIfAborted();
  const attempt = { doing: "write", path };
  let descriptor: number | undefined;
  try {
    const native = nativePath(held, attempt.doing);
    const before = lookAt(native);
    if (before?.kind === "directory") throw refused("is-directory", attempt);
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK;
    const safe = before === undefined ? constants.O_EXCL : held === path ? 0 : constants.O_NOFOLLOW;
    descriptor = openSync(native, flags | safe, options.mode);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw refused("not-a-regular-file", attempt);
    if (before === undefined) fchmodSync(descriptor, options.mode);
    return new Growing(descriptor, stats.size, path, options);
  } catch (reason) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw failureFrom(reason, attempt);
  }
}

class Growing implements GrowingFile {
  #descriptor: number | undefined;
  #size: number;
  #path: string;
  readonly #guard: Guard;
  #busy = 0;
  #isOver = false;

  constructor(descriptor: number, size: number, path: string, guard: Guard) {
    this.#descriptor = descriptor;
    this.#size = size;
    this.#path = path;
    this.#guard = guard;
  }

  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#with("write", async (descriptor) => {
      for (let at = 0; at < bytes.length; ) {
        at += (await writePiece(descriptor, bytes, at, bytes.length - at, this.#size + at)).bytesWritten;
      }
      this.#size += bytes.length;
    });
  }

  read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    return this.#with("read", async (descriptor) => {
      const buffer = bufferFor(Math.max(0, Math.min(length, this.#size - at)), into);
      return plain(buffer.subarray(0, await fill(descriptor, buffer, at)));
    });
  }

  clear(): Promise<void> {
    return this.#with("write", async (descriptor) => {
      await cutLater(descriptor, 0);
      this.#size = 0;
    });
  }

  async moveTo(path: string, options: MoveOptions, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { modifiedMs, durable = false } = options;
    const attempt = { doing: "write", path };
    await this.#with("write", async (descriptor) => {
      if (modifiedMs !== undefined) futimesSync(descriptor, modifiedMs / 1000, modifiedMs / 1000);
      if (durable) await syncLater(descriptor);
    });
    await guarded({ doing: "write", path: this.#path }, this.#guard, (from) =>
      guarded(attempt, options, async (to) => {
        try {
          const native = nativePath(to, attempt.doing);
          if (lookAt(native)?.kind === "directory") throw refused("is-directory", attempt);
          renameSync(nativePath(from, attempt.doing), native);
          if (durable) syncDirectory(parentOf(to));
        } catch (reason) {
          throw failureFrom(reason, attempt);
        }
      }),
    );
    this.#path = path;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#closeWhenIdle();
  }

  async #with<Result>(doing: "read" | "write", task: (descriptor: number) => Promise<Result>): Promise<Result> {
    const descriptor = this.#descriptor;
    invariant(descriptor !== undefined && !this.#isOver, "a file that grows is open");
    this.#busy += 1;
    try {
      return await task(descriptor);
    } catch (reason) {
      throw failureFrom(reason, { doing, path: this.#path });
    } finally {
      this.#busy -= 1;
      if (this.#isOver) this.#closeWhenIdle();
    }
  }

  /** A number that is closed while something uses it may be that of another file before it has. */
  #closeWhenIdle(): void {
    if (this.#descriptor === undefined || this.#busy > 0) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
