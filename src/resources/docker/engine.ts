// SPDX-License-Identifier: Apache-2.0
// The interface of a container engine: requests with JSON over its socket, as Docker, Podman and others speak it.

import { Failure, type FailureCode } from "../../contract/failure.ts";
import type { HttpResponse } from "../../contract/http.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";

export interface Engine {
  /** Undefined when there is no such thing. */
  look(path: string): Promise<unknown>;
  /** Fails unless it is done, or was done before. */
  change(method: "POST" | "DELETE", path: string, body?: unknown): Promise<unknown>;
  /** Lines of JSON as they come. The first item, undefined, says that the engine has begun to tell. */
  follow(method: "GET" | "POST", path: string): AsyncGenerator<unknown, void, undefined>;
  /** The file of its socket, when it is on this machine. */
  readonly socketPath: string | undefined;
}

const usualSocket = "/var/run/docker.sock";
const largestAnswerBytes = 16 * 1024 * 1024;
/** What needs an answer gets it soon; stopping a container may take its time. */
const idleMs = 120_000;

/** `version`: that of the interface, `v1.41`; the newest of the engine if empty. */
export function engineOf(version: string, { host, signal }: ResourceEnv): Engine {
  const place = placeOf(host.system.environment("DOCKER_HOST") ?? "");
  const ask = (method: string, path: string, body: unknown, limit: number | undefined): Promise<HttpResponse> =>
    host.http.request(
      {
        method,
        url: `${place.origin}${version === "" ? "" : `/${version}`}${path}`,
        headers: new Map(body === undefined ? [] : [["content-type", "application/json"]]),
        ...(body === undefined ? {} : { body: bytesOf(JSON.stringify(body)) }),
        ...(place.socketPath === undefined ? {} : { socketPath: place.socketPath }),
        ...(limit === undefined ? {} : { idleMs: limit }),
      },
      signal,
    );
  return {
    socketPath: place.socketPath,
    async look(path) {
      const response = await ask("GET", path, undefined, idleMs);
      const text = await textIn(response);
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw refused(`look at ${path}`, response, text);
      return parse(text);
    },
    async change(method, path, body) {
      const response = await ask(method, path, body, idleMs);
      const text = await textIn(response);
      // 304: it was so already.
      if (response.status >= 300 && response.status !== 304) throw refused(path.split("?")[0] ?? path, response, text);
      return text === "" ? undefined : parse(text);
    },
    async *follow(method, path) {
      const response = await ask(method, path, undefined, undefined);
      if (response.status !== 200) throw refused(path.split("?")[0] ?? path, response, await textIn(response));
      yield undefined;
      let pending = "";
      const decoder = new TextDecoder();
      for await (const piece of response.body) {
        const lines = (pending + decoder.decode(piece, { stream: true })).split("\n");
        pending = lines.pop() ?? "";
        for (const line of lines) if (line.trim() !== "") yield parse(line);
      }
      if (pending.trim() !== "") yield parse(pending);
    },
  };
}

function placeOf(text: string): { readonly origin: string; readonly socketPath?: string } {
  if (text === "") return { origin: "http://engine", socketPath: usualSocket };
  const [, scheme, rest = ""] = /^([a-z]+):\/\/(.+)$/.exec(text) ?? [];
  if (scheme === "unix") return { origin: "http://engine", socketPath: rest };
  if (scheme === "tcp" || scheme === "http") return { origin: `http://${rest.replace(/\/$/, "")}` };
  throw new Failure(`DOCKER_HOST is "${text}", which is neither unix:// nor tcp://`, { code: "unsupported" });
}

async function textIn({ body }: HttpResponse): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    parts.push(Uint8Array.from(piece));
    size += piece.length;
    if (size > largestAnswerBytes) throw new Failure("the container engine answers without end", { code: "too-large" });
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return textOf(all);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Failure("the container engine answers with something else than JSON", { code: "unexpected", cause });
  }
}

const codes: Readonly<Record<number, FailureCode>> = {
  401: "denied",
  403: "denied",
  404: "not-found",
  409: "conflict",
};

function refused(what: string, { status }: HttpResponse, text: string): Failure {
  let said = text.trim();
  try {
    said = textMember(JSON.parse(text) as unknown, "message") || said;
  } catch {
    // It is told as it is.
  }
  return new Failure(`the container engine refuses ${what}: ${said || `status ${status}`}`, {
    code: codes[status] ?? (status >= 500 ? "command-failed" : "invalid"),
  });
}

// ---- What is in its answers ----

/** Undefined where there is none. */
export function member(value: unknown, ...names: readonly string[]): unknown {
  let here = value;
  for (const name of names) {
    here = typeof here === "object" && here !== null ? (Reflect.get(here, name) as unknown) : undefined;
  }
  return here;
}

export function textMember(value: unknown, ...names: readonly string[]): string {
  const found = member(value, ...names);
  return typeof found === "string" ? found : "";
}

export function textsMember(value: unknown, ...names: readonly string[]): readonly string[] {
  const found = member(value, ...names);
  return Array.isArray(found) ? found.filter((item): item is string => typeof item === "string") : [];
}
