// SPDX-License-Identifier: Apache-2.0
// Whether and when to try again after a failure: `retry`, `delay`, and what the failure itself advises.

import type { Failure } from "../contract/failure.ts";
import type { Meta } from "../contract/meta.ts";

const firstBackoffMs = 100;
const longestBackoffMs = 30_000;

/**
 * Milliseconds until the next attempt, undefined when none is left. `used` counts the retries before this failure.
 * `delay` wins over what the failure advises; without either the next attempt follows at once.
 */
export function nextAttemptInMs(meta: Meta, used: number, failure: Failure): number | undefined {
  if (meta.retry >= 0 && used >= meta.retry) return undefined;
  if (meta.delay > 0) return meta.delay;
  if (failure.retry === "never") return 0;
  if (failure.retry === "backoff") return Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(used, 16));
  return failure.retry.afterMs;
}
