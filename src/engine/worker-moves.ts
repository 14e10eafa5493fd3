// SPDX-License-Identifier: Apache-2.0
// The moves of a worker: what it does from several of its phases, each as the next state with what is to be done. Pure;
// which event makes which move is in worker.ts.

import type { Cause } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Meta } from "../contract/meta.ts";
import { isNoNews, longestAwaitedRevivalMs, mayPass, nextAttemptInMs, rearmInMs, revivalInMs } from "./attempts.ts";
import { holdRepair, noteRepair } from "./contention.ts";
import { fullBucket, takeToken } from "./limit.ts";
import {
  type Effect,
  type In,
  type Next,
  type Revival,
  type Run,
  type WorkerEvent,
  type WorkerState,
  watches,
  willArm,
} from "./worker-state.ts";

/** Must observe because of `cause`: as soon as `limit`, a fight and the dependencies allow it. */
export function wait(state: WorkerState, cause: Cause, nowMs: number, effects: readonly Effect[] = []): Next {
  if (cause.kind !== "watch") return ask(state, { cause, quiet: false }, effects);
  const { bucket, waitMs } = takeToken(state.bucket, state.meta, nowMs);
  if (waitMs === Number.POSITIVE_INFINITY) return next({ ...state, phase: { kind: "settled" } }, effects);
  const hold = holdRepair(state.contention, nowMs);
  const heldMs = Math.max(waitMs, hold.waitMs);
  if (heldMs === 0) return ask({ ...state, bucket }, { cause, quiet: false }, effects);
  // A token is taken only by what goes on now.
  const held: WorkerState = {
    ...state,
    bucket: waitMs > 0 ? bucket : state.bucket,
    contention: hold.state,
    phase: { kind: "waiting", cause, held: true, quiet: false },
  };
  return next(held, [...effects, { do: "start-timer", name: "limit", ms: heldMs }]);
}

/** Goes on as soon as the dependencies allow it. */
export function ask(state: WorkerState, { cause, quiet }: Revival, effects: readonly Effect[] = []): Next {
  return next({ ...state, phase: { kind: "waiting", cause, held: false, quiet } }, [...effects, { do: "ask" }]);
}

/** All dependencies are settled. */
export function begin(state: WorkerState, { cause, quiet }: Revival, rearm: boolean, nowMs: number): Next {
  if (state.meta.hidden && state.meta.export.length === 0) return succeed(state, undefined, nowMs);
  if (willArm(state, rearm)) {
    return next({ ...state, armed: false, phase: { kind: "watching", cause, quiet } }, [{ do: "arm" }]);
  }
  const run: Run = { cause, sinceMs: nowMs, quiet, timedOut: false, watchFailure: undefined };
  const limitMs = state.meta.timeout * 1000;
  const timer: readonly Effect[] = limitMs > 0 ? [{ do: "start-timer", name: "timeout", ms: limitMs }] : [];
  return next({ ...state, missed: undefined, phase: { kind: "observing", run } }, [...timer, { do: "observe", cause }]);
}

export function succeed(
  state: WorkerState,
  run: Run | undefined,
  nowMs: number,
  effects: readonly Effect[] = [],
): Next {
  const { meta, missed } = state;
  const settled = missed === undefined;
  // Whoever sets a limit decides how much is too much.
  const isRepair = state.worked && run?.cause.kind === "watch" && meta.limit === Number.POSITIVE_INFINITY;
  const { state: contention, change } = isRepair
    ? noteRepair(state.contention, nowMs - run.sinceMs, nowMs)
    : { state: state.contention };
  const done: WorkerState = {
    ...state,
    phase: { kind: "settled" },
    missed: undefined,
    worked: false,
    failures: meta.retryreset ? 0 : state.failures,
    revivals: 0,
    rearms: 0,
    failedWith: undefined,
    contention,
    settledBefore: state.settledBefore || settled,
  };
  const told: readonly Effect[] =
    change === undefined
      ? []
      : [change.to === "fight" ? { do: "tell-contested", repairs: change.repairs } : { do: "tell-uncontested" }];
  const all: readonly Effect[] = [
    { do: "stop-timer", name: "timeout" },
    ...effects,
    { do: "succeed", worked: state.worked, settled, first: !state.settledBefore },
    ...told,
  ];
  return settled ? next(done, [...all, ...pollTimer(meta)]) : wait(done, missed, nowMs, all);
}

