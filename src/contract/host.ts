// SPDX-License-Identifier: Apache-2.0
// The machine as everything above it sees it. `host/linux` is the real one, `host/memory` its twin; one contract suite
// holds both to the same behaviour. Every method fails with a `Failure` and stops promptly when its signal aborts.
//
// Paths are absolute, `/` separated, without `.` and `..` parts; bytes that are not UTF-8 travel as values/bytes.ts says.

import type { Accounts } from "./accounts.ts";
import type { Buses } from "./bus.ts";
import type { Packages } from "./packages.ts";
import type { Mounts } from "./mounts.ts";
import type { NetworkSetup } from "./network-setup.ts";
import type { PacketFilter } from "./packet-filter.ts";
import type { Passwords } from "./passwords.ts";
import type { Prompt } from "./prompt.ts";
import type { Services } from "./services.ts";
import type { Serving } from "./serving.ts";
import type { Ssh } from "./ssh.ts";
import type { Http } from "./http.ts";

export interface Host {
  readonly files: Files;
  readonly processes: Processes;
  readonly identity: Identity;
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly mounts: Mounts;
  readonly packetFilter: PacketFilter;
  readonly system: System;
  readonly network: Network;
  readonly buses: Buses;
  readonly packages: Packages;
  readonly services: Services;
  readonly clock: Clock;
  readonly random: Random;
  readonly compression: Compression;
  readonly hashing: Hashing;
  readonly http: Http;
  readonly serving: Serving;
  readonly ssh: Ssh;
  readonly prompt: Prompt;
}

// ---- Time and chance ----

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. May jump. */
  now(): number;
  /** Milliseconds since an arbitrary start, with fractions. Never goes back. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Runs `task` once after `ms`; the returned function cancels it. For machinery that must not hold a promise. */
  after(ms: number, task: () => void): () => void;
  /** The offset from UTC in minutes, east positive, of the machine's time zone at that instant. */
  offsetMinutes(atMs: number): number;
  /** The short name of the machine's time zone at that instant, `CET`; undefined when it has none. */
  zoneName(atMs: number): string | undefined;
}

export interface Random {
  bytes(count: number): Uint8Array;
}

// ---- Compression ----

export interface Compression {
  /**
   * A gzip file of this content, without a name and a time: the same content at the same level gives the same bytes.
   * Levels go from 0 (none) to 9 (best); -1 is the usual one, -2 only codes the bytes and looks for no repetitions.
   */
  gzip(content: Uint8Array, level: number, signal: AbortSignal): Promise<Uint8Array>;
  /** The same of content that comes in pieces, and in pieces, which stay as they are. */
  pack(content: AsyncIterable<Uint8Array>, level: number, signal: AbortSignal): AsyncIterableIterator<Uint8Array>;
  /**
   * What was packed, in pieces, each of which is gone when the next is asked for. Fails with `invalid` when it is damaged
   * or cut off. `xz` and `bzip2` need the program of that name, and fail with `not-found` without it.
   */
  unpack(packed: AsyncIterable<Uint8Array>, form: PackedForm, signal: AbortSignal): AsyncIterableIterator<Uint8Array>;
}

/** `deflate` is the bare form that is in zip archives. */
export type PackedForm = "gzip" | "zstd" | "xz" | "bzip2" | "deflate";

// ---- Digests ----

export interface Hashing {
  sha256(): Digest;
}

export interface Digest {
  add(bytes: Uint8Array): void;
  /** Lower-case hexadecimal. Nothing can be added after it. */
  hex(): string;
}

// ---- Files ----

export type FileKind = "file" | "directory" | "symlink" | "other";

