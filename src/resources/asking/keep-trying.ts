// SPDX-License-Identifier: Apache-2.0
// The watch of what a server tells over a connection that lasts. A server that goes away for a while is waited for:
// meanwhile nothing of it can be seen, and when it is back it is looked at again.

import { Pulses } from "../../base/pulse.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** `listen` calls `tell` when it is watching, and for each news; it ends or fails with its connection. */
export async function* keepTrying(
  env: ResourceEnv,
  listen: (tell: () => void, signal: AbortSignal) => Promise<void>,
): AsyncIterable<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([env.signal, ended.signal]);
  const pulses = new Pulses(signal);
  const listening = (async () => {
    let pauseMs = firstPauseMs;
    const tell = () => {
      pauseMs = firstPauseMs;
      pulses.pulse();
    };
    try {
      while (!signal.aborted) {
        try {
          await listen(tell, signal);
        } catch (reason) {
          if (!(reason instanceof Failure) || reason.retry === "never") throw reason;
        }
        // Whoever looks now is told why it is not there; without it there is nothing to be missed.
        pulses.pulse();
        await env.host.clock.sleep(pauseMs, signal);
        pauseMs = Math.min(longestPauseMs, 2 * pauseMs);
      }
    } catch (reason) {
      if (!isAbort(reason, signal)) pulses.fail(reason);
    }
  })();
  try {
    yield* pulses;
  } finally {
    ended.abort();
    await listening;
  }
}