export function fail(
  state: WorkerState,
  failure: Failure,
  of: "watch" | "operation",
  nowMs: number,
  effects: readonly Effect[] = [],
): Next {
  const used = of === "watch" ? state.watchFailures : state.failures;
  const retryInMs = nextAttemptInMs(state.meta, used, failure);
  const phase: In<"failed"> = {
    kind: "failed",
    failure,
    attempt: retryInMs === undefined ? undefined : used + 1,
    atMs: nowMs,
    revival: undefined,
  };
  const failed: WorkerState = {
    ...state,
    missed: undefined,
    armed: state.armed && of === "operation",
    failures: of === "operation" ? used + 1 : state.failures,
    watchFailures: of === "watch" ? used + 1 : state.watchFailures,
    failedWith: failure.message,
    phase,
  };
  // What happened during the run that failed may be what it lacked.
  const revived = retryInMs === undefined && of === "operation" ? state.missed : undefined;
  const revivalMs = revived === undefined ? undefined : revivalInMs(state.revivals);
  const isAgain = state.revivals + state.rearms > 0 || isNoNews(state.meta, used);
  const repeated = isAgain && state.failedWith === failure.message;
  const all: readonly Effect[] = [
    { do: "stop-timer", name: "timeout" },
    { do: "stop-timer", name: "poll" },
    ...effects,
    ...(failed.armed ? [] : [{ do: "disarm" } as const]),
    { do: "fail", failure, retryInMs: retryInMs ?? revivalMs, repeated },
  ];
  if (retryInMs !== undefined) return next(failed, [...all, { do: "start-timer", name: "retry", ms: retryInMs }]);
  if (revived !== undefined) return revive(failed, phase, revived, nowMs, all);
  if (of === "watch" && mayPass(failure)) return rearmLater(failed, phase, all);
  return next(failed, [...all, ...pollTimer(state.meta)]);
}

// ---- After a failure for good ----

/** Something has happened, so it is tried once more: at once, or when enough time has gone by since it failed. */
export function revive(
  state: WorkerState,
  phase: In<"failed">,
  cause: Cause,
  nowMs: number,
  effects: readonly Effect[] = [],
): Next {
  const ms = revivalInMs(state.revivals) - (nowMs - phase.atMs);
  if (ms <= 0) return reviveNow(state, { cause, quiet: false }, effects);
  const revival: Revival = { cause, quiet: ms > longestAwaitedRevivalMs };
  return next({ ...state, phase: { ...phase, revival } }, [...effects, { do: "start-timer", name: "revive", ms }]);
}

export function reviveNow(state: WorkerState, revival: Revival, effects: readonly Effect[] = []): Next {
  const stop: readonly Effect[] = [
    { do: "stop-timer", name: "revive" },
    { do: "stop-timer", name: "poll" },
  ];
  return ask({ ...state, revivals: state.revivals + 1 }, revival, [...effects, ...stop]);
}

/** Nothing will tell when the watch works again. */
export function rearmLater(state: WorkerState, phase: In<"failed">, effects: readonly Effect[] = []): Next {
  const revival: Revival = { cause: { kind: "watch" }, quiet: true };
  const ms = rearmInMs(state.rearms);
  const rearms = state.rearms + 1;
  return next({ ...state, rearms, phase: { ...phase, revival } }, [
    ...effects,
    { do: "start-timer", name: "revive", ms },
  ]);
}

// ---- Standing still ----

/** Nothing runs any more. `missed` is what it still has to do. */
export function pause(state: WorkerState, missed: Cause | undefined, effects: readonly Effect[] = []): Next {
  const armed = state.armed && state.phase.kind !== "watching";
  return next({ ...state, armed, missed: state.missed ?? missed, phase: { kind: "paused" } }, effects);
}

/** The retries already used stay used, unless `reset`; those of the watch begin anew with the watch. */
export function replace(
  state: WorkerState,
  { meta, cause }: Extract<WorkerEvent, { readonly type: "replace" }>,
  nowMs: number,
  stopped: readonly Effect[] = [],
): Next {
  const sameLimit = meta.limit === state.meta.limit && meta.burst === state.meta.burst;
  const replaced: WorkerState = {
    ...state,
    meta,
    armed: state.armed && watches(meta),
    missed: undefined,
    failures: meta.reset ? 0 : Math.min(state.failures, Math.max(0, meta.retry)),
    watchFailures: 0,
    revivals: 0,
    rearms: 0,
    failedWith: undefined,
    bucket: sameLimit ? state.bucket : fullBucket(meta, nowMs),
  };
  const effects: readonly Effect[] = replaced.armed ? stopped : [...stopped, { do: "disarm" }];
  return wait(replaced, cause, nowMs, effects);
}

export function pollTimer(meta: Meta): readonly Effect[] {
  return meta.poll > 0 && !meta.hidden ? [{ do: "start-timer", name: "poll", ms: meta.poll * 1000 }] : [];
}

export function timeoutFailure(meta: Meta): Failure {
  const unit = meta.timeout === 1 ? "second" : "seconds";
  return new Failure(`not done within ${meta.timeout} ${unit}`, {
    code: "timed-out",
    hint: "Meta:timeout allows no more: raise it, or find out what takes so long.",
  });
}

export function next(state: WorkerState, effects: readonly Effect[] = []): Next {
  return { state, effects };
}
