// SPDX-License-Identifier: Apache-2.0
// What resources and functions of one machine keep for each other, over restarts. Every method fails with a `Failure`
// and stops promptly when its signal aborts.

import type { Value } from "../values/value.ts";

export interface LocalStore {
  readonly values: LocalValues;
  readonly responses: Responses;
  readonly deploy: DeployFiles;
  /**
   * A small number above 0 that belongs to this name in this name space from now on: one more than the greatest so far.
   * Neither may be empty or have a slash in it.
   */
  number(space: string, name: string, signal: AbortSignal): Promise<bigint>;
  /** A text that nobody can guess, of 32 letters and digits, which belongs to this name from now on. The name is not empty. */
  token(name: string, signal: AbortSignal): Promise<string>;
  /** A private directory, made if need be; absolute, with a slash at its end. `path` is relative and has no `..`. */
  directory(path: string, signal: AbortSignal): Promise<string>;
  /**
   * A private copy of a directory of the program, at the same path each time: what the program no longer has goes, what
   * is equal stays untouched. `source` is absolute, `path` as above; gives the absolute path of the copy.
   */
  mirror(source: string, path: string, signal: AbortSignal): Promise<string>;
}

/** What resources have heard from servers, by the names of the resources; forgotten with the process. */
export interface Responses {
  /** Undefined: nothing yet. */
  get(name: string): HeardResponse | undefined;
  set(name: string, response: HeardResponse): void;
  /** Tells that there may be another one. The first item means that the watch is armed. */
  changes(name: string, signal: AbortSignal): AsyncIterableIterator<void>;
}

export interface HeardResponse {
  /** As the server gave it; -1: no answer could be had. */
  readonly status: number;
  /** The file with what was answered. */
  readonly path: string;
}

/** Values by their keys, any texts but the empty one. */
export interface LocalValues {
  /** Undefined when there is none. */
  get(key: string, signal: AbortSignal): Promise<Value | undefined>;
  /** Undefined forgets it. Not for functions. */
  set(key: string, value: Value | undefined, signal: AbortSignal): Promise<void>;
  /** Tells that the value of this key may have changed. The first item means that the watch is armed. */
  changes(key: string, signal: AbortSignal): AsyncIterableIterator<void>;
}

/** The program that runs, as another host would get it. */
export interface DeployFiles {
  /** Sorted by their paths. Fails with `unsupported` when the program has no files. */
  files(signal: AbortSignal): Promise<readonly DeployFile[]>;
  /** Tells that another program may have been taken up. The first item means that the watch is armed. */
  changes(signal: AbortSignal): AsyncIterableIterator<void>;
}

export interface DeployFile {
  /** `/main.mcl`; `/modules/` has modules of others. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}
