// SPDX-License-Identifier: Apache-2.0
// The part of Consul that the kind uses, for tests: keys with an index, queries that wait, tokens. Serves in memory and,
// for real, on a socket.

import type { ServedAnswer, ServedRequest, Server } from "../../host/memory/http.ts";
import { textOf } from "../../values/bytes.ts";

export class TwinConsul {
  readonly #texts = new Map<string, { readonly value: string; readonly index: number }>();
  readonly #waiting = new Set<() => void>();
  readonly asked: string[] = [];
  /** Undefined: everybody may do everything. */
  token: string | undefined;
  index = 7;

  readonly serve: Server = async (request) => {
    this.asked.push(`${request.method} ${request.path}`);
    if (this.token !== undefined && request.headers.get("x-consul-token") !== this.token) {
      return { status: 403, body: "Permission denied: token lacks permission 'key:read'" };
    }
    const [, key = "", query = ""] = /^\/v1\/kv\/([^?]*)\??(.*)$/.exec(request.path) ?? [];
    return this.#answer(request, decodeURIComponent(key), new URLSearchParams(query));
  };

  async #answer(request: ServedRequest, key: string, query: URLSearchParams): Promise<ServedAnswer> {
    if (request.method === "PUT") {
      this.put(key, textOf(request.body));
      return { status: 200, body: "true\n" };
    }
    const seen = Number(query.get("index") ?? "0");
    while (seen !== 0 && this.#indexOf(key) === seen && !request.signal.aborted) await this.#change(request.signal);
    const found = this.#texts.get(key);
    const headers = { "X-Consul-Index": String(this.#indexOf(key)) };
    if (found === undefined) return { status: 404, headers };
    if (query.has("raw")) return { status: 200, headers, body: found.value };
    return { status: 200, headers, body: JSON.stringify([{ Key: key, Value: btoa(found.value) }]) };
  }

  /** Of a key that is not there, that of all. */
  #indexOf(key: string): number {
    return this.#texts.get(key)?.index ?? this.index;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  get(key: string): string | undefined {
    return this.#texts.get(key)?.value;
  }

  put(key: string, value: string | undefined): void {
    this.index += 1;
    if (value === undefined) this.#texts.delete(key);
    else this.#texts.set(key, { value, index: this.index });
    for (const wake of this.#waiting) wake();
  }
}
