// SPDX-License-Identifier: Apache-2.0
// The addresses of all servers of the store, as last heard of, in a file of the state directory.

import { readFileSync, renameSync, writeFileSync } from "node:fs";

export class KnownServers {
  readonly #path: string;
  readonly #seeds: readonly string[];

  constructor(prefix: string, seeds: readonly string[]) {
    this.#path = `${prefix}/servers.json`;
    this.#seeds = seeds;
  }

  /** None when the run has other seeds than when they were kept: they may be of another store. */
  last(): readonly string[] {
    try {
      const read: unknown = JSON.parse(readFileSync(this.#path, "utf8"));
      if (typeof read !== "object" || read === null || !("urls" in read) || !("seeds" in read)) return [];
      const isSame = JSON.stringify(read.seeds) === JSON.stringify(this.#seeds);
      return isSame && Array.isArray(read.urls) ? read.urls.filter((url) => typeof url === "string") : [];
    } catch {
      return []; // There is none yet, or it is of no use.
    }
  }

  keep(urls: readonly string[]): void {
    if (JSON.stringify(urls.toSorted()) === JSON.stringify(this.last().toSorted())) return;
    try {
      writeFileSync(`${this.#path}.new`, `${JSON.stringify({ version: 1, seeds: this.#seeds, urls })}\n`, {
        mode: 0o600,
      });
      renameSync(`${this.#path}.new`, this.#path);
    } catch {
      // The next run then has its seeds alone.
    }
  }
}
