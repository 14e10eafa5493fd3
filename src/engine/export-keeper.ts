// SPDX-License-Identifier: Apache-2.0
// Takes back what this host has exported and the graph does not export any more, also what former runs have left. One
// sweep at a time; what fails is done again when the store can be reached, or with the next graph.

import type { Span } from "../base/span.ts";
import type { Listener } from "../contract/event.ts";
import type { Exports } from "../contract/exchange.ts";
import type { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import { failureFrom } from "./failures.ts";
import { exportName } from "./publication.ts";

/** How long the end of a run waits for it. */
const graceMs = 1000;

export interface ExportKeeperOptions {
  readonly exports: Exports;
  readonly clock: Clock;
  /** Told of the first of several failures, and of the success after them. */
  readonly emit: Listener;
  /** What no place in the program is to blame for is said of this directory. */
  readonly stateRoot: string;
}

export class ExportKeeper {
  readonly #exports: Exports;
  readonly #clock: Clock;
  readonly #emit: Listener;
  readonly #stateRoot: string;
  readonly #stopping = new AbortController();
  #kept: ReadonlySet<string> = new Set();
  #sweeping: Promise<void> | undefined;
  #isDue = false;
  #hasFailed = false;

  constructor({ exports, clock, emit, stateRoot }: ExportKeeperOptions) {
    this.#exports = exports;
    this.#clock = clock;
    this.#emit = emit;
    this.#stateRoot = stateRoot;
    exports.onReachable(() => {
      if (this.#hasFailed) this.#begin();
    });
  }

  /** By `exportName`. */
  keep(names: ReadonlySet<string>): void {
    this.#kept = names;
    this.#begin();
  }

  /** Resolves when no sweep runs: what is exported now is not taken for something old. */
  async idle(): Promise<void> {
    while (this.#sweeping !== undefined) await this.#sweeping;
  }

  async stop(): Promise<void> {
    const cancel = this.#clock.after(graceMs, () => this.#stopping.abort());
    await this.idle();
    cancel();
    this.#stopping.abort();
  }

  #begin(): void {
    if (this.#stopping.signal.aborted) return;
    this.#isDue = true;
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
    });
  }

  async #sweep(): Promise<void> {
    while (this.#isDue && !this.#stopping.signal.aborted) {
      this.#isDue = false;
      try {
        await this.#exports.keepOnly((key) => this.#kept.has(exportName(key)), this.#stopping.signal);
        if (this.#hasFailed) this.#tell(undefined);
        this.#hasFailed = false;
      } catch (reason) {
        if (this.#stopping.signal.aborted) return;
        if (!this.#hasFailed) this.#tell(failureFrom(reason));
        this.#hasFailed = true;
      }
    }
  }

  #tell(failure: Failure | undefined): void {
    const resource = "what is not exported any more";
    const at: Span = { file: { path: this.#stateRoot, text: "" }, start: 0, end: 0 };
    if (failure === undefined) this.#emit({ type: "removed", resource });
    else this.#emit({ type: "failed", resource, failure, at, retryInMs: undefined, repeated: false });
  }
}
