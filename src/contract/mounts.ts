// SPDX-License-Identifier: Apache-2.0
// File systems that are mounted now. What is mounted at the next start is in /etc/fstab, which is a file like any other.
// Every method fails with a `Failure` and stops promptly when its signal aborts.

/** Options by name, with their value, which is empty for those that have none. */
export type MountOptions = ReadonlyMap<string, string>;

export interface MountedFileSystem {
  /** The directory, clean. */
  readonly place: string;
  /** What is mounted, as the kernel tells it: a device, a share, a word. */
  readonly source: string;
  /** The directory of the file system that is seen at the place: `/`, or that of a bind mount. */
  readonly root: string;
  readonly type: string;
  /** Of the mount and of the file system. */
  readonly options: MountOptions;
}

export interface MountRequest {
  readonly place: string;
  readonly source: string;
  readonly type: string;
  readonly options: MountOptions;
}

export interface Mounts {
  /** In the order in which they were mounted: of several at one place the last is seen. */
  table(signal: AbortSignal): Promise<readonly MountedFileSystem[]>;
  /** Fails with `not-found` when the directory or what is to be mounted is missing, `unsupported` for an unknown type. */
  mount(request: MountRequest, signal: AbortSignal): Promise<void>;
  /** Gives what is mounted there these options. */
  remount(request: MountRequest, signal: AbortSignal): Promise<void>;
  /** The one that is seen at the place. Fails with `busy` and says who uses it. */
  unmount(place: string, signal: AbortSignal): Promise<void>;
  /** Tells that something may have been mounted, remounted or unmounted. The first item means that the watch is armed. */
  changes(signal: AbortSignal): AsyncIterableIterator<void>;
}
