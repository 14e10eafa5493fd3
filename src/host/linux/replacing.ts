// SPDX-License-Identifier: Apache-2.0
// Puts a new file or link in the place of an old one: made aside under a name of ours, renamed when it is whole. A
// reader, a crash and a full disk find the old one or the new one, never a part.
//
// A process that is killed in the middle leaves its file behind: `.NAME.mgmt-` and twelve hexadecimal digits. The next
// big write to NAME removes those that nobody has written to for a quarter of an hour. Small writes do not look for
// them: that would cost more than the write, and the leftover is as small as the file. The SELinux context of the old
// file is carried over, access control lists and other extended attributes are not.

import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  write,
  writeSync,
} from "node:fs";
import { promisify } from "node:util";
import type { FileState, WriteOptions } from "../../contract/host.ts";
import { type Attempt, refused } from "../refusal.ts";
import { keepContext } from "./contexts.ts";
import { failureFrom, saysNothingThere, saysSomethingThere } from "./failures.ts";
import { nameOf, nativePath, nativeText, parentOf, textFrom } from "./paths.ts";
import { lookAt } from "./states.ts";

/** Content up to this many bytes is written and read with synchronous calls. */
export const smallBytes = 64 * 1024;

const abandonedAfterMs = 15 * 60_000;
const syncLater = promisify(fsync);
const writePiece = promisify(write);

/** An unpredictable name beside a path; recognisable, and never longer than a name may be. */
export function temporaryPath(path: string): string | Buffer {
  return nativeText(`${parentOf(path)}/${temporaryPrefix(path)}${randomBytes(6).toString("hex")}`);
}

function temporaryPrefix(path: string): string {
  const name = nameOf(path);
  return Buffer.byteLength(name) > 200 ? ".mgmt-" : `.${name}.mgmt-`;
}

export async function writeFile(
  path: string,
  content: Uint8Array,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (content.length > smallBytes) {
    await writePieces(path, [content], options, signal);
    return;
  }
  const draft = openDraft(path, options);
  try {
    writeAll(draft.descriptor, content);
    if (options.durable ?? false) fsyncSync(draft.descriptor);
    putInPlace(draft, options);
  } catch (reason) {
    discard(draft);
    throw failureFrom(reason, { doing: "write", path });
  }
}

/** `writeFile` for content that comes bit by bit. A piece that is all zeros may be left out, as a hole. */
export async function writePieces(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: WriteOptions,
  signal: AbortSignal,
  zeros: "all" | "holes for zeros" = "all",
): Promise<void> {
  removeAbandoned(path);
  const draft = openDraft(path, options);
  try {
    let position = 0;
    let endsInHole = false;
    for await (const piece of pieces) {
      endsInHole = zeros === "holes for zeros" && isAllZeros(piece);
      for (let at = 0; !endsInHole && at < piece.length; ) {
        const length = Math.min(piece.length - at, 4 * 1024 * 1024);
        at += (await writePiece(draft.descriptor, piece, at, length, position + at)).bytesWritten;
        signal.throwIfAborted();
      }
      position += piece.length;
    }
    if (endsInHole) ftruncateSync(draft.descriptor, position);
    if (options.durable ?? false) await syncLater(draft.descriptor);
    signal.throwIfAborted();
    putInPlace(draft, options);
  } catch (reason) {
    discard(draft);
    signal.throwIfAborted();
    throw failureFrom(reason, { doing: "write", path });
  }
}

