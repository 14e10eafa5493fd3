// SPDX-License-Identifier: Apache-2.0
// Requests whose whole answer is a text or JSON, for the kinds whose things are behind an interface over HTTP. What a
// status means is known to whoever asks.

import { Failure, type FailureCode } from "../../contract/failure.ts";
import type { Http, HttpRequest, HttpResponse } from "../../contract/http.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";

export interface Answer {
  readonly status: number;
  /** Names are lower-case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

const largestAnswerBytes = 16 * 1024 * 1024;
/** What needs an answer gets it soon. */
const usualIdleMs = 60_000;

/** `who` is what a person calls the server: "the container engine". */
export async function ask(who: string, request: HttpRequest, http: Http, signal: AbortSignal): Promise<Answer> {
  const response = await http.request({ idleMs: usualIdleMs, ...request }, signal);
  return { status: response.status, headers: response.headers, text: await textIn(response, who) };
}

/** The parts of a request that make it carry JSON. */
export function jsonBody(
  value: unknown,
  headers: readonly (readonly [string, string])[] = [],
): Pick<HttpRequest, "headers" | "body"> {
  return { headers: new Map([...headers, ["content-type", "application/json"]]), body: bytesOf(JSON.stringify(value)) };
}

export async function textIn({ body }: HttpResponse, who: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    parts.push(Uint8Array.from(piece));
    size += piece.length;
    if (size > largestAnswerBytes) throw new Failure(`${who} answers without end`, { code: "too-large" });
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return textOf(all);
}

export function parseJson(text: string, who: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Failure(`${who} answers with something else than JSON`, { code: "unexpected", cause });
  }
}

const codes: Readonly<Record<number, FailureCode>> = {
  401: "denied",
  403: "denied",
  404: "not-found",
  408: "timed-out",
  409: "conflict",
  412: "conflict",
  423: "busy",
  429: "busy",
  501: "unsupported",
  502: "unreachable",
  503: "busy",
  504: "timed-out",
};

/** Those that go away by themselves, so that trying again helps. */
const passing = new Set([408, 429, 502, 503, 504]);

/** `said`: what the server tells in its answer, if anything. */
export function refusedBy(who: string, what: string, status: number, said: string, hint?: string): Failure {
  return new Failure(`${who} refuses to ${what}: ${said === "" ? `status ${status}` : said}`, {
    code: codes[status] ?? (status >= 500 ? "command-failed" : "invalid"),
    ...(passing.has(status) ? { retry: "backoff" } : {}),
    ...(hint === undefined ? {} : { hint }),
  });
}
