// SPDX-License-Identifier: Apache-2.0
// One content on its way from the mirror into the cache, for however many ask for it: they read what is there already and
// wait for the rest. What breaks off is continued where it broke off, now or the next time.

import { Failure } from "../../../../contract/failure.ts";
import type { HttpResponse } from "../../../../contract/http.ts";
import type { Begun, Kept, ProxyCache, ProxyEnv } from "./cache.ts";
import { Direct } from "./direct.ts";
import { type About, aboutOf, askUpstream, exactVersion, lengthOf, partOf } from "./upstream.ts";

/** What the mirror says of it, before the content. */
export type Head =
  | { readonly kind: "content"; readonly about: About }
  /** What is in the cache is still so. */
  | { readonly kind: "same" }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "unreachable"; readonly failure: Failure }
  /** It cannot or must not be kept. */
  | { readonly kind: "not kept"; readonly failure: Failure | undefined };

export interface FetchOptions {
  readonly key: string;
  readonly url: string;
  /** It never changes, so a part of it is good as long as its size is. */
  readonly isImmutable: boolean;
  /** What is in the cache. */
  readonly kept: Kept | undefined;
  readonly cache: ProxyCache;
  readonly env: ProxyEnv;
  /** Of the cache, while others are served all the same. */
  readonly onLost: (failure: Failure) => void;
}

/** How often a connection may break off before those who wait are told. */
const mostAttempts = 4;
/** What nobody waits for is fetched to the end when so much is missing at the most. */
const worthwhileBytes = 16 * 1024 * 1024;
const lonelyMs = 10_000;

export class Fetching {
  readonly head: Promise<Head>;
  /** Resolves when nothing of it runs any more. */
  readonly ended: Promise<void>;
  readonly #options: FetchOptions;
  readonly #signal: AbortSignal;
  readonly #giveUp = new AbortController();
  readonly #tellHead: (head: Head) => void;
  readonly #waiting = new Set<() => void>();
  #begun: Begun | undefined;
  #about: About | undefined;
  #state: "running" | "whole" | "lost" | Failure = "running";
  #hasTold = false;
  /** Those who read, and the fetch itself. */
  #holders = 1;