/** Behind what is there. A new file has exactly this mode. */
export async function appendPieces(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  mode: number,
  signal: AbortSignal,
): Promise<void> {
  const attempt = { doing: "write", path };
  let descriptor: number | undefined;
  try {
    const native = nativePath(path, attempt.doing);
    const isNew = lookAt(native) === undefined;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;
    descriptor = openSync(native, flags | (isNew ? constants.O_EXCL : 0), mode);
    if (!fstatSync(descriptor).isFile()) throw refused("not-a-regular-file", attempt);
    if (isNew) fchmodSync(descriptor, mode);
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        at += (await writePiece(descriptor, piece, at, piece.length - at)).bytesWritten;
        signal.throwIfAborted();
      }
    }
  } catch (reason) {
    signal.throwIfAborted();
    throw failureFrom(reason, attempt);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const zeroBytes = Buffer.alloc(256 * 1024);

function isAllZeros(piece: Uint8Array): boolean {
  return piece.length <= zeroBytes.length && zeroBytes.compare(piece, 0, piece.length, 0, piece.length) === 0;
}

/** Into the file that is there. A file of the kernel takes its new value in one call, so there is one if all goes well. */
export function overwriteFile(native: string | Buffer, content: Uint8Array, attempt: Attempt): void {
  // Without waiting: the open of a pipe that nobody reads from would hold up the whole process.
  const descriptor = openSync(native, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isFile()) throw refused("not-a-regular-file", attempt);
    ftruncateSync(descriptor);
    writeAll(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

export function putLink(path: string, target: string): void {
  const attempt = { doing: "make the link", path };
  try {
    expectReplaceable(path, lookAt(nativePath(path, "make the link")), attempt.doing);
    const aside = temporaryPath(path);
    symlinkSync(nativeText(target), aside);
    try {
      renameSync(aside, nativePath(path, attempt.doing));
    } catch (reason) {
      unlinkSync(aside);
      throw reason;
    }
  } catch (reason) {
    throw failureFrom(reason, attempt);
  }
}

// ---- A file that has not got its name yet ----

interface Draft {
  readonly path: string;
  readonly aside: string | Buffer;
  readonly descriptor: number;
  readonly mode: number | undefined;
}

function openDraft(path: string, options: WriteOptions): Draft {
  try {
    const old = lookAt(nativePath(path, "write"));
    expectReplaceable(path, old, "write");
    const kept = old?.kind === "file" ? old : undefined;
    const mode = options.mode ?? kept?.mode;
    const [aside, descriptor] = createAside(path, mode === undefined ? 0o666 : mode & 0o700);
    const draft = { path, aside, descriptor, mode };
    try {
      if (kept !== undefined) keepContext(nativePath(path, "write"), aside);
      setOwner(descriptor, options.uid ?? kept?.uid, options.gid ?? kept?.gid);
      if (mode !== undefined) fchmodSync(descriptor, mode); // After the owner: a change of owner clears set-user-id.
    } catch (reason) {
      discard(draft);
      throw reason;
    }
    return draft;
  } catch (reason) {
    throw failureFrom(reason, { doing: "write", path });
  }
}

function createAside(path: string, mode: number): [string | Buffer, number] {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  for (;;) {
    const aside = temporaryPath(path);
    try {
      return [aside, openSync(aside, flags, mode)];
    } catch (reason) {
      if (!saysSomethingThere(reason)) throw reason;
    }
  }
}

function setOwner(descriptor: number, uid: number | undefined, gid: number | undefined): void {
  if (uid === undefined && gid === undefined) return;
  const now = fstatSync(descriptor);
  const wanted = { uid: uid ?? now.uid, gid: gid ?? now.gid };
  if (wanted.uid !== now.uid || wanted.gid !== now.gid) fchownSync(descriptor, wanted.uid, wanted.gid);
}

function writeAll(descriptor: number, content: Uint8Array): void {
  for (let at = 0; at < content.length; ) at += writeSync(descriptor, content, at);
}

function putInPlace(draft: Draft, options: WriteOptions): void {
  // Writing clears set-user-id for everybody but root, so those bits are set when the content is there.
  if (draft.mode !== undefined && draft.mode > 0o777) fchmodSync(draft.descriptor, draft.mode);
  if (options.modifiedMs !== undefined) {
    futimesSync(draft.descriptor, options.modifiedMs / 1000, options.modifiedMs / 1000);
  }
  renameSync(draft.aside, nativePath(draft.path, "write"));
  closeSync(draft.descriptor);
  if (options.durable ?? false) syncDirectory(parentOf(draft.path));
}

/** Nothing of it stays behind. */
function discard(draft: Draft): void {
  try {
    closeSync(draft.descriptor);
  } catch {
    // It was closed already: the failure came after that.
  }
  try {
    unlinkSync(draft.aside);
  } catch (reason) {
    if (!saysNothingThere(reason)) throw reason;
  }
}

function expectReplaceable(path: string, old: FileState | undefined, doing: string): void {
  if (old?.kind === "directory") throw refused("is-directory", { doing, path });
  if (old?.kind === "other") throw refused("not-a-regular-file", { doing, path });
}

function removeAbandoned(path: string): void {
  const directory = parentOf(path);
  const prefix = temporaryPrefix(path);
  try {
    for (const bytes of readdirSync(nativeText(directory), { encoding: "buffer" })) {
      const name = textFrom(bytes);
      if (!name.startsWith(prefix) || !/^[0-9a-f]{12}$/.test(name.slice(prefix.length))) continue;
      const leftover = nativeText(`${directory}/${name}`);
      const state = lookAt(leftover);
      if (state?.kind !== "file" || state.uid !== process.geteuid?.()) continue;
      if (Date.now() - Number(state.modifiedNs / 1_000_000n) > abandonedAfterMs) unlinkSync(leftover);
    }
  } catch {
    // Tidying up is a courtesy; if the directory is the matter, the write will say so.
  }
}

export function syncDirectory(path: string): void {
  const descriptor = openSync(nativeText(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
