// SPDX-License-Identifier: Apache-2.0
// Where the texts of modules come from: a disk, a bundle, what ships with the product, or the memory of a test.

export interface ModuleSource {
  /** The text of a file; undefined when there is no such file. Fails with a `Failure` when it cannot be read. */
  read(path: string): Promise<string | undefined>;
}

/** A module of others, which is looked for in directories of modules. */
export interface RemoteModule {
  /** What the program imports it as. */
  readonly url: string;
  /** `host/path/` */
  readonly name: string;
  /** Where it lies, or would: a path of the source. */
  readonly directory: string;
  readonly isThere: boolean;
}

/** Fetches modules of others, and sees to it that they are what they were. */
export interface RemoteModules {
  /** Called once for each module before it is read. Says why it cannot be used; undefined: it is there and right. */
  prepare(module: RemoteModule): Promise<Refused | undefined>;
}

export interface Refused {
  /** Stands under the import. */
  readonly reason: string;
  readonly hint?: string;
}

/** Paths with their texts. */
export function sourceInMemory(texts: ReadonlyMap<string, string>): ModuleSource {
  return { read: (path) => Promise.resolve(texts.get(path)) };
}
