// SPDX-License-Identifier: Apache-2.0
// The rest of a content straight from the mirror, for one who reads, when it cannot be kept here.

import { Failure } from "../../../../contract/failure.ts";
import type { Http, HttpResponse } from "../../../../contract/http.ts";
import { type About, askUpstream, exactVersion, partOf } from "./upstream.ts";

export class Direct {
  readonly #url: string;
  readonly #about: About;
  readonly #http: Http;
  readonly #signal: AbortSignal;
  #body: HttpResponse["body"] | undefined;
  /** Where in the content the next piece begins. */
  #at = 0;
  #left: Uint8Array = new Uint8Array();

  constructor(url: string, about: About, http: Http, signal: AbortSignal) {
    this.#url = url;
    this.#about = about;
    this.#http = http;
    this.#signal = signal;
  }

  /** As `OpenFile.read`, but it may give less. Reading on is cheap, going elsewhere a new question. */
  async read(at: number, length: number): Promise<Uint8Array> {
    if (this.#body === undefined || at !== this.#at) await this.#begin(at);
    while (this.#left.length === 0) {
      const next = await this.#body?.next();
      if (next === undefined || next.done === true) {
        const { size } = this.#about;
        if (size === undefined || at >= size) return new Uint8Array();
        throw new Failure("the mirror has broken off", { code: "unreachable" });
      }
      this.#left = Uint8Array.from(next.value);
    }
    const piece = this.#left.subarray(0, length);
    this.#left = this.#left.subarray(piece.length);
    this.#at += piece.length;
    return piece;
  }

  release(): void {
    // What it still waits for is over with the signal of whoever reads.
    this.#body?.return?.().catch(() => {});
  }

  async #begin(at: number): Promise<void> {
    await this.#body?.return?.();
    this.#left = new Uint8Array();
    const version = exactVersion(this.#about);
    const headers = new Map(at === 0 ? [] : [["range", `bytes=${at}-`]]);
    if (at > 0 && version !== undefined) headers.set("if-range", version);
    const response = await askUpstream("GET", this.#url, headers, this.#http, this.#signal);
    this.#body = response.body;
    const isSame = (["etag", "last-modified"] as const).every((name) => {
      const known = name === "etag" ? this.#about.etag : this.#about.lastModified;
      return known === "" || response.headers.get(name) === undefined || response.headers.get(name) === known;
    });
    if (!isSame) throw new Failure("the mirror has another version now", { code: "conflict" });
    if (partOf(response)?.from === at) {
      this.#at = at;
      return;
    }
    if (response.status !== 200) {
      throw new Failure(`the mirror answers with status ${response.status}`, { code: "unreachable" });
    }
    await this.#skipTo(at);
  }

  async #skipTo(at: number): Promise<void> {
    this.#at = 0;
    while (this.#at < at) {
      const next = await this.#body?.next();
      if (next === undefined || next.done === true) throw new Failure("the mirror has less", { code: "conflict" });
      const skipped = Math.min(next.value.length, at - this.#at);
      this.#at += skipped;
      this.#left = Uint8Array.from(next.value.subarray(skipped));
    }
  }
}
