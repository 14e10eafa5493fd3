// SPDX-License-Identifier: Apache-2.0
// The interface of a container engine: requests with JSON over its socket, as Docker, Podman and others speak it.

import { Failure, type FailureCode } from "../../contract/failure.ts";
import type { HttpResponse } from "../../contract/http.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { parseJson, textIn } from "../asking/answer.ts";
import { textMember } from "../asking/members.ts";

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
const who = "the container engine";
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
      const text = await textIn(response, who);
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw refused(`look at ${path}`, response, text);
      return parseJson(text, who);
    },
    async change(method, path, body) {
      const response = await ask(method, path, body, idleMs);
      const text = await textIn(response, who);
      // 304: it was so already.
      if (response.status >= 300 && response.status !== 304) throw refused(path.split("?")[0] ?? path, response, text);
      return text === "" ? undefined : parseJson(text, who);
    },
    async *follow(method, path) {
      const response = await ask(method, path, undefined, undefined);
      if (response.status !== 200) throw refused(path.split("?")[0] ?? path, response, await textIn(response, who));
      yield undefined;
      let pending = "";
      const decoder = new TextDecoder();
      for await (const piece of response.body) {
        const lines = (pending + decoder.decode(piece, { stream: true })).split("\n");
        pending = lines.pop() ?? "";
        for (const line of lines) if (line.trim() !== "") yield parseJson(line, who);
      }
      if (pending.trim() !== "") yield parseJson(pending, who);
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