  constructor(options: FetchOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.env.signal, this.#giveUp.signal]);
    const { promise, resolve } = Promise.withResolvers<Head>();
    this.head = promise;
    this.#tellHead = (head) => {
      this.#hasTold = true;
      resolve(head);
    };
    this.ended = this.#run();
  }

  /** As long as somebody holds it, it goes on, and can be read. */
  hold(): void {
    this.#holders += 1;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#begun?.file[Symbol.dispose]();
    else if (this.#holders === 1 && this.#state === "running") this.#leaveSoon();
  }

  /** At least one byte, unless it ends there. Fails when the rest cannot be had. */
  async read(at: number, length: number, into: Uint8Array | undefined, direct: Direct): Promise<Uint8Array> {
    for (;;) {
      const file = this.#begun?.file;
      if (file !== undefined && at < file.size) return file.read(at, Math.min(length, file.size - at), into);
      if (this.#state === "whole") return new Uint8Array();
      if (this.#state === "lost") return direct.read(at, length);
      if (this.#state !== "running") throw this.#state;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
    }
  }

  #leaveSoon(): void {
    this.#options.env.host.clock.after(lonelyMs, () => {
      const missing = (this.#about?.size ?? Number.POSITIVE_INFINITY) - (this.#begun?.file.size ?? 0);
      if (this.#holders === 1 && this.#state === "running" && missing > worthwhileBytes) this.#giveUp.abort();
    });
  }

  async #run(): Promise<void> {
    const { cache, key, url } = this.#options;
    try {
      this.#begun = await cache.begin(key, url);
      this.#about = this.#begun.about;
    } catch (reason) {
      this.#lose(reason);
      return this.release();
    }
    try {
      for (let attempt = 1; ; attempt += 1) {
        const before = this.#begun.file.size;
        try {
          if ((await this.#attempt(this.#begun, attempt)) === "over") return;
        } catch (reason) {
          const hasCome = this.#begun.file.size > before;
          const isOver = this.#signal.aborted || reason instanceof Lost || attempt === mostAttempts || !hasCome;
          if (isOver || !this.#canGoOn(this.#begun)) throw reason;
        }
      }
    } catch (reason) {
      if (!(reason instanceof Lost)) return this.#fail(reason);
      this.#lose(reason.cause);
      await this.#giveRoomBack(this.#begun);
    } finally {
      this.release();
    }
  }

  /** "again" when it must begin anew. */
  async #attempt(begun: Begun, attempt: number): Promise<"over" | "again"> {
    const { url, env, key } = this.#options;
    const { file } = begun;
    const goesOn = this.#canGoOn(begun);
    if (!goesOn && file.size > 0) await this.#onDisk(file.clear());
    const response = await askUpstream("GET", url, this.#conditions(goesOn, file.size), env.host.http, this.#signal);
    const part = partOf(response);
    const isRest = goesOn && part?.from === file.size && (this.#about?.size ?? part.size) === part.size;
    if (isRest && this.#about !== undefined) {
      this.#about = { ...this.#about, size: part.size };
    } else if (response.status === 200) {
      if (attempt > 1 && this.#hasTold) {
        await response.body.return?.();
        throw new Failure(`the mirror has another ${key} now`, { code: "conflict" });
      }
      await this.#onDisk(file.clear());
      this.#about = aboutOf(response, lengthOf(response));
    } else {
      await response.body.return?.();
      if (goesOn && (response.status === 206 || response.status === 416)) {
        await this.#onDisk(file.clear());
        if (attempt < mostAttempts && !this.#hasTold) return "again";
      }
      this.#state = new Failure(`the mirror answers with status ${response.status}`, { code: "unreachable" });
      this.#tellHead(response.status === 304 ? { kind: "same" } : { kind: "refused", status: response.status });
      this.#wake();
      return "over";
    }
    await this.#receive(begun, this.#about, response);
    return "over";
  }

  async #receive({ file }: Begun, about: About, response: HttpResponse): Promise<void> {
    const { cache, key, url } = this.#options;
    if (about.size !== undefined && !cache.hasRoomFor(about.size)) {
      await response.body.return?.();
      throw new Lost(undefined);
    }
    await this.#onDisk(cache.beginVersion(key, url, about));
    this.#tellHead({ kind: "content", about });
    for await (const piece of response.body) {
      await this.#onDisk(file.append(piece));
      this.#wake();
    }
    if (about.size !== undefined && file.size !== about.size) {
      const far = `${file.size} of ${about.size} bytes of ${key}`;
      if (file.size > about.size) await this.#onDisk(file.clear());
      throw new Failure(`the mirror has sent ${far}`, { code: "unreachable" });
    }
    this.#state = "whole";
    this.#wake();
    try {
      await cache.keep(key, url, { ...about, size: file.size }, file);
    } catch (reason) {
      // All who ask for it now get it; those who come later will have it fetched again.
      if (!this.#signal.aborted) this.#options.onLost(failureOf(reason));
    }
  }

  #canGoOn({ file }: Begun): boolean {
    if (file.size === 0 || this.#about === undefined) return false;
    if (this.#about.size !== undefined && file.size >= this.#about.size) return false;
    return exactVersion(this.#about) !== undefined || (this.#options.isImmutable && this.#about.size !== undefined);
  }

  #conditions(goesOn: boolean, size: number): ReadonlyMap<string, string> {
    const { kept } = this.#options;
    const conditions = new Map<string, string>();
    if (goesOn && this.#about !== undefined) {
      const version = exactVersion(this.#about);
      conditions.set("range", `bytes=${size}-`);
      if (version !== undefined) conditions.set("if-range", version);
    } else if (kept !== undefined) {
      if (kept.about.etag !== "") conditions.set("if-none-match", kept.about.etag);
      if (kept.about.lastModified !== "") conditions.set("if-modified-since", kept.about.lastModified);
    }
    return conditions;
  }

  async #onDisk(task: Promise<void>): Promise<void> {
    try {
      await task;
    } catch (reason) {
      throw new Lost(reason);
    }
  }

  #lose(reason: unknown): void {
    const failure = reason === undefined ? undefined : failureOf(reason);
    if (this.#signal.aborted) return this.#fail(reason);
    if (failure !== undefined) this.#options.onLost(failure);
    this.#state = "lost";
    this.#tellHead({ kind: "not kept", failure });
    this.#wake();
  }

  /** A part that cannot become whole: those who read it go on at the mirror. */
  async #giveRoomBack({ file }: Begun): Promise<void> {
    try {
      await file.clear();
    } catch {
      // A disk that cannot even give room back is told of already.
    }
  }

  #fail(reason: unknown): void {
    this.#state = failureOf(reason);
    this.#tellHead({ kind: "unreachable", failure: this.#state });
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** Not the mirror: our own disk. */
class Lost extends Error {
  constructor(cause: unknown) {
    super("what comes cannot be kept", { cause });
  }
}

function failureOf(reason: unknown): Failure {
  if (reason instanceof Failure) return reason;
  return new Failure(reason instanceof Error ? reason.message : String(reason), { code: "unexpected", cause: reason });
}
