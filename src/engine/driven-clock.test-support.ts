// SPDX-License-Identifier: Apache-2.0
// A clock that a test drives: time stands still until it is told to go on.

import type { Clock } from "../contract/host.ts";

interface Timer {
  readonly atMs: number;
  readonly number: number;
  readonly task: () => void;
}

export class DrivenClock implements Clock {
  #nowMs = 0;
  #count = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  offsetMinutes(): number {
    return 0;
  }

  zoneName(): string {
    return "UTC";
  }

  after(ms: number, task: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, number: this.#count, task };
    this.#count += 1;
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = this.after(ms, () => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    const abort = (): void => {
      stop();
      reject(new DOMException("aborted", "AbortError"));
    };
    signal.addEventListener("abort", abort, { once: true });
    return promise;
  }

  /** How many timers have been set and neither run nor been stopped. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets everything happen that needs no time. */
  async idle(): Promise<void> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve); // Comes after every promise that is about to go on.
    });
  }

  /** Lets time go on, and everything happen in its order. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.idle();
    for (let timer = this.#earliest(endMs); timer !== undefined; timer = this.#earliest(endMs)) {
      this.#nowMs = timer.atMs;
      this.#timers.delete(timer);
      timer.task();
      await this.idle();
    }
    this.#nowMs = endMs;
  }

  #earliest(endMs: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs > endMs) continue;
      const before = earliest === undefined || timer.atMs < earliest.atMs;
      if (before || (timer.atMs === earliest?.atMs && timer.number < earliest.number)) earliest = timer;
    }
    return earliest;
  }
}
