// SPDX-License-Identifier: Apache-2.0
// What a proxy has fetched, as the files of a directory under the names of the mirror, and beside them what the mirror said
// of each. A file gets its name when it is whole, so a crash leaves the old one, or none. When there is a limit, what was not
// asked for the longest goes first; files that somebody else has put there are served, and never removed.

import { Failure } from "../../../../contract/failure.ts";
import type { GrowingFile, Guard, OpenFile } from "../../../../contract/host.ts";
import type { ResourceEnv } from "../../../../contract/resource.ts";
import { bytesOf, textOf } from "../../../../values/bytes.ts";
import { notThere } from "../../../files/open-below.ts";
import { cleanPath } from "../../../files/path.ts";
import { trustedPlace } from "../../../files/trusted-place.ts";
import { ownDirectory } from "./place.ts";
import { type About, modifiedMsOf } from "./upstream.ts";

/** What is remembered of a file. */
export interface Kept {
  readonly key: string;
  readonly url: string;
  readonly about: About;
  readonly size: number;
  /** When the mirror said the last time that it is still so, and when somebody asked for it, to the hour. `Clock.now` */
  readonly checkedMs: number;
  readonly usedMs: number;
}

export interface Cached {
  readonly file: OpenFile;
  /** Undefined: it was put there by somebody else. */
  readonly kept: Kept | undefined;
}

/** A file that is being fetched, or was when something broke off. */
export interface Begun {
  readonly file: GrowingFile;
  /** Of which version it is a part. */
  readonly about: About | undefined;
}

const usedAgainMs = 3_600_000;
const abandonedMs = 24 * 3_600_000;
/** So much of the limit is filled when room had to be made. */
const filledAgain = 0.95;
const longestNote = 64 * 1024;

interface CachePlace {
  readonly path: string;
  /** For all that is below it. */
  readonly guard: Guard;
  /** For itself, and what is above. */
  readonly guardOfPlace: Guard;
}

/** The part of an environment that all of this needs; its signal ends with the proxy. */
export type ProxyEnv = Pick<ResourceEnv, "host" | "signal" | "say">;

export class ProxyCache {
  readonly #directory: string;
  readonly #limitBytes: number | undefined;
  readonly #env: ProxyEnv;
  /** Tells apart the parts of two proxies that have one directory. */
  readonly #owner: string;
  readonly #known = new Map<string, Kept>();
  #base: Promise<CachePlace> | undefined;
  #total: Promise<number> | undefined;
  #bytes = 0;

  constructor(directory: string, limitBytes: number | undefined, owner: string, env: ProxyEnv) {
    this.#directory = cleanPath(directory);
    this.#limitBytes = limitBytes;
    this.#owner = owner;
    this.#env = env;
  }

  /** Undefined when it is not there. */
  async open(key: string): Promise<Cached | undefined> {
    const { host, signal } = this.#env;
    const { path, guard } = await this.#place();
    let file: OpenFile;
    try {
      file = await host.files.open(`${path}/${key}`, signal, guard);
    } catch (reason) {
      if (reason instanceof Failure && notKept.includes(reason.code)) return undefined;
      throw reason;
    }
    const kept = await this.#noteOf(key);
    if (kept === undefined || kept.size === file.size) return { file, kept };
    // Not what was put there: the power went away, or somebody has exchanged it.
    file[Symbol.dispose]();
    await this.#remove(key);
    return undefined;
  }

  /** Somebody has asked for it. */
  async used({ kept }: Cached): Promise<void> {
    const nowMs = this.#env.host.clock.now();
    if (kept !== undefined && Math.abs(nowMs - kept.usedMs) >= usedAgainMs)
      await this.#note({ ...kept, usedMs: nowMs });
  }

  /** The mirror says that it is still so. */
  async checked(key: string, url: string, about: About, size: number): Promise<void> {
    const nowMs = this.#env.host.clock.now();
    await this.#note({ key, url, about, size, checkedMs: nowMs, usedMs: nowMs });
  }

  /** Whether something of this size may be kept at all. */
  hasRoomFor(size: number): boolean {
    return this.#limitBytes === undefined || size <= this.#limitBytes;
  }

