// SPDX-License-Identifier: Apache-2.0
// The packages of the machine in memory: a source that a test fills, lists of it, and a database, with the files that
// they bring. Its versions are Debian's; its archives are texts, `archive NAME VERSION` and a path on each further line.

import { Pulses } from "../../base/pulse.ts";
import type { Failure } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import type {
  InstalledPackage,
  OfferedVersion,
  PackageArchive,
  PackageChange,
  PackageManager,
  Packages,
  Say,
  Transaction,
  Trust,
} from "../../contract/packages.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { compareDebianVersions } from "../packages/compare-debian.ts";
import { waitingFor } from "../packages/locks.ts";
import { Turns } from "../packages/one-at-a-time.ts";
import { describe } from "../packages/programs.ts";
import {
  badArchive,
  managerFailed,
  noManager,
  notTrusted,
  unknownPackage,
  unknownVersion,
  wouldRemove,
} from "../packages/refusals.ts";
import { similarNames } from "../packages/similar.ts";
import { refused } from "../refusal.ts";
import { root, type Tree } from "./tree.ts";

/** What a package is, beside its name and version. */
export interface PackageTraits {
  /** One that ends in `/` is a directory, which stays when the package goes. */
  readonly files?: readonly string[];
  /** Of files that are not a line of name and version. */
  readonly contents?: Readonly<Record<string, string>>;
  /** Names that come and must stay with it. */
  readonly depends?: readonly string[];
  /** Names that cannot be there at the same time. */
  readonly conflicts?: readonly string[];
  readonly isFree?: boolean;
  readonly isSupported?: boolean;
  readonly isSigned?: boolean;
  readonly from?: string;
}

interface Release extends Required<PackageTraits> {
  readonly name: string;
  readonly version: string;
}

interface Entry extends InstalledPackage {
  readonly release: Release;
}

/** Somebody else at work with packages. Nothing here waits. */
export interface OutsidePackages {
  /** Puts a version into the source; the machine knows of it when its lists are refreshed next. */
  publish(name: string, version: string, traits?: PackageTraits): void;
  /** From now on each name that was not published is on offer, too, with these traits. */
  publishOthers(version: string, traitsOf: (name: string) => PackageTraits): void;
  /** Takes all versions out of the source. */
  withdraw(name: string): void;
  /** As if a person had refreshed the lists. */
  refresh(): void;
  /** Without asking for anything: a version from the source, the newest if absent. */
  install(name: string, version?: string): void;
  remove(name: string): void;
  purge(name: string): void;
  setHeld(name: string, isHeld: boolean): void;
  /** Another process holds the lock until the function returned is called. */
  lock(program: string): () => void;
  /** The next transaction is killed when half of its changes are made. */
  killNext(): void;
  /** Each transaction fails so from now on, before it changes anything; undefined: no longer. */
  fail(failure: Failure | undefined): void;
  /** Names in the lists. */
  readonly offered: readonly string[];
  /** What would have to go for these changes, whether it may or not. */
  leaving(changes: readonly PackageChange[]): readonly string[];
  /** Of transactions so far, the verbs and names of each: `install nginx`. */
  readonly transactions: readonly string[];
  /** How often the lists were refreshed by the engine. */
  readonly refreshes: number;
}

const sourceNames = "memory";

export class MemoryPackages implements Packages, PackageManager {
  readonly name = "memory";
  readonly compareVersions = compareDebianVersions;
  readonly outside: OutsidePackages;
  readonly #tree: Tree;
  readonly #clock: Clock;
  readonly #turns = new Turns();
  readonly #watches = new Set<Pulses>();
  readonly #source = new Map<string, Release[]>();
  readonly #database = new Map<string, Entry>();
  readonly #done: string[] = [];
  #lists: ReadonlyMap<string, readonly Release[]> = new Map();
  #refreshedMs: number | undefined;
  #refreshes = 0;
  #holder: string | undefined;
  #freed: (() => void)[] = [];
  #killNext = false;
  #failure: Failure | undefined;
  #isPresent = false;
  #other: ((name: string) => Release) | undefined;

  constructor(tree: Tree, clock: Clock) {
    this.#tree = tree;
    this.#clock = clock;
    this.outside = this.#hands();
  }

