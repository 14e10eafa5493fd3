// SPDX-License-Identifier: Apache-2.0
// The time of this machine, and its timers.

import type { Clock } from "../../contract/host.ts";
import { zoneNameAt } from "./zone.ts";

/** The runtime fires a timer of more milliseconds than this at once. */
const longestTimerMs = 2 ** 31 - 1;

export function linuxClock(): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(reasonOf(signal));
          return;
        }
        const wake = () => {
          signal.removeEventListener("abort", stop);
          resolve();
        };
        const stop = () => {
          cancel();
          reject(reasonOf(signal));
        };
        const cancel = after(ms, wake);
        signal.addEventListener("abort", stop, { once: true });
      });
    },
    after,
    offsetMinutes,
    zoneName: (atMs) => zoneNameAt(atMs, offsetMinutes(atMs)),
  };
}

function offsetMinutes(atMs: number): number {
  return 0 - new Date(atMs).getTimezoneOffset();
}

function after(ms: number, task: () => void): () => void {
  const due = performance.now() + ms;
  let timer: NodeJS.Timeout;
  const arm = () => {
    // Up to the next whole millisecond, because the runtime cuts fractions off; but not for an error of rounding.
    const left = Math.ceil(due - performance.now() - 0.001);
    timer = left > longestTimerMs ? setTimeout(arm, longestTimerMs) : setTimeout(task, Math.max(0, left));
  };
  arm();
  return () => clearTimeout(timer);
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException("stopped", "AbortError");
}
