// SPDX-License-Identifier: Apache-2.0
// How many events in a second a resource acts on: `limit` and `burst`, a token bucket.

import type { Meta } from "../contract/meta.ts";

export interface Bucket {
  /** Events that may come at once now. */
  readonly tokens: number;
  /** When that was counted, in milliseconds. */
  readonly atMs: number;
}

export function fullBucket(meta: Meta, nowMs: number): Bucket {
  return { tokens: meta.burst, atMs: nowMs };
}

/** Takes a token, or says how long to wait for one; for ever when `limit` is 0. */
export function takeToken(
  bucket: Bucket,
  meta: Meta,
  nowMs: number,
): { readonly bucket: Bucket; readonly waitMs: number } {
  if (meta.limit === Number.POSITIVE_INFINITY) return { bucket, waitMs: 0 };
  const tokens = Math.min(meta.burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * meta.limit);
  // A millionth of a token may be missing after a wait of exactly the right length.
  if (tokens >= 1 - 1e-6) return { bucket: { tokens: Math.max(0, tokens - 1), atMs: nowMs }, waitMs: 0 };
  return { bucket: { tokens, atMs: nowMs }, waitMs: ((1 - tokens) / meta.limit) * 1000 };
}