  async manager(signal: AbortSignal): Promise<PackageManager> {
    signal.throwIfAborted();
    if (!this.#isPresent) throw noManager();
    return this;
  }

  async installed(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, InstalledPackage>> {
    signal.throwIfAborted();
    const found = new Map<string, InstalledPackage>();
    for (const name of names) {
      const entry = this.#database.get(name);
      if (entry === undefined) continue;
      found.set(name, { version: entry.version, isBroken: entry.isBroken, isHeld: entry.isHeld });
    }
    return found;
  }

  async available(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly OfferedVersion[]>> {
    signal.throwIfAborted();
    const found = new Map<string, readonly OfferedVersion[]>();
    for (const name of names) {
      const releases = this.#listed(name);
      if (releases.length === 0) continue;
      found.set(
        name,
        releases.map(({ version, isFree, isSupported, from }) => ({ version, isFree, isSupported, from })),
      );
    }
    return found;
  }

  async namesLike(name: string, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    return similarNames(name, this.#lists.keys());
  }

  async listsRefreshedMs(signal: AbortSignal): Promise<number | undefined> {
    signal.throwIfAborted();
    return this.#refreshedMs;
  }

  async refreshLists(_options: Trust, _say: Say, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#refreshes += 1;
    this.#refresh();
  }

  async inspectArchive(path: string, signal: AbortSignal): Promise<PackageArchive> {
    signal.throwIfAborted();
    const { name, version, files } = this.#releaseIn(path);
    return { name, version, files };
  }

  async files(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    signal.throwIfAborted();
    const found = new Map<string, readonly string[]>();
    for (const name of names) {
      const entry = this.#database.get(name);
      const release = entry?.version === undefined ? this.#listed(name)[0] : entry.release;
      if (release !== undefined) found.set(name, release.files);
    }
    return found;
  }

  transact(transaction: Transaction, say: Say, signal: AbortSignal): Promise<void> {
    return this.#turns.take(async () => {
      await this.#unlocked(say, signal);
      if (this.#failure !== undefined) throw this.#failure;
      if ([...this.#database.values()].some(({ isBroken }) => isBroken)) {
        say("finishes what a transaction that was cut off has left");
        for (const [name, entry] of this.#database) this.#put({ ...entry, isBroken: false }, name);
      }
      this.#carryOut(transaction);
    }, signal);
  }

  changes(signal: AbortSignal): AsyncIterableIterator<void> {
    const pulses: Pulses = new Pulses(signal, () => this.#watches.delete(pulses));
    this.#watches.add(pulses);
    pulses.pulse();
    return pulses;
  }

  // ---- Transactions ----

  async #unlocked(say: Say, signal: AbortSignal): Promise<void> {
    while (this.#holder !== undefined) {
      say(waitingFor({ process: 1234, program: this.#holder }, 0));
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#freed.push(resolve);
      const stop = () => reject(signal.reason as Error);
      signal.addEventListener("abort", stop, { once: true });
      await promise.finally(() => signal.removeEventListener("abort", stop));
    }
  }

  /** What comes and goes. */
  #decide(changes: readonly PackageChange[], doing: string) {
    const coming = new Map<string, Release>();
    const leaving = new Set<string>();
    for (const change of changes) {
      if (change.do === "remove" || change.do === "purge") leaving.add(change.name);
      const release = this.#releaseFor(change, doing);
      if (release !== undefined) this.#gather(release, coming, doing);
    }
    for (const { conflicts } of coming.values()) {
      for (const name of conflicts) if (this.#database.get(name)?.version !== undefined) leaving.add(name);
    }
    // Whoever needs one that leaves has to leave too.
    for (let grows = true; grows; ) {
      grows = false;
      for (const [name, { version, release }] of this.#database) {
        if (version === undefined || leaving.has(name) || !release.depends.some((other) => leaving.has(other)))
          continue;
        leaving.add(name);
        grows = true;
      }
    }
    return { coming, leaving };
  }

  /** Decides all before it changes anything. */
  #carryOut({ changes, allowUntrusted, mayRemove }: Transaction): void {
    const doing = doingOf(changes);
    const { coming, leaving } = this.#decide(changes, doing);
    const named = changes.flatMap((change) => (change.do === "remove" || change.do === "purge" ? [change.name] : []));
    const mayGo = new Set([...mayRemove, ...named]);
    for (const { isSigned, name } of coming.values()) if (!isSigned && !allowUntrusted) throw notTrusted(doing, name);
    const others = [...leaving].filter((name) => !mayGo.has(name));
    if (others.length > 0) throw wouldRemove(doing, others);

    this.#done.push(changes.map((change) => `${change.do} ${change.name}`).join(", "));
    const tasks = [
      ...[...leaving].map((name) => () => this.#remove(name)),
      ...[...coming.values()].map((release) => () => this.#install(release)),
      ...changes.map((change) => () => this.#mark(change)),
    ];
    const isKilled = this.#killNext;
    this.#killNext = false;
    for (const task of isKilled ? tasks.slice(0, Math.ceil(tasks.length / 2)) : tasks) task();
    if (isKilled) {
      for (const name of coming.keys()) {
        const entry = this.#database.get(name);
        if (entry !== undefined) this.#put({ ...entry, isBroken: true }, name);
      }
    }
    this.#pulse();
    if (isKilled) throw managerFailed(doing, "the package manager", undefined, "");
  }

  #releaseFor(change: PackageChange, doing: string): Release | undefined {
    const { name } = change;
    if (change.do === "install-archive") return this.#releaseIn(change.path);
    if (change.do !== "install" && change.do !== "upgrade") return undefined;
    const releases = this.#listed(name);
    const entry = this.#database.get(name);
    if (releases.length === 0 && entry?.version === undefined) throw unknownPackage(doing, name, [], this.name);
    if (change.do === "upgrade") return releases[0];
    if (change.version === undefined) return entry?.version === undefined ? releases[0] : undefined;
    if (change.version === entry?.version) return undefined;
    const release = releases.find(({ version }) => version === change.version);
    if (release === undefined) throw unknownVersion(doing, name, change.version);
    return release;
  }

  #gather(release: Release, coming: Map<string, Release>, doing: string): void {
    if (coming.has(release.name)) return;
    coming.set(release.name, release);
    for (const name of release.depends) {
      if (this.#database.get(name)?.version !== undefined) continue;
      const needed = this.#listed(name)[0];
      if (needed === undefined) throw unknownPackage(doing, name, [], this.name);
      this.#gather(needed, coming, doing);
    }
  }

  #listed(name: string): readonly Release[] {
    return this.#lists.get(name) ?? (this.#other === undefined ? [] : [this.#other(name)]);
  }

  #mark({ do: verb, name }: PackageChange): void {
    const entry = this.#database.get(name);
    if (verb === "purge") this.#purge(name);
    else if (entry !== undefined && (verb === "hold" || verb === "release")) {
      this.#put({ ...entry, isHeld: verb === "hold" });
    }
  }

  // ---- What is on the machine ----

  #install(release: Release): void {
    const former = this.#database.get(release.name);
    if (former?.version !== undefined) this.#dropFiles(former.release, (path) => release.files.includes(path));
    for (const path of release.files) {
      const isKept = path.startsWith("/etc/") && this.#tree.look(path, root, true) !== undefined;
      if (path.endsWith("/")) this.#makeDirectories(path);
      else if (!isKept) this.#writeFile(path, release.contents[path] ?? `${release.name} ${release.version}\n`);
    }
    this.#put({ version: release.version, isBroken: false, isHeld: former?.isHeld ?? false, release });
  }

  #remove(name: string): void {
    const entry = this.#database.get(name);
    if (entry?.version === undefined) return;
    this.#dropFiles(entry.release, (path) => path.startsWith("/etc/"));
    const hasConfiguration = entry.release.files.some((path) => path.startsWith("/etc/"));
    if (hasConfiguration) this.#put({ ...entry, version: undefined, isBroken: false, isHeld: false });
    else this.#database.delete(name);
  }

  #purge(name: string): void {
    this.#remove(name);
    const entry = this.#database.get(name);
    if (entry !== undefined) this.#dropFiles(entry.release, () => false);
    this.#database.delete(name);
  }

  #put(entry: Entry, name: string = entry.release.name): void {
    this.#database.set(name, entry);
  }

  #dropFiles({ files }: Release, isKept: (path: string) => boolean): void {
    for (const path of files) if (!isKept(path) && !path.endsWith("/")) this.#tree.remove(path, true, root);
  }

  #writeFile(path: string, text: string): void {
    this.#makeDirectories(path);
    this.#tree.overwrite(path, bytesOf(text), root);
  }

  /** Up to the last `/`. */
  #makeDirectories(path: string): void {
    const parts = path.split("/").slice(1, -1);
    parts.forEach((_, at) => {
      const directory = `/${parts.slice(0, at + 1).join("/")}`;
      if (this.#tree.look(directory, root, true) !== undefined) return;
      this.#tree.makeDirectory(directory, { mode: 0o755, ...root }, root);
    });
  }

  #releaseIn(path: string): Release {
    const state = this.#tree.look(path, root, true);
    if (state === undefined) throw refused("nothing-there", { doing: "read", path });
    const [head = "", ...files] = textOf(this.#tree.read(path, root)).trimEnd().split("\n");
    const [, name = "", version = ""] = /^archive (\S+) (\S+)$/.exec(head) ?? [];
    if (name === "") throw badArchive(path, "it is no package");
    return releaseOf(name, version, { files });
  }

  // ---- Others ----

  #refresh(): void {
    this.#lists = new Map([...this.#source].map(([name, releases]) => [name, [...releases]]));
    this.#refreshedMs = this.#clock.now();
    this.#pulse();
  }

