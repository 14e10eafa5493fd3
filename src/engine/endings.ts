// SPDX-License-Identifier: Apache-2.0
// What was told to end and has not yet. Whoever waits for it waits no longer than this: then it is left to itself, so
// that a kind which does not listen to its signal can hold up neither a change of the graph nor the end of a run.

import type { Clock } from "../contract/host.ts";

export const endingPatienceMs = 10_000;

interface Ending {
  readonly giveUpAtMs: number;
  readonly giveUp: () => void;
}

/** One timer for all of them. */
export class Endings {
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #waiting = new Set<Ending>();
  #stopTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `giveUp` is called once if the returned function is not called in time. */
  begin(giveUp: () => void): () => void {
    const ending: Ending = { giveUpAtMs: this.#clock.monotonicMs() + endingPatienceMs, giveUp };
    this.#waiting.add(ending);
    this.#stopTimer ??= this.#clock.after(endingPatienceMs, this.#sweep);
    return () => {
      this.#waiting.delete(ending);
      if (this.#waiting.size > 0) return;
      this.#stopTimer?.();
      this.#stopTimer = undefined;
    };
  }

  readonly #sweep = (): void => {
    this.#stopTimer = undefined;
    for (const ending of this.#waiting) {
      const restMs = ending.giveUpAtMs - this.#clock.monotonicMs();
      if (restMs > 0) {
        this.#stopTimer = this.#clock.after(restMs, this.#sweep);
        return;
      }
      this.#waiting.delete(ending);
      ending.giveUp();
    }
  };
}
