// SPDX-License-Identifier: Apache-2.0
// Files of this machine. Small things are done with synchronous calls, which take microseconds where a hop to the
// thread pool takes a hundred; whatever may be big is done in pieces. Contents: contents.ts and replacing.ts.

import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lchownSync,
  mkdirSync,
  opendirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Failure } from "../../contract/failure.ts";
import type { FileAttributes, Files, Guard } from "../../contract/host.ts";
import { placesBelow } from "../below.ts";
import { refused } from "../refusal.ts";
import { readContext, writeContext } from "./contexts.ts";
import { copyFile, digestOf, holdFile, openFile, piecesOf, readFile } from "./contents.ts";
import { growFile } from "./growing.ts";
import { guarded } from "./guarding.ts";
import { errorName, failureFrom, saysDirectory, saysNothingThere, saysSomethingThere } from "./failures.ts";
import { nativePath, parentOf, textFrom } from "./paths.ts";
import { removeTree } from "./removing.ts";
import { appendPieces, overwriteFile, putLink, temporaryPath, writeFile, writePieces } from "./replacing.ts";
import { lookAt, lookThrough } from "./states.ts";
import { linuxWatching } from "./watching.ts";

/** Names read from a directory in one go; the rest comes without holding everybody up. */
const namesAtOnce = 1024;
/** `O_PATH`, which the runtime does not name; the same on every machine we run on. */
const nameOnly = 0o10000000;

export function linuxFiles(watching = linuxWatching()): Files {
  return {
    inspect: async (path, signal) => trying(path, "look at", signal, lookAt),
    inspectTarget: async (path, signal) => trying(path, "look at", signal, lookThrough),
    read: (path, limitBytes, signal, guard = {}) =>
      guarded({ doing: "read", path }, guard, (held) =>
        // What is put in the place of a file that was looked at must not be followed either.
        readFile(held, limitBytes, signal, held === path ? 0 : constants.O_NOFOLLOW),
      ),
    async *pieces(path, signal, guard = {}) {
      const descriptor = await guarded({ doing: "read", path }, guard, async (held) =>
        openFile(held, signal, held === path ? 0 : constants.O_NOFOLLOW),
      );
      try {
        yield* piecesOf(descriptor, signal);
      } catch (reason) {
        signal.throwIfAborted();
        throw failureFrom(reason, { doing: "read", path });
      } finally {
        closeSync(descriptor);
      }
    },
    open: (path, signal, guard = {}) =>
      guarded({ doing: "read", path }, guard, async (held) =>
        holdFile(held, signal, held === path ? 0 : constants.O_NOFOLLOW),
      ),
    grow: (path, options, signal) =>
      guarded({ doing: "write", path }, options, async (held) => growFile(path, held, options, signal)),
    digest: (path, signal, guard = {}) =>
      guarded({ doing: "read", path }, guard, (held) =>
        digestOf(held, signal, held === path ? 0 : constants.O_NOFOLLOW),
      ),
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
    writePieces: (path, pieces, options, signal) =>
      guarded({ doing: "write", path }, options, (held) => writePieces(held, pieces, options, signal)),
    appendPieces: (path, pieces, options, signal) =>
      guarded({ doing: "write", path }, options, (held) => appendPieces(held, pieces, options.mode, signal)),
    async overwrite(path, content, signal) {
      trying(path, "write", signal, (native) => overwriteFile(native, content, { doing: "write", path }));
    },
    copy: (source, path, options, signal) =>
      guarded({ doing: "read", path: source }, options.sourceGuard ?? {}, (from) =>
        guarded({ doing: "write", path }, options, (held) =>
          copyFile(from, held, options, signal, from === source ? 0 : constants.O_NOFOLLOW),
        ),
      ),
    async createDirectory(path, options, signal) {
      if (options.parents ?? false) await createGuardedParents(path, options, signal);
      await guarded({ doing: "create", path }, options, (held) => createDirectory(held, options, signal));
    },
    link: (path, target, signal, guard = {}) =>
      guarded(
        { doing: "make the link", path },
        guard,
        async (held) => {
          signal.throwIfAborted();
          putLink(held, target);
        },
        "any",
      ),
    setMode: (path, mode, signal, guard = {}) =>
      guarded({ doing: "set the mode of", path }, guard, async (held) =>
        trying(held, "set the mode of", signal, (native) => {
          if (held === path) chmodSync(native, mode);
          else withoutFollowing(native, { doing: "set the mode of", path }, (place) => chmodSync(place, mode));
        }),
      ),
    setOwner: (path, owner, signal, guard = {}) =>
      guarded(
        { doing: "set the owner of", path },
        guard,
        async (held) =>
          trying(held, "set the owner of", signal, (native) => lchownSync(native, owner.uid ?? -1, owner.gid ?? -1)),
        "any",
      ),
    async securityContext(path, signal) {
      return trying(path, "read the SELinux context of", signal, readContext);
    },
    setSecurityContext: (path, context, signal, guard = {}) =>
      guarded(
        { doing: "set the SELinux context of", path },
        guard,
        async (held) =>
          trying(held, "set the SELinux context of", signal, (native) =>
            writeContext(native, context, { doing: "set the SELinux context of", path }),
          ),
        "any",
      ),
    async remove(path, options, signal) {
      try {
        await guarded({ doing: "remove", path }, options, (held) => remove(held, options, signal), "any");
      } catch (reason) {
        // A directory on the way that is not there, or is no directory: so there is nothing to remove.
        const gone = reason instanceof Failure && (reason.code === "not-found" || reason.code === "not-a-directory");
        if (!gone || options.noLinksBelow === undefined) throw reason;
      }
    },
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

/** Below a guard each missing directory is made on its own, through the one that holds it. */
async function createGuardedParents(path: string, guard: Guard, signal: AbortSignal): Promise<void> {
  if (guard.noLinksBelow === undefined) return;
  const attempt = { doing: "create", path };
  createParentsOf(guard.noLinksBelow, attempt);
  for (const place of placesBelow(guard.noLinksBelow, parentOf(path))) {
    await guarded({ ...attempt, path: place }, guard, async (held) =>
      trying(held, "create", signal, (native) => {
        if (lookAt(native) === undefined) mkdirSync(native);
      }),
    );
  }
}

function createParentsOf(base: string, attempt: { readonly doing: string; readonly path: string }): void {
  try {
    createParents(base);
  } catch (reason) {
    throw failureFrom(reason, attempt);
  }
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

/** For calls that follow symbolic links: on a descriptor that only names what is there. */
function withoutFollowing(
  native: string | Buffer,
  attempt: { readonly doing: string; readonly path: string },
  call: (path: string) => void,
): void {
  const descriptor = openSync(native, nameOnly | constants.O_NOFOLLOW);
  try {
    if (fstatSync(descriptor).isSymbolicLink()) throw refused("link-on-the-way", attempt);
    call(`/proc/self/fd/${descriptor}`);
  } finally {
    closeSync(descriptor);
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
