// SPDX-License-Identifier: Apache-2.0
// What a long poll has received waits here until it is in its place; only then the server is asked again.

import type { Value } from "../../../values/value.ts";
import type { Download } from "./download.ts";

export class Handover {
  received: Download | undefined;
  #taken: () => void = () => {};

  /** Resolves when it has been taken, or with the signal. */
  async give(download: Download, signal: AbortSignal, tell: () => void): Promise<void> {
    this.received = download;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#taken = resolve;
    signal.addEventListener("abort", () => resolve(), { once: true });
    tell();
    await promise;
    this.received = undefined;
  }

  /** It is where it belongs. */
  take(): void {
    this.received = undefined;
    this.#taken();
  }
}

const handovers = new WeakMap<ReadonlyMap<string, Value>, Handover>();

/** Of the resource that has this memory. */
export function handoverOf(memory: ReadonlyMap<string, Value>): Handover {
  const known = handovers.get(memory) ?? new Handover();
  handovers.set(memory, known);
  return known;
}
