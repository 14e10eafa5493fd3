// SPDX-License-Identifier: Apache-2.0
// The watch of what is in the kernel: it does not tell everybody who asks, so it is also looked at now and then.

import { Pulses } from "../../base/pulse.ts";
import type { WatchTarget } from "../../contract/host.ts";
import type { ResourceEnv } from "../../contract/resource.ts";

/** Milliseconds between two looks. One costs a few microseconds. */
const everyMs = 5_000;
/** What was found at the last look, in the memory of the resource. */
const looked = "looked";

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
      env.memory.set(looked, (await look(signal)) ?? "");
      for (;;) {
        await env.host.clock.sleep(everyMs, signal);
        const before = env.memory.get(looked);
        const now = (await look(signal)) ?? "";
        if (now === before && env.memory.get(looked) === before) continue;
        pulses.pulse();
        if (env.memory.get(looked) === before) env.memory.set(looked, now);
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

/** For own steps: others could undo them until the next look, which would then find what it has found before. */
export function forgetLook({ memory }: ResourceEnv): void {
  memory.delete(looked);
}
