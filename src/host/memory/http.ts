// SPDX-License-Identifier: Apache-2.0
// Servers that the machine in memory can reach: each is a function that a test gives.

import type { Clock } from "../../contract/host.ts";
import type { Http, HttpRequest } from "../../contract/http.ts";
import { bytesOf } from "../../values/bytes.ts";
import { badRequest, nobodyAnswers, nothingHeard } from "../http-failures.ts";
import { stoppable } from "./files.ts";

export interface ServedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export interface ServedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/** What it throws breaks the connection off. */
export type Server = (request: ServedRequest) => ServedAnswer | Promise<ServedAnswer>;

/** `servers`: by their origin, `http://example.com:8080`, or by the path of their socket. */
export function memoryHttp(servers: ReadonlyMap<string, Server>, clock: Clock): Http {
  return {
    async request(request, signal) {
      signal.throwIfAborted();
      const url = parse(request);
      const server = servers.get(request.socketPath ?? url.origin);
      if (server === undefined) {
        throw nobodyAnswers(
          request,
          request.socketPath === undefined ? "nobody listens there" : "there is no such socket",
        );
      }
      const over = new AbortController();
      const ended = AbortSignal.any([signal, over.signal]);
      const headers = new Map(
        [...(request.headers ?? [])].map(([name, value]) => [name.toLowerCase(), value] as const),
      );
      if (url.username !== "") headers.set("authorization", `Basic ${btoa(`${url.username}:${url.password}`)}`);
      const asked: ServedRequest = {
        method: request.method,
        path: `${url.pathname}${url.search}`,
        headers,
        body: request.body ?? new Uint8Array(),
        signal: ended,
      };
      /** Whatever takes longer than the request may is given up. */
      const within = async <Result>(task: Promise<Result>): Promise<Result> => {
        const limits = [task];
        let cancel = () => {};
        const { idleMs } = request;
        if (idleMs !== undefined) {
          limits.push(new Promise((_, reject) => (cancel = clock.after(idleMs, () => reject(nothingHeard(request))))));
        }
        try {
          return await stoppable(Promise.race(limits), signal);
        } finally {
          cancel();
        }
      };
      const answering = async () => {
        try {
          return await server(asked);
        } catch (reason) {
          throw nobodyAnswers(request, "the connection broke off", reason);
        }
      };
      try {
        const answer = await within(answering());
        return {
          status: answer.status,
          headers: new Map(Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
          body: bodyOf(answer, request, within, over),
        };
      } catch (reason) {
        over.abort();
        throw reason;
      }
    },
  };
}

async function* bodyOf(
  { body = "" }: ServedAnswer,
  request: HttpRequest,
  within: <Result>(task: Promise<Result>) => Promise<Result>,
  over: AbortController,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  const pieces =
    typeof body === "string" || body instanceof Uint8Array
      ? only(typeof body === "string" ? bytesOf(body) : body)
      : body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await within(
        pieces.next().catch((reason: unknown) => {
          throw nobodyAnswers(request, "the connection broke off", reason);
        }),
      );
      if (next.done === true) return undefined;
      if (request.method !== "HEAD") yield next.value;
    }
  } finally {
    over.abort();
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

function parse(request: HttpRequest): URL {
  try {
    const url = new URL(request.url);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  } catch (reason) {
    throw badRequest(request, "that is no URL", reason);
  }
  throw badRequest(request, "it is neither http nor https");
}
