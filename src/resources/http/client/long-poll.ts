// SPDX-License-Identifier: Apache-2.0
// The watch: the file itself, and with a long poll a request that the server answers when there is something new.

import { Pulses } from "../../../base/pulse.ts";
import { Failure, isAbort } from "../../../contract/failure.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { RefusedAnswer } from "./asking.ts";
import { download, placedName } from "./download.ts";
import { type ClientWant, placeOf, requestKey } from "./fields.ts";
import { handoverOf } from "./handover.ts";
import { recall } from "./kept.ts";
import { conditions, targetOf } from "./observe.ts";

/** For so long a server is asked to wait; with a margin, for so long nothing may be heard from it. */
const waitSeconds = 60;
const idleMs = 1.5 * waitSeconds * 1000;
/** After a server has said when it is back, it may take a moment longer. */
const patienceMs = 15_000;
/** A server that says at once that there is nothing new does not wait; it is not to be asked without a pause. */
const pauseMs = 1_000;

export async function* watchClient(want: ClientWant, env: ResourceEnv): AsyncIterable<void> {
  env.memory.set("watched", true);
  const place = await placeOf(want, env);
  if (!want.longpoll) {
    yield* env.host.files.watch([{ path: place }], env.signal);
    return;
  }
  const ended = new AbortController();
  const signal = AbortSignal.any([env.signal, ended.signal]);
  const pulses = new Pulses(signal);
  const tasks: Promise<void>[] = [];
  try {
    const files = env.host.files.watch([{ path: place }], signal);
    await files.next();
    tasks.push(
      failing(pulses, signal, async () => {
        for await (const _ of files) pulses.pulse();
      }),
      failing(pulses, signal, () => poll(want, { ...env, signal }, pulses.pulse)),
    );
    yield* pulses;
  } finally {
    ended.abort();
    await Promise.all(tasks);
  }
}

async function failing(pulses: Pulses, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (reason) {
    if (!isAbort(reason, signal)) pulses.fail(reason);
  }
}

/** `tell` says that we are watching, and then that there is something new. */
async function poll(want: ClientWant, env: ResourceEnv, tell: () => void): Promise<void> {
  const { clock } = env.host;
  const handover = handoverOf(env.memory);
  let armed = false;
  const arm = () => {
    if (!armed) tell();
    armed = true;
  };
  let forgivingUntil = Number.NEGATIVE_INFINITY;
  let backoffMs = 1_000;
  while (!env.signal.aborted) {
    const startedMs = clock.monotonicMs();
    try {
      const headers = await headersFor(want, armed, env);
      const question = { headers, onRedirect: want.longpoll_redirect ? arm : () => {} };
      const timed = want.longpoll_conditional ? { ...question, idleMs } : question;
      const got = await download(want, timed, "polled-part", env);
      backoffMs = 1_000;
      if (got === undefined) {
        arm();
        if (clock.monotonicMs() - startedMs < pauseMs) await clock.sleep(pauseMs, env.signal);
        continue;
      }
      armed = true;
      await handover.give(got, env.signal, tell);
    } catch (reason) {
      if (reason instanceof RefusedAnswer && reason.status === 503 && reason.retryAfterMs !== undefined) {
        await clock.sleep(reason.retryAfterMs, env.signal);
        forgivingUntil = clock.monotonicMs() + patienceMs;
        continue;
      }
      const isForgiven =
        clock.monotonicMs() < forgivingUntil && reason instanceof Failure && reason.code === "unreachable";
      if (!isForgiven) throw reason;
      await clock.sleep(backoffMs, env.signal);
      backoffMs *= 2;
    }
  }
}

async function headersFor(want: ClientWant, isLater: boolean, env: ResourceEnv): Promise<ReadonlyMap<string, string>> {
  const target = await targetOf(want, env);
  const at = await env.host.files.inspect(target.path, env.signal);
  const kept = await recall(placedName, env);
  const placed = kept?.request === requestKey(want) ? kept : undefined;
  // Without the file nothing is known; the server answers at once.
  const known = at?.kind === "file" && (placed !== undefined || want.mtime_check) ? conditions(placed, at) : new Map();
  const prefers = want.longpoll_conditional && isLater && known.size > 0;
  return new Map<string, string>([...known, ...(prefers ? ([["prefer", `wait=${waitSeconds}`]] as const) : [])]);
}