  #pulse(): void {
    for (const pulses of this.#watches) pulses.pulse();
  }

  #hands(): OutsidePackages {
    const done = this.#done;
    const counts = () => this.#refreshes;
    const listed = () => [...this.#lists.keys()];
    const changing = (task: () => void) => {
      this.#isPresent = true;
      task();
      this.#pulse();
    };
    const latest = (name: string, version: string | undefined) => {
      const releases = this.#source.get(name) ?? [];
      const release = version === undefined ? releases[0] : releases.find((each) => each.version === version);
      if (release === undefined) throw new Error(`the source has no ${name} ${version ?? ""}`);
      return release;
    };
    return {
      publish: (name, version, traits = {}) => {
        this.#isPresent = true;
        const others = (this.#source.get(name) ?? []).filter((each) => each.version !== version);
        const all = [...others, releaseOf(name, version, traits)];
        this.#source.set(
          name,
          all.sort((left, right) => compareDebianVersions(right.version, left.version)),
        );
      },
      publishOthers: (version, traitsOf) => {
        this.#isPresent = true;
        this.#other = (name) => releaseOf(name, version, traitsOf(name));
      },
      withdraw: (name) => this.#source.delete(name),
      refresh: () => {
        this.#isPresent = true;
        this.#refresh();
      },
      install: (name, version) => changing(() => this.#install(latest(name, version))),
      remove: (name) => changing(() => this.#remove(name)),
      purge: (name) => changing(() => this.#purge(name)),
      setHeld: (name, isHeld) => changing(() => this.#mark({ do: isHeld ? "hold" : "release", name })),
      lock: (program) => {
        this.#holder = program;
        return () => {
          this.#holder = undefined;
          for (const wake of this.#freed.splice(0)) wake();
        };
      },
      killNext: () => {
        this.#killNext = true;
      },
      fail: (failure) => {
        this.#failure = failure;
      },
      get offered() {
        return listed();
      },
      leaving: (changes) => [...this.#decide(changes, doingOf(changes)).leaving],
      transactions: done,
      get refreshes() {
        return counts();
      },
    };
  }
}

function doingOf(changes: readonly PackageChange[]): string {
  return describe(
    changes[0]?.do ?? "change",
    changes.map(({ name }) => name),
  );
}

function releaseOf(name: string, version: string, traits: PackageTraits): Release {
  const files = traits.files ?? [`/usr/bin/${name}`];
  const plain = {
    contents: {},
    depends: [],
    conflicts: [],
    isFree: true,
    isSupported: true,
    isSigned: true,
    from: sourceNames,
  };
  return { ...plain, ...traits, files, name, version };
}
