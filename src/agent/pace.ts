// SPDX-License-Identifier: Apache-2.0
// How soon after one change of what a program wants the next one is taken. At once, as long as changes come one by one. While they
// keep coming, as when a crowd of hosts begins, each is given a rest that is a multiple of the time that it took: so what comes
// meanwhile is taken together, and the busier the machine, the more of it. Loses nothing and changes no order: what is taken is
// always what is so by then.

import type { Clock } from "../contract/host.ts";

/** Nobody has to wait for longer. */
const longestMs = 500;
/** Other resources than before mean another graph. After so many of these, each is given as many times what it took. */
const longestStreak = 10;
/** After so long without one of these the next one is the first again. */
const quietMs = 1000;

export class Pace {
  readonly #clock: Clock;
  readonly #items: () => number;
  #beganMs = 0;
  #seen = 0;
  /** How many graphs have followed each other closely, and when the last one was there. */
  #streak = 0;
  #graphMs = Number.NEGATIVE_INFINITY;

  /** `items`: how many values have come so far. */
  constructor(clock: Clock, items: () => number) {
    this.#clock = clock;
    this.#items = items;
  }

  /** A change is there. */
  begin(): void {
    this.#beganMs = this.#clock.monotonicMs();
    this.#seen = this.#items();
  }

  /** It has been taken. Resolves when the next one may be; at once when the signal aborts. */
  async rest({ isAnotherGraph }: { readonly isAnotherGraph: boolean }, signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const restMs = Math.min((nowMs - this.#beganMs) * this.#timesAsLong(isAnotherGraph, nowMs), longestMs);
    if (restMs <= 0 || signal.aborted) return;
    try {
      await this.#clock.sleep(restMs, signal);
    } catch (reason) {
      if (!signal.aborted) throw reason;
    }
  }

  #timesAsLong(isAnotherGraph: boolean, nowMs: number): number {
    // Others have come while this one was taken.
    if (!isAnotherGraph) return this.#items() === this.#seen ? 0 : 1;
    this.#streak = this.#beganMs - this.#graphMs > quietMs ? 0 : Math.min(this.#streak + 1, longestStreak);
    this.#graphMs = nowMs;
    return this.#streak;
  }
}
