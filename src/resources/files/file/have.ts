// SPDX-License-Identifier: Apache-2.0
// What observing a file gives: facts, as far as the plan needs them.

import type { FileKind, FileState } from "../../../contract/host.ts";

export interface FileHave {
  /** Where the changes are to be made: the place itself, or what a symbolic link there leads to. */
  readonly path: string;
  /** What is at `path`, a symbolic link not followed; undefined when nothing is. */
  readonly at: FileState | undefined;
  /** Text of the symbolic link that is at `path`. */
  readonly linkText: string | undefined;
  /** Names of what is in the directory at `path`, at any depth; only when it may have to be removed. */
  readonly inside: readonly string[];
  /** Nothing is there, nor the directory that is to hold it; only looked at where `recurse` may make it. */
  readonly parentMissing: boolean;
  /** Permission bits that new files do not get by themselves. */
  readonly umask: number;
  readonly owner: Principal | undefined;
  readonly group: Principal | undefined;
  /** Only when something decides the content of a file. */
  readonly content: ContentHave | undefined;
  /** Only for a directory that is copied or purged. */
  readonly tree: TreeHave | undefined;
  /** The SELinux context of what is at `path`, where one is wanted. */
  readonly context: string | undefined;
  /** What the symbolic link that the program asks for leads to: a mode is set there, for links have none. */
  readonly linked: { readonly path: string; readonly at: FileState } | undefined;
}

/** A wanted user or group: `id` is undefined when there is no such name. */
export interface Principal {
  readonly name: string;
  readonly id: number | undefined;
}

export type ContentHave =
  | { readonly kind: "same" }
  | { readonly kind: "different"; readonly bytes: Uint8Array; readonly before: Uint8Array | undefined }
  | { readonly kind: "copy"; readonly source: string; readonly size: number; readonly mode: number }
  | { readonly kind: "unavailable"; readonly reason: string };

export interface TreeHave {
  /** Why the source cannot be copied, when it cannot. */
  readonly unavailable?: string;
  /** In the order in which they must be dealt with. Paths are relative to the directory. */
  readonly missing: readonly TreeDifference[];
  /** What purging must remove, deepest first. */
  readonly unmanaged: readonly { readonly relative: string; readonly kind: FileKind }[];
}

export interface TreeDifference {
  readonly relative: string;
  readonly source: string;
  readonly kind: "file" | "directory" | "symlink";
  /** Of the source. */
  readonly mode: number;
  readonly size: number;
  readonly linkText: string;
  /** What is in its place now. */
  readonly was: FileState | undefined;
  /** When a directory is in its place: what is in it. */
  readonly wasInside: readonly string[];
}
