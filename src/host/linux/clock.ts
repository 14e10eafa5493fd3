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
    const left = due - performance.now();
    timer = left > longestTimerMs ? setTimeout(arm, longestTimerMs) : setTimeout(task, wholeMs(left));
  };
  arm();
  return () => clearTimeout(timer);
}

/**
 * The runtime cuts fractions off, and counts from the last whole millisecond; one more, and a timer is never early. A
 * thousandth less, so that an error of rounding does not change the order of two.
 */
function wholeMs(left: number): number {
  return left <= 0 ? 0 : Math.ceil(left - 0.001) + 1;
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException("stopped", "AbortError");
}