/** What `lstat` tells: symbolic links are not followed. */
export interface FileState {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
  readonly device: bigint;
  readonly inode: bigint;
  /** The twelve permission bits: 0o7777 at the most. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What a new file gets, from its first instant under its name; what is absent is left to the system. */
export interface FileAttributes {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** For places inside a directory of somebody who must not be able to lead us elsewhere. */
export interface Guard {
  /**
   * No part of the path below this directory may be a symbolic link: refused with `conflict`, also when one is put there
   * at the last moment. What acts on a link itself (its removal, its owner, another link in its place) may find one last.
   */
  readonly noLinksBelow?: string;
}

export interface WriteOptions extends FileAttributes, Guard {
  /** Bring the content to the disk before the old one is given up. Costs milliseconds. */
  readonly durable?: boolean;
  /** The time of its last change, instead of now. */
  readonly modifiedMs?: number;
}

/**
 * Whether this is the name of a file that a write has not finished: hosts make them beside the file, `.NAME.mgmt-` (or
 * `.mgmt-`) and twelve hexadecimal digits. Whoever cleans up in a directory leaves them alone.
 */
export function isDraftName(name: string): boolean {
  return /^\.(?:.*\.)?mgmt-[0-9a-f]{12}$/s.test(name);
}

/** A directory by itself tells when it is made, removed, replaced or gets other attributes; not what happens in it. */
export interface WatchTarget {
  readonly path: string;
  /** Also the entries of a directory: made, removed, replaced, written, with other attributes. */
  readonly entries?: boolean;
  /** Also everything below, when it is a directory. */
  readonly recursive?: boolean;
}

/** A regular file under our hand. */
export interface OpenFile extends Disposable {
  readonly size: number;
  readonly modifiedNs: bigint;
  /**
   * Fewer bytes than asked for at the end of the file alone. The array is the caller's to keep; `into` may be what the bytes
   * are put into, which spares the making of another one.
   */
  read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
}

/** A file that grows under our hand, and is read meanwhile. It ends when it is disposed of, not the file. */
export interface GrowingFile extends Disposable {
  /** How many bytes it has. */
  readonly size: number;
  append(bytes: Uint8Array): Promise<void>;
  /** As that of an `OpenFile`. */
  read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  /** Gives all up that it has. */
  clear(): Promise<void>;
  /** Gives it this path on the same disk, in the place of a file that may be there. It can still be read. */
  moveTo(path: string, options: MoveOptions, signal: AbortSignal): Promise<void>;
}

export type MoveOptions = Guard & Pick<WriteOptions, "durable" | "modifiedMs">;

export interface Files {
  /** Of the path itself, undefined when there is nothing. A parent that is no directory counts as nothing. */
  inspect(path: string, signal: AbortSignal): Promise<FileState | undefined>;
  /** Like `inspect`, but of what a symbolic link leads to. */
  inspectTarget(path: string, signal: AbortSignal): Promise<FileState | undefined>;
  /** The whole content. Fails with `too-large` beyond the limit. */
  read(path: string, limitBytes: number, signal: AbortSignal, guard?: Guard): Promise<Uint8Array>;
  /** The content in pieces, whatever its size; each is gone when the next is asked for. */
  pieces(path: string, signal: AbortSignal, guard?: Guard): AsyncIterableIterator<Uint8Array>;
  /** For reading parts of a regular file, until it is closed. What replaces it at the path is not seen. */
  open(path: string, signal: AbortSignal, guard?: Guard): Promise<OpenFile>;
  /** For writing behind what is in a regular file, or into a new one with this mode; one at a time. */
  grow(path: string, options: Guard & { readonly mode: number }, signal: AbortSignal): Promise<GrowingFile>;
  /** Lower-case hexadecimal SHA-256 of the content, streamed, whatever its size. */
  digest(path: string, signal: AbortSignal, guard?: Guard): Promise<string>;
  /** Names in a directory, sorted by their bytes. */
  list(path: string, signal: AbortSignal): Promise<readonly string[]>;
  readLink(path: string, signal: AbortSignal): Promise<string>;
  /**
   * Puts a file with this content at the path, in the place of a file that may be there: a reader sees the old content
   * or the new one, never a part. What `options` leaves out is kept from the old file, else is the system's default.
   */
  write(path: string, content: Uint8Array, options: WriteOptions, signal: AbortSignal): Promise<void>;
  /** `write` of content that comes in pieces. What they fail with it fails with, and nothing is changed. */
  writePieces(
    path: string,
    pieces: AsyncIterable<Uint8Array>,
    options: WriteOptions,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Writes behind what is in the file already, or into a new one with this mode, whatever the umask. What was
   * written stays when the pieces fail.
   */
  appendPieces(
    path: string,
    pieces: AsyncIterable<Uint8Array>,
    options: Guard & { readonly mode: number },
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Puts this content into the file that is there, through symbolic links, at once and without replacing the file: for
   * what cannot be replaced, such as the files of the kernel below /proc/sys. A reader of any other file may see a part.
   */
  overwrite(path: string, content: Uint8Array, signal: AbortSignal): Promise<void>;
  /** `write` with the content of another file, streamed. Holes stay holes: a sparse file needs no more room than before. */
  copy(
    source: string,
    path: string,
    options: WriteOptions & { readonly sourceGuard?: Guard },
    signal: AbortSignal,
  ): Promise<void>;
  /** Fails with `exists` when something is there, with `not-found` when the parent is missing and `parents` is not set. */
  createDirectory(
    path: string,
    options: FileAttributes & Guard & { readonly parents?: boolean },
    signal: AbortSignal,
  ): Promise<void>;
  /** A symbolic link with this text, atomically in the place of a link or file that may be there. */
  link(path: string, target: string, signal: AbortSignal, guard?: Guard): Promise<void>;
  setMode(path: string, mode: number, signal: AbortSignal, guard?: Guard): Promise<void>;
  /** Not through symbolic links. */
  setOwner(
    path: string,
    owner: { readonly uid?: number; readonly gid?: number },
    signal: AbortSignal,
    guard?: Guard,
  ): Promise<void>;
  /** The SELinux context of the path itself, not of what a symbolic link leads to. Undefined when it has none. */
  securityContext(path: string, signal: AbortSignal): Promise<string | undefined>;
  /** Undefined takes it away. Not through symbolic links. */
  setSecurityContext(path: string, context: string | undefined, signal: AbortSignal, guard?: Guard): Promise<void>;
  /** A directory that is not empty needs `recursive`. Nothing there: done. */
  remove(path: string, options: Guard & { readonly recursive?: boolean }, signal: AbortSignal): Promise<void>;
  /**
   * Tells that something may have changed at one of the targets: created, written, removed, replaced or its attributes,
   * and as far as asked for what is in a directory. The first item means that the watch is armed. A path need not exist, nor its parents.
   * Where symbolic links on the way or at the end lead is watched as well, also when that changes.
   */
  watch(targets: readonly WatchTarget[], signal: AbortSignal): AsyncIterableIterator<void>;
}

// ---- Processes ----

export interface Command {
  /** The program and its arguments; no shell. A program without `/` is looked up in the PATH of this process. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** The complete environment; absent: that of this process. */
  readonly env?: ReadonlyMap<string, string>;
  readonly uid?: number;
  readonly gid?: number;
  readonly input?: Uint8Array;
  /** Sent to the whole process group when the signal aborts; SIGKILL follows after a short time. Default SIGTERM. */
  readonly stopSignal?: string;
  /** Called with each piece of output as it comes. */
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  /** Output kept for the result beyond this many bytes is cut from its front. Default 1 MiB for each stream. */
  readonly keepBytes?: number;
}

/** How a command ended. One that could not be started is a `Failure`; a status other than 0 is not. */
export interface Outcome {
  /** Undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly endedBy: string | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Both, in the order in which they were written. */
  readonly output: Uint8Array;
}

export interface Processes {
  run(command: Command, signal: AbortSignal): Promise<Outcome>;
  /** Lines of stdout and stderr of a command that goes on running; the iteration ends when the command does. */
  lines(command: Command, signal: AbortSignal): AsyncIterableIterator<string>;
  /** Kills every command that runs now, with all it has started; they end as killed. For when there is no time left. */
  killAll(): void;
}

// ---- Who we are ----

export interface Identity {
  hostname(signal: AbortSignal): Promise<string>;
  /** Effective ids of this process. */
  readonly uid: number;
  readonly gid: number;
  /** Permission bits that what this process makes does not get unless it asks: usually 0o022. */
  readonly umask: number;
  /** By name or by decimal number; undefined when no such user exists. A number need not exist. */
  userId(user: string, signal: AbortSignal): Promise<number | undefined>;
  groupId(group: string, signal: AbortSignal): Promise<number | undefined>;
  /** Undefined when the id has no name. */
  userName(uid: number, signal: AbortSignal): Promise<string | undefined>;
  groupName(gid: number, signal: AbortSignal): Promise<string | undefined>;
  /** The group that a user, by name or by decimal number, is in first of all. Undefined when no such user is known. */
  primaryGroupId(user: string, signal: AbortSignal): Promise<number | undefined>;
  /** Of a user by name. Undefined when there is no such user, or none with a home. */
  homeDirectory(user: string, signal: AbortSignal): Promise<string | undefined>;
}

export interface System {
  /** Load averages over 1, 5 and 15 minutes. */
  load(signal: AbortSignal): Promise<readonly [number, number, number]>;
  /** Seconds since the machine started. */
  uptimeSeconds(signal: AbortSignal): Promise<number>;
  /** A variable of the environment of this process. */
  environment(name: string): string | undefined;
  /** All of them. */
  environmentVariables(): ReadonlyMap<string, string>;
  readonly process: OwnProcess;
  /** How many processors this process can use. */
  readonly processors: number;
  /** A page of memory. */
  readonly pageBytes: number;
}

/** The process that we are. */
export interface OwnProcess {
  readonly id: number;
  readonly parentId: number;
  /** Who started it; `Identity` tells for whom it acts. */
  readonly userId: number;
  readonly groupId: number;
  readonly effectiveUserId: number;
  readonly effectiveGroupId: number;
  /** As it was started: the program, and what follows it. */
  readonly arguments: readonly string[];
  /** The file of the program. */
  readonly executable: string;
  readonly workingDirectory: string;
}

// ---- The network ----

export interface Network extends NetworkSetup {
  /** In the order of the kernel. */
  interfaces(signal: AbortSignal): Promise<readonly NetworkInterface[]>;
  /** Tells that an interface, an address, a route or who passes packets on may have changed. The first item means that the watch is armed. */
  changes(signal: AbortSignal): AsyncIterableIterator<void>;
}

export interface NetworkInterface {
  /** `eth0` */
  readonly name: string;
  /** The number that the kernel knows it by. One that is made anew under the same name has another. */
  readonly index: number;
  readonly isLoopback: boolean;
  /** Switched on; whether a cable is in it is another matter. */
  readonly isUp: boolean;
  readonly isWireless: boolean;
  /** The largest packet, in bytes. */
  readonly mtu: number;
  /** Lower-case with colons, of any length; empty when it has none. */
  readonly hardwareAddress: string;
  /** With the length of the network part, `192.0.2.5/24`, in the order of the kernel. */
  readonly addresses: readonly string[];
}
