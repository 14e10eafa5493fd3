// SPDX-License-Identifier: Apache-2.0
// Answers of a proxy: from its cache, from what is just being fetched, or straight from the mirror. One fetch for each
// content, however many ask for it, and nobody waits for the fetch of another one.

import { Failure } from "../../../../contract/failure.ts";
import type { HttpResponse } from "../../../../contract/http.ts";
import type { ResourceEnv } from "../../../../contract/resource.ts";
import type { IncomingRequest, Reply } from "../../../../contract/serving.ts";
import { renderHttpDate } from "../../../../protocols/http/date.ts";
import { answerWith, type Content, contentOfFile } from "../content.ts";
import { notFound, said } from "../routes.ts";
import { type Cached, type Kept, ProxyCache, type ProxyEnv } from "./cache.ts";
import { Direct } from "./direct.ts";
import { Fetching } from "./fetching.ts";
import { parseSize } from "../../../byte-size.ts";
import { isImmutable, type Place, type ProxyWant } from "./place.ts";
import { type About, askUpstream, modifiedMsOf } from "./upstream.ts";

type Trouble = "the mirror cannot be had" | "the cache cannot be written" | "the cache cannot be read";
/** A mirror that does not answer is left alone for so long, where the cache has an answer. */
const leftAloneMs = 15_000;
const mostMissing = 10_000;
/** The same trouble is told again after this time. */
const againMs = 600_000;

export class CachingProxy {
  readonly #want: ProxyWant;
  readonly #env: ProxyEnv;
  readonly #cache: ProxyCache | undefined;
  readonly #fetches = new Map<string, Fetching>();
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  readonly #before: Promise<void>;
  readonly #told = new Map<Trouble, number>();
  /** What the mirror does not have, and since when we know: programs look for much that is not there. */
  readonly #missing = new Map<string, number>();
  #silentUntilMs = 0;

  /** `env` is that of the member while its server is watched; `before` ends when another one has let go of the cache. */
  constructor(want: ProxyWant, env: ResourceEnv, signal: AbortSignal, before: Promise<void>) {
    this.#want = want;
    this.#signal = AbortSignal.any([signal, this.#end.signal]);
    this.#env = { host: env.host, signal: this.#signal, say: (line, stream) => env.say(line, stream) };
    this.#before = before;
    const { cache, limit, path } = want;
    this.#cache = cache === "" ? undefined : new ProxyCache(cache, parseSize(limit), `${env.name}\0${path}`, this.#env);
  }

