// SPDX-License-Identifier: Apache-2.0
// Whether the whole has converged, since when, and who waits for that.

import type { Clock } from "../contract/host.ts";

interface Waiter {
  readonly forMs: number;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
  stopTimer: (() => void) | undefined;
}

export class Convergence {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  /** Undefined as long as there is work. */
  #sinceMs: number | undefined;
  #ended: Error | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get converged(): boolean {
    return this.#sinceMs !== undefined;
  }

  set(converged: boolean): void {
    if (converged === this.converged) return;
    this.#sinceMs = converged ? this.#clock.monotonicMs() : undefined;
    for (const waiter of [...this.#waiters]) {
      waiter.stopTimer?.();
      waiter.stopTimer = undefined;
      if (converged) this.#serve(waiter);
    }
  }

  /** Resolves once the whole has stayed converged for that long, counted from when it converged. */
  async when(forMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#ended !== undefined) throw this.#ended;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { forMs, resolve, reject, stopTimer: undefined };
    const abort = (): void => this.#leave(waiter)?.reject(new DOMException("no longer waited for", "AbortError"));
    signal.addEventListener("abort", abort);
    this.#waiters.add(waiter);
    if (this.converged) this.#serve(waiter);
    try {
      await promise;
    } catch (reason) {
      signal.throwIfAborted(); // With the reason of the signal, if it was that.
      throw reason;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Nobody need wait any longer: all are told the reason. */
  end(reason: Error): void {
    this.#ended = reason;
    for (const waiter of [...this.#waiters]) this.#leave(waiter)?.reject(reason);
  }

  #serve(waiter: Waiter): void {
    const sinceMs = this.#sinceMs ?? 0;
    const restMs = waiter.forMs - (this.#clock.monotonicMs() - sinceMs);
    if (restMs <= 0) this.#leave(waiter)?.resolve();
    else waiter.stopTimer = this.#clock.after(restMs, () => this.#leave(waiter)?.resolve());
  }

  #leave(waiter: Waiter): Waiter | undefined {
    if (!this.#waiters.delete(waiter)) return undefined;
    waiter.stopTimer?.();
    return waiter;
  }
}
