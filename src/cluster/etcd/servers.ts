// SPDX-License-Identifier: Apache-2.0
// All servers of the store that we know, and the one that we ask now. A question that could not be answered there is put
// to the next, unless it may have been done already and must not be done twice. Who serves the store is learnt from
// whoever answers.

import { Failure } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import { type Conversation, Endpoint, type Tls, type TlsNow } from "./endpoint.ts";
import { notCapable, type Refusal, refusalFrom, revocationsWith, unreachable, wasRemoved } from "./failures.ts";
import { type Method, memberList } from "./messages.ts";

export interface ServersOptions {
  /** `http://HOST:PORT`, `https://HOST:PORT` or `unix:PATH`; the ones to be asked first stand first. At least one. */
  readonly urls: readonly string[];
  readonly tls?: TlsNow;
  readonly clock: Clock;
  /** A socket of this machine that leads to the server at this address; absent: it is reached there. */
  readonly socketFor?: (url: string) => string;
  /** Nobody but those that were given is asked. */
  readonly learnsNone?: boolean;
  /** All addresses that are known now: those given, and what the servers themselves say. */
  readonly onUrls?: (urls: readonly string[]) => void;
  /** Somebody refuses us, and says by this list that nobody is to believe us any more. Whether that is so is another question. */
  readonly onRevocations?: (list: string) => void;
}

export interface AskOptions<Response> {
  /** Doing it twice is as good as once. */
  readonly isRepeatable: boolean;
  /** Whether it is the answer of a server; absent: whatever is said is one. Else the next one is asked. */
  readonly isAnswer?: (answer: Response) => boolean;
}

/** The answer of one server may take so long before another one is asked. */
const attemptMs = 2000;
/** What nobody answers is refused after this long. */
const patienceMs = 4000;
/** Head start of each server over the next, while we look for one that is there. */
const headStartMs = 200;
/** So long we try to find out why nobody answers. */
const whyMs = 200;
const pauseMs = 50;
const longestPauseMs = 500;

export class Servers {
  readonly #options: ServersOptions;
  readonly #closing = new AbortController();
  #endpoints: readonly Endpoint[];
  /** The one that has answered last. */
  #current: Endpoint | undefined;
  #learnt: AbortController | undefined;
  #hasGivenUp = false;

  constructor(options: ServersOptions) {
    this.#options = options;
    this.#endpoints = unique(options.urls).map((url) => this.#endpoint(url));
  }

  get urls(): readonly string[] {
    return this.#endpoints.map(({ url }) => url);
  }

