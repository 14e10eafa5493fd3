// SPDX-License-Identifier: Apache-2.0
// A stream of "something may have changed": carries no data, so any number of unread pulses are one.

/**
 * The writing end is `pulse()`; reading is `for await`. Ends when `end()` is called or the signal aborts; `fail` makes
 * the reader throw. One reader at a time. Costs one pending promise while idle and nothing else.
 */
export class Pulses implements AsyncIterableIterator<void> {
  #pending = false;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;
  readonly #signal: AbortSignal;
  readonly #onEnd: (() => void) | undefined;

  /** `onEnd` runs once, when the stream ends for whatever reason; it releases what feeds the pulses. */
  constructor(signal: AbortSignal, onEnd?: () => void) {
    this.#signal = signal;
    this.#onEnd = onEnd;
    if (signal.aborted) this.end();
    else signal.addEventListener("abort", this.end, { once: true });
  }

  pulse = (): void => {
    this.#pending = true;
    this.#wake?.();
  };

  end = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal.removeEventListener("abort", this.end);
    this.#onEnd?.();
    this.#wake?.();
  };

  fail = (reason: unknown): void => {
    if (this.#ended) return;
    this.#failure = { reason };
    this.end();
  };

  async next(): Promise<IteratorResult<void, undefined>> {
    for (;;) {
      if (this.#ended) {
        const failure = this.#failure;
        this.#failure = undefined;
        if (failure !== undefined) throw failure.reason;
        return { done: true, value: undefined };
      }
      if (this.#pending) {
        this.#pending = false;
        return { done: false, value: undefined };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  return(): Promise<IteratorResult<void, undefined>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
