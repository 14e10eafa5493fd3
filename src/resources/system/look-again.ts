// SPDX-License-Identifier: Apache-2.0
// The watch of what is in the kernel: it does not tell everybody who asks, so it is also looked at now and then.

import { Pulses } from "../../base/pulse.ts";
import type { WatchTarget } from "../../contract/host.ts";
import type { ResourceEnv } from "../../contract/resource.ts";

/** Milliseconds between two looks. One costs a few microseconds. */
const everyMs = 5_000;

/** Tells that something may have changed at the targets, or that `look` has found something else than before. */
export async function* watchAndLook(
  targets: readonly WatchTarget[],
  look: (signal: AbortSignal) => Promise<string | undefined>,
  env: ResourceEnv,
): AsyncIterable<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([env.signal, ended.signal]);
  const pulses = new Pulses(signal);
  /** What goes wrong, but for the end of the watch, goes to the reader. */
  const guarded = async (task: () => Promise<void>) => {
    try {
      await task();
    } catch (reason) {
      if (!signal.aborted) pulses.fail(reason);
    }
  };
  const tasks = [
    guarded(async () => {
      for await (const _ of env.host.files.watch(targets, signal)) pulses.pulse();
    }),
    guarded(async () => {
      for (let before = await look(signal); ; ) {
        await env.host.clock.sleep(everyMs, signal);
        const now = await look(signal);
        if (now !== before) pulses.pulse();
        before = now;
      }
    }),
  ];
  try {
    yield* pulses;
  } finally {
    ended.abort();
    await Promise.all(tasks);
  }
}
