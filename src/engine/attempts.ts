// SPDX-License-Identifier: Apache-2.0
// Whether and when to try again after a failure: `retry`, `delay`, what the failure itself advises; and, when no attempt
// is left, how soon an event of the world may start one more.

import type { Failure, FailureCode } from "../contract/failure.ts";
import type { Meta } from "../contract/meta.ts";

const firstBackoffMs = 100;
const longestBackoffMs = 30_000;

/** So many attempts may follow at once; later ones pause, so that what is tried for ever does not take the machine. */
const hastyAttempts = 10;
const firstPauseMs = 10;
const longestPauseMs = 1000;

/**
 * Milliseconds until the next attempt, undefined when none is left. `used` counts the retries before this failure.
 * `delay` wins over what the failure advises; without either the next attempt follows at once, and after ten with a pause.
 */
export function nextAttemptInMs(meta: Meta, used: number, failure: Failure): number | undefined {
  if (meta.retry >= 0 && used >= meta.retry) return undefined;
  if (meta.delay > 0) return meta.delay;
  if (failure.retry === "never") {
    return used < hastyAttempts ? 0 : Math.min(longestPauseMs, doubled(firstPauseMs, used - hastyAttempts));
  }
  if (failure.retry === "backoff") return doubled(firstBackoffMs, used);
  return failure.retry.afterMs;
}

/** The same failure so often in a row tells nobody anything, as long as it is tried for ever. */
const toldAttempts = 3;

export function isNoNews(meta: Meta, used: number): boolean {
  return meta.retry < 0 && used >= toldAttempts;
}

/**
 * Milliseconds that must lie between a failure for good and the attempt which an event starts after it: the first comes
 * at once, later ones back off, because what fails may cause its own events. `revivals` counts those since a success.
 */
export function revivalInMs(revivals: number): number {
  return revivals === 0 ? 0 : doubled(firstBackoffMs, revivals - 1);
}

/** A revival that has to wait for longer than this is no work that anybody waits for. */
export const longestAwaitedRevivalMs = 1000;

/** Milliseconds until a watch that has failed for good is tried again: nothing tells when its cause is gone. */
export function rearmInMs(rearms: number): number {
  return doubled(10 * firstBackoffMs, rearms);
}

const passing: ReadonlySet<FailureCode> = new Set([
  "not-found",
  "denied",
  "busy",
  "full",
  "not-a-directory",
  "timed-out",
  "unreachable",
]);

/** Whether the cause of a failed watch may go away without anybody changing the program. */
export function mayPass(failure: Failure): boolean {
  return passing.has(failure.code);
}

function doubled(firstMs: number, times: number): number {
  return Math.min(longestBackoffMs, firstMs * 2 ** Math.min(times, 16));
}
