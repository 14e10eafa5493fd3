// SPDX-License-Identifier: Apache-2.0
// Time that stands still until a test moves it. Timers fire in the order in which they are due, each at its own
// instant, and whatever waits for one has run before the next fires.

import type { Clock } from "../../contract/host.ts";

export interface DrivenClock extends Clock {
  /** Moves time on and fires what is due on the way. */
  advance(ms: number): Promise<void>;
  /** Lets everything run that needs no time. */
  settle(): Promise<void>;
  /** Milliseconds until the next timer is due. */
  readonly nextTimerInMs: number | undefined;
  /** Moves only what `now` says, as somebody who sets the clock of the machine does. */
  setTime(atMs: number): void;
}

export interface DrivenClockOptions {
  /** What `now` says at the start; else the first instant of 2026 in UTC, a Thursday. */
  readonly startMs?: number;
  /** The machine's time zone. */
  readonly offsetMinutes?: number;
  readonly zoneName?: string;
}

interface Timer {
  readonly dueMs: number;
  readonly task: () => void;
}

export function drivenClock(options: DrivenClockOptions = {}): DrivenClock {
  const timers = new Set<Timer>();
  const offset = options.offsetMinutes ?? 0;
  const zoneName = options.zoneName ?? (offset === 0 ? "UTC" : undefined);
  let startMs = options.startMs ?? Date.UTC(2026, 0, 1);
  let elapsedMs = 0;

  function next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    return first;
  }

  function after(ms: number, task: () => void): () => void {
    const timer = { dueMs: elapsedMs + Math.max(0, ms), task };
    timers.add(timer);
    return () => timers.delete(timer);
  }

  return {
    now: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        const stop = () => {
          cancel();
          reject(signal.reason as Error);
        };
        const cancel = after(ms, () => {
          signal.removeEventListener("abort", stop);
          resolve();
        });
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop, { once: true });
      });
    },
    after,
    offsetMinutes: () => offset,
    zoneName: () => zoneName,
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settle();
      for (let timer = next(); timer !== undefined && timer.dueMs <= untilMs; timer = next()) {
        timers.delete(timer);
        elapsedMs = Math.max(elapsedMs, timer.dueMs);
        timer.task();
        await settle();
      }
      elapsedMs = untilMs;
      await settle();
    },
    settle,
    get nextTimerInMs() {
      const timer = next();
      return timer === undefined ? undefined : timer.dueMs - elapsedMs;
    },
    setTime(atMs) {
      startMs = atMs - elapsedMs;
    },
  };
}

/** A turn of the event loop begins only when no promise has anything left to do. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
