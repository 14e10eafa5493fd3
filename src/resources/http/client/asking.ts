// SPDX-License-Identifier: Apache-2.0
// One question to the server, through redirects, and what the answer means. Tells each status to those who watch it.

import { Failure, type FailureCode, type Retry } from "../../../contract/failure.ts";
import type { HttpResponse } from "../../../contract/http.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { bytesOf } from "../../../values/bytes.ts";
import { parseHttpDate } from "../../../protocols/http/date.ts";
import { type ClientWant, placeOf } from "./fields.ts";

const mostRedirects = 10;
/** A server from which nothing comes for so long is given up. */
export const usualIdleMs = 60_000;

export interface Question {
  readonly headers: ReadonlyMap<string, string>;
  readonly idleMs?: number;
  readonly onRedirect?: () => void;
}

/** The answer, if it is one of those below 300, or 304. The body of any other is left. */
export async function ask(want: ClientWant, question: Question, env: ResourceEnv): Promise<HttpResponse> {
  try {
    const response = await follow(want, question, env);
    if (response.status === 200 || response.status === 206 || response.status === 304) return response;
    await response.body.return?.();
    throw new RefusedAnswer(want, response, env.host.clock.now());
  } catch (reason) {
    if (!env.signal.aborted) await publish(reason instanceof RefusedAnswer ? reason.status : -1, want, env);
    throw reason;
  }
}

/** 304 says nothing about what there is, so what was said before stays. */
export async function publish(status: number, want: ClientWant, env: ResourceEnv): Promise<void> {
  const { responses } = env.local;
  if (status === 304 && responses.get(env.name) !== undefined) return;
  responses.set(env.name, { status: status === 304 ? 200 : status, path: await placeOf(want, env) });
}

async function follow(want: ClientWant, question: Question, { host, signal }: ResourceEnv): Promise<HttpResponse> {
  let { method, url } = want;
  let body = want.body === undefined ? undefined : bytesOf(want.body);
  const headers = new Map([["user-agent", "mgmt"], ["accept-encoding", "identity"], ...question.headers]);
  for (let redirects = 0; ; redirects += 1) {
    const response = await host.http.request(
      {
        method,
        url,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(question.idleMs === undefined ? {} : { idleMs: question.idleMs }),
      },
      signal,
    );
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return response;
    await response.body.return?.();
    if (redirects === mostRedirects) {
      throw new Failure(`the server redirects more than ${mostRedirects} times`, { code: "invalid" });
    }
    if (!URL.canParse(location, url)) throw new Failure(`the server redirects to "${location}"`, { code: "invalid" });
    question.onRedirect?.();
    const next = new URL(location, url);
    // A password is meant for the server that it was written for.
    if (next.origin === new URL(url).origin && next.username === "") {
      next.username = new URL(url).username;
      next.password = new URL(url).password;
    }
    url = next.href;
    if (response.status === 303 || (response.status < 303 && method === "POST")) {
      method = method === "HEAD" ? "HEAD" : "GET";
      body = undefined;
    }
  }
}

const codes: Readonly<Record<number, FailureCode>> = {
  401: "denied",
  403: "denied",
  404: "not-found",
  407: "denied",
  410: "not-found",
  429: "busy",
  503: "busy",
};

/** An answer that is none. */
export class RefusedAnswer extends Failure {
  readonly status: number;
  /** For how long it asks to be left alone; undefined when it does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(want: ClientWant, { status, headers }: HttpResponse, nowMs: number) {
    const retryAfterMs = parseRetryAfter(headers.get("retry-after"), nowMs);
    const retry: Retry = retryAfterMs !== undefined ? { afterMs: retryAfterMs } : status >= 500 ? "backoff" : "never";
    super(`the server answers ${want.method} with status ${status}`, {
      code: codes[status] ?? (status >= 500 ? "unreachable" : "invalid"),
      retry,
    });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Seconds, or a time. */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const at = parseHttpDate(text);
  return at === undefined ? undefined : Math.max(0, at - nowMs);
}
