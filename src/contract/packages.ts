// SPDX-License-Identifier: Apache-2.0
// Software packages as the distribution has them: apt, dnf, pacman, apk and PackageKit behind one small interface.
// Versions are texts in the form of the manager; only `compareVersions` knows their order.

export interface Packages {
  /** The manager of this machine, found once. Fails with `unsupported` when there is none. */
  manager(signal: AbortSignal): Promise<PackageManager>;
}

/** A line for the person who waits: that another process holds the lock, that old damage is mended. */
export type Say = (line: string) => void;

export interface PackageManager {
  /** `apt`, for messages. */
  readonly name: string;
  /** Less than, equal to or greater than 0, as the left one is older, the same or newer. */
  readonly compareVersions: (left: string, right: string) => number;
  /** What the database says of these; one that it does not know is left out. Takes no lock. */
  installed(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, InstalledPackage>>;
  /** What the lists offer of these, the preferred version first; an unknown package is left out. Takes no lock. */
  available(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly OfferedVersion[]>>;
  /** A few names that may have been meant: packages that provide this one, else those spelled alike, the nearest first. */
  namesLike(name: string, signal: AbortSignal): Promise<readonly string[]>;
  /** When the lists were brought up to date, on the machine's clock; undefined: never since the sources have changed. */
  listsRefreshedMs(signal: AbortSignal): Promise<number | undefined>;
  /** A source that does not answer is said, and fails only when it leaves nothing to work with. */
  refreshLists(options: Trust, say: Say, signal: AbortSignal): Promise<void>;
  /** What a file in the format of this manager is. */
  inspectArchive(path: string, signal: AbortSignal): Promise<PackageArchive>;
  /**
   * The files of these, directories left out: from the database, else from the archive of the preferred version, which is
   * fetched to where an installation will find it. What is not known, or cannot be had now, is left out.
   */
  files(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>>;
  /**
   * All changes at once or none, without a question to anybody. Waits as long as another process holds the lock; first
   * finishes what a transaction that was cut off has left. Fails with `conflict` rather than remove what is not named.
   */
  transact(transaction: Transaction, say: Say, signal: AbortSignal): Promise<void>;
  /** Tells that the database or the lists may have changed. The first item means that the watch is armed. */
  changes(signal: AbortSignal): AsyncIterableIterator<void>;
}

export interface InstalledPackage {
  /** Undefined: it is not installed, only its configuration was left behind. */
  readonly version: string | undefined;
  /** Unpacked but not configured, or worse. While another process works on it, this passes. */
  readonly isBroken: boolean;
  /** Somebody wants it to stay at its version. */
  readonly isHeld: boolean;
}

export interface OfferedVersion {
  readonly version: string;
  /** It comes from a part of the distribution for what is not free. */
  readonly isFree: boolean;
  /** It comes from the distribution itself and not from somebody else's repository. */
  readonly isSupported: boolean;
  /** Where it comes from, for messages. */
  readonly from: string;
}

export interface PackageArchive {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
}

export interface Trust {
  /** Also without a valid signature. */
  readonly allowUntrusted: boolean;
}

export interface Transaction extends Trust {
  readonly changes: readonly PackageChange[];
  /** Others that may go when a change needs it. */
  readonly mayRemove: readonly string[];
}

export type PackageChange =
  /** This version, an older one too; without it, the preferred one when none is there. Also mends what is broken. */
  | { readonly do: "install"; readonly name: string; readonly version?: string }
  | { readonly do: "install-archive"; readonly name: string; readonly path: string }
  /** To the preferred version. */
  | { readonly do: "upgrade"; readonly name: string }
  | { readonly do: "remove"; readonly name: string }
  /** With its configuration; also of one that was removed before. */
  | { readonly do: "purge"; readonly name: string }
  /** It stays at its version until it is released: only a change that names it moves it. */
  | { readonly do: "hold"; readonly name: string }
  | { readonly do: "release"; readonly name: string };
