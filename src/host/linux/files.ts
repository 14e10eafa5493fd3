// SPDX-License-Identifier: Apache-2.0
// Files of this machine. Small things are done with synchronous calls, which take microseconds where a hop to the
// thread pool takes a hundred; whatever may be big is done in pieces. Contents: contents.ts and replacing.ts.

import {
  chmodSync,
  constants,
  lchownSync,
  mkdirSync,
  opendirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FileAttributes, Files } from "../../contract/host.ts";
import { refused } from "../refusal.ts";
import { copyFile, digestOf, readFile } from "./contents.ts";
import { guarded } from "./guarding.ts";
import { errorName, failureFrom, saysDirectory, saysNothingThere, saysSomethingThere } from "./failures.ts";
import { nativePath, parentOf, textFrom } from "./paths.ts";
import { removeTree } from "./removing.ts";
import { overwriteFile, putLink, temporaryPath, writeFile } from "./replacing.ts";
import { lookAt, lookThrough } from "./states.ts";
import { linuxWatching } from "./watching.ts";

/** Names read from a directory in one go; the rest comes without holding everybody up. */
const namesAtOnce = 1024;

export function linuxFiles(watching = linuxWatching()): Files {
  return {
    inspect: async (path, signal) => trying(path, "look at", signal, lookAt),
    inspectTarget: async (path, signal) => trying(path, "look at", signal, lookThrough),
    read: (path, limitBytes, signal, guard = {}) =>
      guarded({ doing: "read", path }, guard, (held) =>
        // What is put in the place of a file that was looked at must not be followed either.
        readFile(held, limitBytes, signal, held === path ? 0 : constants.O_NOFOLLOW),
      ),
    digest: digestOf,
    list,
    async readLink(path, signal) {
      return trying(path, "read the link", signal, (native) => {
        try {
          return textFrom(readlinkSync(native, { encoding: "buffer" }));
        } catch (reason) {
          if (errorName(reason) === "EINVAL") throw refused("not-a-link", { doing: "read the link", path });
          throw reason;
        }
      });
    },
    write: (path, content, options, signal) =>
      guarded({ doing: "write", path }, options, (held) => writeFile(held, content, options, signal)),
    async overwrite(path, content, signal) {
      trying(path, "write", signal, (native) => overwriteFile(native, content, { doing: "write", path }));
    },
    copy: copyFile,
    createDirectory: (path, options, signal) =>
      guarded({ doing: "create", path }, options, (held) => createDirectory(held, options, signal)),
    async link(path, target, signal) {
      signal.throwIfAborted();
      putLink(path, target);
    },
    async setMode(path, mode, signal) {
      trying(path, "set the mode of", signal, (native) => chmodSync(native, mode));
    },
    async setOwner(path, owner, signal) {
      trying(path, "set the owner of", signal, (native) => lchownSync(native, owner.uid ?? -1, owner.gid ?? -1));
    },
    remove,
    watch: (targets, signal) => watching.watch(targets, signal),
  };
}

/** One call of the kernel on one path. */
function trying<Result>(
  path: string,
  doing: string,
  signal: AbortSignal,
  call: (native: string | Buffer) => Result,
): Result {
  signal.throwIfAborted();
  try {
    return call(nativePath(path, doing));
  } catch (reason) {
    throw failureFrom(reason, { doing, path });
  }
}

async function list(path: string, signal: AbortSignal): Promise<readonly string[]> {
  const names: Buffer[] = [];
  const directory = trying(path, "list", signal, (native) =>
    // The types know only of text as names; with this encoding they are bytes.
    opendirSync(native, { encoding: "buffer" as BufferEncoding, bufferSize: 256 }),
  );
  try {
    for (;;) {
      const entry = names.length < namesAtOnce ? directory.readSync() : await directory.read();
      if (entry === null) break;
      names.push(entry.name as unknown as Buffer);
      if (names.length % namesAtOnce === 0) signal.throwIfAborted();
    }
  } catch (reason) {
    signal.throwIfAborted();
    throw failureFrom(reason, { doing: "list", path });
  } finally {
    directory.closeSync();
  }
  return names.sort((one, other) => Buffer.compare(one, other)).map(textFrom);
}

async function createDirectory(
  path: string,
  options: FileAttributes & { readonly parents?: boolean },
  signal: AbortSignal,
): Promise<void> {
  trying(path, "create", signal, () => {
    if (lookAt(nativePath(path, "create")) !== undefined) throw refused("something-there", { doing: "create", path });
    if (options.parents ?? false) createParents(parentOf(path));
    makeDirectory(path, options);
  });
}

function createParents(path: string): void {
  if (lookThrough(nativePath(path, "create"))?.kind === "directory") return;
  createParents(parentOf(path));
  try {
    mkdirSync(nativePath(path, "create"));
  } catch (reason) {
    // Somebody else was faster; if it is no directory, the next step will say so.
    if (!saysSomethingThere(reason)) throw failureFrom(reason, { doing: "create", path });
  }
}

/** Made aside and renamed when `mkdir` alone would show it with other attributes for an instant. */
function makeDirectory(path: string, { mode, uid, gid }: FileAttributes): void {
  const native = nativePath(path, "create");
  if (uid === undefined && gid === undefined && (mode === undefined || (mode & (process.umask() | 0o7000)) === 0)) {
    mkdirSync(native, mode ?? 0o777);
    return;
  }
  const aside = temporaryPath(path);
  mkdirSync(aside, mode === undefined ? 0o777 : 0o700);
  try {
    if (uid !== undefined || gid !== undefined) lchownSync(aside, uid ?? -1, gid ?? -1);
    if (mode !== undefined) chmodSync(aside, mode);
    renameSync(aside, native); // Takes the place of nothing, or of an empty directory that somebody made just now.
  } catch (reason) {
    rmdirSync(aside);
    throw reason;
  }
}

async function remove(path: string, options: { readonly recursive?: boolean }, signal: AbortSignal): Promise<void> {
  const attempt = { doing: "remove", path };
  signal.throwIfAborted();
  const native = nativePath(path, "remove");
  if (/^\/+$/.test(path)) throw refused("in-use", attempt);
  try {
    try {
      unlinkSync(native);
      return;
    } catch (reason) {
      if (saysNothingThere(reason)) return;
      if (!saysDirectory(reason)) throw reason;
    }
    if (options.recursive ?? false) await removeTree(native, signal, nextTurn);
    else rmdirSync(native);
  } catch (reason) {
    signal.throwIfAborted();
    if (saysNothingThere(reason)) return;
    throw failureFrom(reason, attempt);
  }
}
