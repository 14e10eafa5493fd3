// SPDX-License-Identifier: Apache-2.0
// What the kernel knows of a path, as our `FileState`.

import { type BigIntStats, lstatSync, statSync } from "node:fs";
import type { FileKind, FileState } from "../../contract/host.ts";
import { saysNothingThere } from "./failures.ts";

const noThrow = { bigint: true, throwIfNoEntry: false } as const;

/** Undefined when nothing is there; throws what the kernel says otherwise. */
export function lookAt(path: string | Buffer): FileState | undefined {
  return nothingThereIsUndefined(() => lstatSync(path, noThrow));
}

/** The same for what a symbolic link leads to. */
export function lookThrough(path: string | Buffer): FileState | undefined {
  return nothingThereIsUndefined(() => statSync(path, noThrow));
}

function nothingThereIsUndefined(look: () => BigIntStats | undefined): FileState | undefined {
  try {
    const stats = look();
    return stats === undefined ? undefined : stateOf(stats);
  } catch (reason) {
    if (saysNothingThere(reason)) return undefined;
    throw reason;
  }
}

function stateOf(stats: BigIntStats): FileState {
  return {
    kind: kindOf(stats),
    size: Number(stats.size),
    modifiedNs: stats.mtimeNs,
    changedNs: stats.ctimeNs,
    device: stats.dev,
    inode: stats.ino,
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
  };
}

function kindOf(stats: BigIntStats): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : "other";
}
