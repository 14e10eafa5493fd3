// SPDX-License-Identifier: Apache-2.0
// Small files that were served lately, in memory: as long as the system says that a file is the same, it is neither opened nor
// read. Each is looked at whenever it is asked for, so nobody gets what was there before.

import { Failure } from "../../../contract/failure.ts";
import type { FileState, OpenFile } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { mediaTypeOf } from "../../../protocols/http/media-type.ts";
import { type Content, contentOfFile, smallBytes, wholeOf } from "./content.ts";

interface Kept {
  readonly state: FileState;
  readonly content: Content;
}

const mostFiles = 1000;
const mostBytes = 8 * 1024 * 1024;
/** A file that was changed so lately may be changed once more without another time of its change. */
const settledMs = 2000;

export class SmallFiles {
  /** What was asked for the longest ago is first. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** Of the file at the path, `open` if it is not here; undefined as from there. `name` as for a content. */
  async contentOf(
    path: string,
    name: string,
    open: () => Promise<OpenFile | undefined>,
    env: Pick<ResourceEnv, "host" | "signal">,
  ): Promise<Content | undefined> {
    const state = await lookAt(path, env);
    const kept = this.#kept.get(path);
    if (kept !== undefined) {
      this.#kept.delete(path);
      if (state !== undefined && isSame(kept.state, state)) {
        this.#kept.set(path, kept);
        return kept.content;
      }
      this.#bytes -= kept.content.size;
    }
    const file = await open();
    if (file === undefined) return undefined;
    const content = contentOfFile(file, name);
    if (state === undefined || !mayBeKept(state, file, env.host.clock.now())) return content;
    return this.#keep(path, name, state, content, env);
  }

  async #keep(
    path: string,
    name: string,
    state: FileState,
    content: Content,
    env: Pick<ResourceEnv, "host" | "signal">,
  ) {
    let bytes: Uint8Array;
    try {
      bytes = await wholeOf(content, { from: 0, length: content.size });
    } catch (reason) {
      content.release();
      throw reason;
    }
    const after = await lookAt(path, env);
    if (after === undefined || !isSame(state, after) || this.#kept.has(path)) return content;
    content.release();
    const { size, modifiedMs, entityTag } = content;
    const own: Content = {
      size,
      name,
      type: mediaTypeOf(name, bytes),
      ...(modifiedMs === undefined ? {} : { modifiedMs }),
      ...(entityTag === undefined ? {} : { entityTag }),
      read: async (at, length) => bytes.subarray(at, at + length),
      release: () => {},
    };
    this.#kept.set(path, { state, content: own });
    this.#bytes += size;
    this.#makeRoom();
    return own;
  }

  #makeRoom(): void {
    for (const [path, { content }] of this.#kept) {
      if (this.#kept.size <= mostFiles && this.#bytes <= mostBytes) return;
      this.#kept.delete(path);
      this.#bytes -= content.size;
    }
  }
}

/** Undefined: nothing is there, or it cannot be known, which whoever opens it is told. */
async function lookAt(path: string, { host, signal }: Pick<ResourceEnv, "host" | "signal">) {
  try {
    return await host.files.inspectTarget(path, signal);
  } catch (reason) {
    if (reason instanceof Failure) return undefined;
    throw reason;
  }
}

function mayBeKept(state: FileState, file: OpenFile, nowMs: number): boolean {
  return (
    state.kind === "file" &&
    state.size <= smallBytes &&
    state.size === file.size &&
    state.modifiedNs === file.modifiedNs &&
    nowMs - Number(state.changedNs / 1_000_000n) > settledMs
  );
}

function isSame(before: FileState, now: FileState): boolean {
  return (
    before.changedNs === now.changedNs &&
    before.inode === now.inode &&
    before.size === now.size &&
    before.modifiedNs === now.modifiedNs &&
    before.device === now.device
  );
}