  /** The address that is asked now. */
  get current(): string | undefined {
    return this.#current?.url;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  async ask<Request, Response>(
    method: Method<Request, Response>,
    request: Partial<Request>,
    signal: AbortSignal,
    { isRepeatable, isAnswer = () => true }: AskOptions<Response>,
  ): Promise<Response> {
    return this.#anywhere(signal, isRepeatable, async (endpoint, bounded) => {
      const answer = await endpoint.ask(method, request, bounded);
      if (isAnswer(answer)) return answer;
      throw notCapable;
    });
  }

  /** The first answer of a stream to one word. Repeatable. */
  async exchange<Request, Response>(
    method: Method<Request, Response>,
    request: Partial<Request>,
    signal: AbortSignal,
  ): Promise<Response> {
    return this.#anywhere(signal, true, async (endpoint, bounded) => {
      const { say, answers } = endpoint.converse(method, bounded);
      say(request);
      for await (const answer of answers) return answer;
      throw new Error("the stream ended without an answer");
    });
  }

  /** A stream to a server that is there; breaks with it. */
  async converse<Request, Response>(
    method: Method<Request, Response>,
    signal: AbortSignal,
  ): Promise<Conversation<Request, Response> & { readonly url: string }> {
    const limit = this.#limit(patienceMs, signal);
    try {
      const endpoint = await this.#reach(limit.signal, signal);
      return { ...endpoint.converse(method, AbortSignal.any([signal, this.closing])), url: endpoint.url };
    } finally {
      limit.cancel();
    }
  }

  /** One certain server, which need not be among those that are known. `isEvenRevoked`: nor be believed any more. */
  async askAt<Request, Response>(
    url: string,
    method: Method<Request, Response>,
    request: Partial<Request>,
    signal: AbortSignal,
    { isEvenRevoked = false } = {},
  ): Promise<Response> {
    if (this.#hasGivenUp) throw wasRemoved();
    // Where there is no connection, one is tried now, and not when it is the turn of those who wait for one.
    const isHere = (each: Endpoint): boolean => each.url === url && each.isConnected;
    const known = isEvenRevoked ? undefined : this.#endpoints.find(isHere);
    const endpoint = known ?? this.#endpoint(url, isEvenRevoked);
    const limit = this.#limit(attemptMs, signal);
    try {
      if (!(await endpoint.connect(limit.signal))) {
        signal.throwIfAborted();
        throw unreachable(`${url}: ${await this.#whyNot(endpoint, signal)}`);
      }
      return await endpoint.ask(method, request, limit.signal);
    } catch (reason) {
      signal.throwIfAborted();
      throw reason instanceof Failure ? reason : refusalFrom(reason, url).failure;
    } finally {
      limit.cancel();
      if (known === undefined) endpoint.drop();
    }
  }

  /** What is on that server does not answer any more: breaks it, and asks another one from now on. */
  leave(url: string): void {
    const endpoint = this.#endpoints.find((each) => each.url === url);
    if (endpoint !== undefined) this.#leave(endpoint);
  }

  /** Others are believed no more than before: whatever is open to them is broken. */
  leaveRevoked(): void {
    for (const endpoint of this.#endpoints) if (endpoint.dropRevoked()) this.#leave(endpoint);
  }

  /** Nobody believes us any more: nobody is asked from now on. */
  giveUp(): void {
    this.#hasGivenUp = true;
    this.#current = undefined;
    for (const endpoint of this.#endpoints) endpoint.drop();
  }

  /** Who serves the store may be others than before. */
  refresh(): void {
    if (this.#current !== undefined) this.#learn(this.#current);
  }

  close(): void {
    this.#closing.abort();
    for (const endpoint of this.#endpoints) endpoint.drop();
  }

  async #anywhere<Response>(
    signal: AbortSignal,
    isRepeatable: boolean,
    ask: (endpoint: Endpoint, bounded: AbortSignal) => Promise<Response>,
  ): Promise<Response> {
    signal.throwIfAborted();
    const { clock } = this.#options;
    const whole = this.#limit(patienceMs, signal);
    let refusal: Refusal | undefined;
    try {
      for (let pause = pauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
        const endpoint = await this.#reach(whole.signal, signal, refusal);
        const attempt = this.#limit(attemptMs, whole.signal);
        try {
          return await ask(endpoint, attempt.signal);
        } catch (reason) {
          signal.throwIfAborted();
          refusal = attempt.signal.aborted ? silent(endpoint.url, reason) : refusalFrom(reason, endpoint.url);
          if (refusal.isAnswer) throw refusal.failure;
          this.#leave(endpoint, { breaks: attempt.signal.aborted });
          if (!isRepeatable && !refusal.isUndone) throw refusal.failure;
        } finally {
          attempt.cancel();
        }
        await clock.sleep(pause, whole.signal).catch(() => signal.throwIfAborted());
      }
    } finally {
      whole.cancel();
    }
  }

  /** A server with a connection: the one that answered last, else the first that can be had. */
  async #reach(limit: AbortSignal, signal: AbortSignal, refusal?: Refusal): Promise<Endpoint> {
    const { clock } = this.#options;
    for (let pause = pauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
      signal.throwIfAborted();
      if (this.closing.aborted) throw unreachable("it is closed");
      if (this.#hasGivenUp) throw wasRemoved();
      if (limit.aborted) throw refusal?.failure ?? (await this.#nobody(signal));
      const found = this.#current?.isConnected === true ? this.#current : await this.#race(limit);
      if (found === undefined) {
        await clock.sleep(pause, limit).catch(() => {});
        continue;
      }
      if (found !== this.#current) {
        this.#current = found;
        this.#learn(found);
      }
      return found;
    }
  }

  async #race(limit: AbortSignal): Promise<Endpoint | undefined> {
    const order = [...new Set([...(this.#current === undefined ? [] : [this.#current]), ...this.#endpoints])];
    const { promise, resolve } = Promise.withResolvers<Endpoint | undefined>();
    const over = new AbortController();
    const signal = AbortSignal.any([limit, over.signal, this.closing]);
    let failed = 0;
    const begin = (at: number): void => {
      const endpoint = order[at];
      if (endpoint === undefined || signal.aborted) return;
      let isNextBegun = false;
      const next = (): void => {
        if (!isNextBegun) begin(at + 1);
        isNextBegun = true;
      };
      const cancel = this.#options.clock.after(headStartMs, next);
      const look = (isThere: boolean): void => {
        cancel();
        if (isThere) return resolve(endpoint);
        failed += 1;
        if (failed === order.length || signal.aborted) resolve(undefined);
        else next();
      };
      endpoint.connect(signal).then(look, () => look(false));
    };
    begin(0);
    try {
      return await promise;
    } finally {
      over.abort();
    }
  }

  async #nobody(signal: AbortSignal): Promise<Failure> {
    const reasons = this.#endpoints.map(async (endpoint) => `${endpoint.url}: ${await this.#whyNot(endpoint, signal)}`);
    return unreachable((await Promise.all(reasons)).join("; "));
  }

  async #whyNot(endpoint: Endpoint, signal: AbortSignal): Promise<string> {
    const limit = this.#limit(whyMs, signal);
    const why = await endpoint.whyNot(limit.signal);
    limit.cancel();
    signal.throwIfAborted();
    return limit.signal.aborted ? "no answer" : why;
  }

  /** Another one is tried before it from now on. `breaks`: it is silent, so what else is on it waits in vain. */
  #leave(endpoint: Endpoint, { breaks } = { breaks: true }): void {
    if (breaks) endpoint.drop();
    if (this.#current === endpoint) this.#current = undefined;
    const others = this.#endpoints.filter((each) => each !== endpoint);
    if (others.length < this.#endpoints.length) this.#endpoints = [...others, endpoint];
  }

  #endpoint(url: string, isEvenRevoked = false): Endpoint {
    const { tls, socketFor } = this.#options;
    const anyway = (): Tls => ({ ...(typeof tls === "function" ? tls() : tls), isRevoked: () => false });
    return new Endpoint(url, isEvenRevoked ? anyway : tls, socketFor);
  }

  #learn(endpoint: Endpoint): void {
    if (this.#options.learnsNone === true) return;
    this.#learnt?.abort();
    const learnt = new AbortController();
    this.#learnt = learnt;
    const signal = AbortSignal.any([learnt.signal, this.closing]);
    const limit = this.#limit(attemptMs, signal);
    endpoint
      .ask(memberList, {}, limit.signal)
      .then(({ members }) => this.#know(members.flatMap((each) => (each.isLearner ? [] : each.clientUrls))))
      .finally(() => limit.cancel())
      .catch((reason: unknown) => {
        // Nothing else is learnt then; whoever asks something finds out why.
        const list = revocationsWith(reason);
        if (list !== undefined) this.#options.onRevocations?.(list);
      });
  }

  #know(said: readonly string[]): void {
    const { urls, onUrls } = this.#options;
    // Servers that were told nothing say "localhost", which is theirs and not ours.
    const isLocal = urls.every(isLoopback);
    const known = unique([...this.urls, ...said.filter((url) => isLocal || !isLoopback(url))]);
    const kept = known.filter((url) => urls.includes(url) || said.includes(url));
    const present = new Map(this.#endpoints.map((endpoint) => [endpoint.url, endpoint]));
    // What was asked of one that goes may still be answered.
    for (const [url, endpoint] of present) if (!kept.includes(url)) this.#letGo(endpoint);
    if (this.#current !== undefined && !kept.includes(this.#current.url)) this.#current = undefined;
    this.#endpoints = kept.map((url) => present.get(url) ?? this.#endpoint(url));
    onUrls?.(this.urls);
  }

  #letGo(endpoint: Endpoint): void {
    const drop = (): void => {
      cancel();
      this.closing.removeEventListener("abort", drop);
      endpoint.drop();
    };
    const cancel = this.#options.clock.after(attemptMs, drop);
    this.closing.addEventListener("abort", drop, { once: true });
  }

  #limit(ms: number, signal: AbortSignal): { readonly signal: AbortSignal; readonly cancel: () => void } {
    const limit = new AbortController();
    const cancel = this.#options.clock.after(ms, () => limit.abort());
    return { signal: AbortSignal.any([limit.signal, signal]), cancel };
  }
}

function silent(url: string, reason: unknown): Refusal {
  const failure = unreachable(`${url} does not answer within ${attemptMs / 1000} seconds`, reason);
  return { failure, isAnswer: false, isUndone: false };
}

function isLoopback(url: string): boolean {
  return /^(?:https?:\/\/(?:localhost|127\.|\[::1\])|unix)/.test(url);
}

function unique(urls: readonly string[]): readonly string[] {
  return [...new Set(urls.map((url) => url.replace(/\/+$/, "")))];
}