  /** Fails when nothing can be written. */
  async begin(key: string, url: string): Promise<Begun> {
    const { host, signal } = this.#env;
    const { guard } = await this.#place();
    const path = await this.#own(`${this.#id(key)}.part`);
    await this.#makeDirectory(parentOf(path));
    const about = parse<{ readonly url: string; readonly about: About }>(await this.#read(`${path}.json`));
    const file = await host.files.grow(path, { mode: 0o600, ...guard }, signal);
    return { file, about: about?.url === url ? about.about : undefined };
  }

  /** From now on what comes into the part is of this version. */
  async beginVersion(key: string, url: string, about: About): Promise<void> {
    const path = await this.#own(`${this.#id(key)}.part.json`);
    await this.#write(path, { url, about });
  }

  /** The part is whole: it gets its name. */
  async keep(key: string, url: string, about: About, file: GrowingFile): Promise<void> {
    const { host, signal } = this.#env;
    const { path, guard } = await this.#place();
    await this.#makeDirectory(parentOf(`${path}/${key}`));
    const modifiedMs = modifiedMsOf(about);
    const time = modifiedMs === undefined ? {} : { modifiedMs };
    await file.moveTo(`${path}/${key}`, { durable: true, ...time, ...guard }, signal);
    // After the file: one of which we remember too little is asked for again, and not taken for another version.
    await this.checked(key, url, about, file.size);
    await host.files.remove(await this.#own(`${this.#id(key)}.part.json`), guard, signal);
    await this.#makeRoom(key);
  }

  async #makeRoom(justKept: string): Promise<void> {
    if (this.#limitBytes === undefined) return;
    this.#total ??= this.#readAll();
    await this.#total;
    if (this.#bytes <= this.#limitBytes) return;
    const oldestFirst = [...this.#known.values()].sort((a, b) => a.usedMs - b.usedMs || (a.key < b.key ? -1 : 1));
    for (const { key } of oldestFirst) {
      if (this.#bytes <= this.#limitBytes * filledAgain) return;
      if (key !== justKept) await this.#remove(key);
    }
  }

  /** Of former runs. */
  async #readAll(): Promise<number> {
    const { host, signal } = this.#env;
    const { guard } = await this.#place();
    const directory = await this.#own("");
    for (const name of await host.files.list(directory.slice(0, -1), signal)) {
      const path = `${directory}${name}`;
      if (name.includes(".part")) {
        const state = await host.files.inspect(path, signal);
        const changedMs = Number((state?.changedNs ?? 0n) / 1_000_000n);
        if (host.clock.now() - changedMs > abandonedMs) await host.files.remove(path, guard, signal);
        continue;
      }
      const kept = parse<Kept>(await this.#read(path));
      if (kept !== undefined && !this.#known.has(kept.key)) this.#remember(kept);
    }
    return this.#bytes;
  }

  async #remove(key: string): Promise<void> {
    const { host, signal } = this.#env;
    const { path, guard } = await this.#place();
    await host.files.remove(`${path}/${key}`, guard, signal);
    await host.files.remove(await this.#notePath(key), guard, signal);
    this.#bytes -= this.#known.get(key)?.size ?? 0;
    this.#known.delete(key);
  }

  async #noteOf(key: string): Promise<Kept | undefined> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const kept = parse<Kept>(await this.#read(await this.#notePath(key)));
    if (kept?.key !== key) return undefined;
    this.#remember(kept);
    return kept;
  }

  #remember(kept: Kept): void {
    this.#bytes += kept.size - (this.#known.get(kept.key)?.size ?? 0);
    this.#known.set(kept.key, kept);
  }

  async #note(kept: Kept): Promise<void> {
    const path = await this.#notePath(kept.key);
    await this.#makeDirectory(parentOf(path));
    await this.#write(path, kept);
    this.#remember(kept);
  }

  async #write(path: string, value: unknown): Promise<void> {
    const { host, signal } = this.#env;
    const { guard } = await this.#place();
    await host.files.write(path, bytesOf(`${JSON.stringify(value)}\n`), { mode: 0o600, ...guard }, signal);
  }

  async #read(path: string): Promise<string | undefined> {
    const { host, signal } = this.#env;
    const { guard } = await this.#place();
    try {
      return textOf(await host.files.read(path, longestNote, signal, guard));
    } catch (reason) {
      if (reason instanceof Failure && notKept.includes(reason.code)) return undefined;
      throw reason;
    }
  }

  #notePath(key: string): Promise<string> {
    return this.#own(`${this.#digest(key)}.json`);
  }

  async #own(name: string): Promise<string> {
    return `${(await this.#place()).path}/${ownDirectory}/${name}`;
  }

  #id(key: string): string {
    return this.#digest(`${this.#owner}\0${key}`);
  }

  #digest(text: string): string {
    const digest = this.#env.host.hashing.sha256();
    digest.add(bytesOf(text));
    return digest.hex().slice(0, 40);
  }

  #place(): Promise<CachePlace> {
    this.#base ??= this.#findPlace().catch((reason: unknown) => {
      this.#base = undefined;
      throw reason;
    });
    return this.#base;
  }

  /** Below it no link is ever followed. */
  async #findPlace(): Promise<CachePlace> {
    const { host, signal } = this.#env;
    const { path, guard } = await trustedPlace(this.#directory, host, signal, "follow");
    return { path, guard: { noLinksBelow: guard.noLinksBelow ?? path }, guardOfPlace: guard };
  }

  async #makeDirectory(path: string): Promise<void> {
    const { host, signal } = this.#env;
    const place = await this.#place();
    if ((await host.files.inspect(path, signal))?.kind === "directory") return;
    const above = parentOf(path);
    if (above !== "") await this.#makeDirectory(above);
    const guard = path.startsWith(`${place.path}/`) ? place.guard : place.guardOfPlace;
    try {
      await host.files.createDirectory(path, { mode: 0o700, ...guard }, signal);
    } catch (reason) {
      if (!(reason instanceof Failure) || reason.code !== "exists") throw reason; // Another fetch was faster.
    }
  }
}

/** The name may also be longer than names may be. */
const notKept: readonly string[] = [...notThere, "too-large"];

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** Ours, or damaged. */
function parse<Note>(text: string | undefined): Note | undefined {
  try {
    const note: unknown = text === undefined ? undefined : JSON.parse(text);
    return typeof note === "object" && note !== null && "about" in note ? (note as Note) : undefined;
  } catch {
    return undefined;
  }
}
