// SPDX-License-Identifier: Apache-2.0
// What a container engine tells of its things. An engine that is not there yet, or goes away for a while, is waited for:
// it may be this program that installs it.

import { Pulses } from "../../base/pulse.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { engineOf } from "./engine.ts";

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

export async function* watchEngine(
  version: string,
  type: "container" | "image",
  env: ResourceEnv,
): AsyncIterable<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([env.signal, ended.signal]);
  const pulses = new Pulses(signal);
  const listening = listen(version, type, { ...env, signal }, pulses);
  try {
    yield* pulses;
  } finally {
    ended.abort();
    await listening;
  }
}

async function listen(version: string, type: string, env: ResourceEnv, pulses: Pulses): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ type: [type] }));
  let pauseMs = firstPauseMs;
  try {
    while (!env.signal.aborted) {
      const engine = engineOf(version, env);
      try {
        for await (const _ of engine.follow("GET", `/events?filters=${filters}`)) {
          pauseMs = firstPauseMs;
          pulses.pulse();
        }
      } catch (reason) {
        if (!(reason instanceof Failure) || reason.code !== "unreachable") throw reason;
      }
      // Without it there is nothing to be missed, so we are watching.
      pulses.pulse();
      await comesBack(engine.socketPath, pauseMs, env);
      pauseMs = Math.min(longestPauseMs, 2 * pauseMs);
    }
  } catch (reason) {
    if (!isAbort(reason, env.signal)) pulses.fail(reason);
  }
}

/** When the socket is made anew, or after the pause. */
async function comesBack(
  socketPath: string | undefined,
  pauseMs: number,
  { host, signal }: ResourceEnv,
): Promise<void> {
  const waiting = new AbortController();
  const either = AbortSignal.any([signal, waiting.signal]);
  const tasks = [host.clock.sleep(pauseMs, either)];
  if (socketPath !== undefined) {
    const files = host.files.watch([{ path: socketPath }], either);
    await files.next();
    tasks.push(files.next().then(() => {}));
  }
  try {
    await Promise.race(tasks);
  } finally {
    waiting.abort();
    await Promise.allSettled(tasks);
  }
}