  /** Resolves when it has let go of the cache. What is being fetched is gone on with by the next one. */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.all([...this.#fetches.values()].map(({ ended }) => ended));
  }

  async answer({ key, url }: Place, request: IncomingRequest): Promise<Reply> {
    await this.#before;
    const cached = key === undefined ? undefined : await this.#open(key);
    if (key !== undefined && cached !== undefined && (url === undefined || this.#isFresh(key, cached, request))) {
      return this.#serve(cached, "hit", request);
    }
    if (url === undefined) return notFound();
    if (key === undefined || this.#cache === undefined) return this.#pass(url, request);
    if (cached === undefined && this.#isYoung(this.#missing.get(key), request)) return notFound();
    // Who asks for the head alone needs no content.
    if (cached === undefined && request.method === "HEAD" && !this.#fetches.has(key)) return this.#pass(url, request);
    return this.#fetchAndAnswer(key, url, cached, request);
  }

  async #fetchAndAnswer(
    key: string,
    url: string,
    cached: Cached | undefined,
    request: IncomingRequest,
  ): Promise<Reply> {
    const fetching = this.#fetchOf(key, url, cached);
    fetching.hold();
    const head = await fetching.head;
    if (head.kind !== "unreachable") this.#noteMissing(key, head.kind === "refused" && isGone(head.status));
    if (head.kind === "content") {
      cached?.file[Symbol.dispose]();
      return this.#follow(fetching, head.about, key, url, request);
    }
    fetching.release();
    switch (head.kind) {
      case "same": {
        const again = cached ?? (await this.#open(key));
        return again === undefined ? this.#pass(url, request) : this.#serve(again, "checked", request);
      }
      case "not kept":
        cached?.file[Symbol.dispose]();
        return this.#pass(url, request);
      case "refused": {
        if (cached !== undefined && !isGone(head.status)) return this.#serve(cached, "stale", request);
        cached?.file[Symbol.dispose]();
        return refusal(head.status);
      }
      case "unreachable": {
        this.#silentUntilMs = this.#env.host.clock.now() + leftAloneMs;
        this.#tellOnce("the mirror cannot be had", head.failure);
        if (cached !== undefined) return this.#serve(cached, "stale", request);
        return this.#missing.has(key) ? notFound() : unreachable(head.failure);
      }
    }
  }

  #fetchOf(key: string, url: string, cached: Cached | undefined): Fetching {
    const running = this.#fetches.get(key);
    if (running !== undefined) return running;
    const cache = this.#cache as ProxyCache;
    const kept = cached === undefined ? undefined : keptOf(key, url, cached);
    const fetching = new Fetching({
      key,
      url,
      isImmutable: isImmutable(key, this.#want.immutable),
      kept,
      cache,
      env: this.#env,
      onLost: (failure) => this.#tellOnce("the cache cannot be written", failure),
    });
    this.#fetches.set(key, fetching);
    const over = async (): Promise<void> => {
      const head = await fetching.head;
      if (head.kind === "same" && kept !== undefined) await cache.checked(key, url, kept.about, kept.size);
      await fetching.ended;
    };
    over()
      .catch((reason: unknown) => this.#tellOnce("the cache cannot be written", reason))
      .finally(() => this.#fetches.delete(key));
    return fetching;
  }

  async #follow(fetching: Fetching, about: About, key: string, url: string, request: IncomingRequest): Promise<Reply> {
    const direct = new Direct(url, about, this.#env.host.http, request.signal);
    const modifiedMs = modifiedMsOf(about);
    const content: Content = {
      size: about.size ?? Number.POSITIVE_INFINITY,
      name: key,
      ...(about.type === "" ? {} : { type: about.type }),
      ...(about.etag === "" ? {} : { entityTag: about.etag }),
      ...(modifiedMs === undefined ? {} : { modifiedMs }),
      headers: { "x-cache": "miss" },
      read: (at, length, into) => fetching.read(at, length, into, direct),
      release() {
        fetching.release();
        direct.release();
      },
    };
    try {
      return await answerWith(content, request);
    } catch (reason) {
      // Of a small content, which is answered when it is whole.
      if (reason instanceof Failure) return unreachable(reason);
      throw reason;
    }
  }

  async #serve(cached: Cached, how: "hit" | "checked" | "stale", request: IncomingRequest): Promise<Reply> {
    const { file, kept } = cached;
    try {
      await this.#cache?.used(cached);
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason; // A disk that is full, or is only read, can be read.
    }
    const own = contentOfFile(file, kept?.key ?? "");
    const { etag = "", type = "" } = kept?.about ?? {};
    const headers = { "x-cache": how };
    return answerWith(
      { ...own, ...(type === "" ? {} : { type }), ...(etag === "" ? {} : { entityTag: etag }), headers },
      request,
    );
  }

  /** Straight from the mirror, with what the client says of parts and versions. */
  async #pass(url: string, { method, headers, signal }: IncomingRequest): Promise<Reply> {
    const asked = new Map(
      passedOn.flatMap((name) => {
        const value = headers.get(name);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
    let response: HttpResponse;
    try {
      response = await askUpstream(method, url, asked, this.#env.host.http, AbortSignal.any([signal, this.#signal]));
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      this.#tellOnce("the mirror cannot be had", reason);
      return unreachable(reason);
    }
    if (![200, 206, 304, 412, 416].includes(response.status)) {
      await response.body.return?.();
      return refusal(response.status);
    }
    const told = passedBack.flatMap((name) => {
      const value = response.headers.get(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    return {
      status: response.status,
      headers: { ...Object.fromEntries(told), "x-cache": "pass" },
      body: response.body,
    };
  }

  #isFresh(key: string, { kept }: Cached, request: IncomingRequest): boolean {
    if (isImmutable(key, this.#want.immutable) || this.#env.host.clock.now() < this.#silentUntilMs) return true;
    return this.#isYoung(kept?.checkedMs, request);
  }

  /** Whether what the mirror said then is still good enough for this client. */
  #isYoung(saidMs: number | undefined, { headers }: IncomingRequest): boolean {
    if (saidMs === undefined || /\bno-cache\b/i.test(headers.get("cache-control") ?? "")) return false;
    const ageMs = this.#env.host.clock.now() - saidMs;
    return ageMs >= 0 && ageMs < Number(this.#want.age) * 1000;
  }

  #noteMissing(key: string, isMissing: boolean): void {
    if (!isMissing) this.#missing.delete(key);
    else this.#missing.set(key, this.#env.host.clock.now());
    const [oldest = ""] = this.#missing.keys();
    if (this.#missing.size > mostMissing) this.#missing.delete(oldest);
  }

  /** Undefined when it is not there, or cannot be read. */
  async #open(key: string): Promise<Cached | undefined> {
    try {
      return await this.#cache?.open(key);
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      this.#tellOnce("the cache cannot be read", reason);
      return undefined;
    }
  }

  #tellOnce(trouble: Trouble, reason: unknown): void {
    if (this.#signal.aborted) return;
    const nowMs = this.#env.host.clock.now();
    const before = this.#told.get(trouble);
    if (before !== undefined && nowMs - before < againMs) return;
    this.#told.set(trouble, nowMs);
    const text = `${trouble}: ${reason instanceof Error ? reason.message : String(reason)}`;
    this.#env.say(text, "stderr");
  }
}

const passedOn = ["range", "if-range", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since"];
const passedBack = [
  "content-type",
  "content-length",
  "content-range",
  "content-encoding",
  "accept-ranges",
  "etag",
  "last-modified",
];

/** Of a file that somebody has put there, the time of its last change is that of the mirror, if anything is. */
function keptOf(key: string, url: string, { kept, file }: Cached): Kept {
  const lastModified = renderHttpDate(Number(file.modifiedNs / 1_000_000n));
  const about = { etag: "", lastModified, type: "", size: file.size };
  return kept ?? { key, url, about, size: file.size, checkedMs: 0, usedMs: 0 };
}

function isGone(status: number): boolean {
  return status === 404 || status === 410;
}

function refusal(status: number): Reply {
  if (isGone(status)) return notFound();
  if (status === 401 || status === 403) return said(403, "the mirror does not let this be read");
  return said(502, `the mirror answers with status ${status}`);
}

function unreachable({ code }: Failure): Reply {
  return code === "timed-out" ? said(504, "the mirror does not answer") : said(502, "the mirror cannot be reached");
}
