// SPDX-License-Identifier: Apache-2.0
// The worker of one resource as a pure state machine: what happens in, the next state and what is to be done out.
//
//   phase      meaning                                        leaves when
//   waiting    must observe, but may not yet                  dependencies are settled -> watching or observing
//   watching   the watch is being armed                       it is armed -> waiting, asks again
//   observing  reads the world and plans                      the plan is there -> applying or settled
//   applying   does the steps of the plan, one by one         the last is done -> settled; something was missed -> waiting
//   settled    in the desired state, watching                 something may have changed -> waiting
//   failed     waits for its next attempt, or has none left   the time comes, or something happens -> waiting
//   blocked    a dependency has failed for good               the graph changes -> waiting
//   pausing    is to pause, but something still runs          that has ended -> paused
//   paused     stands still while the graph changes           resumed -> waiting, settled, failed; replaced -> waiting
//   closing    is to go, something may still run              all has ended -> closed
//   closed     gone                                           never
//
// At most one observation or step runs at any time, none while the watch is being armed, and none before it is armed.

import { invariant } from "../base/invariant.ts";
import type { Cause } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Meta } from "../contract/meta.ts";
import { longestAwaitedRevivalMs, mayPass, nextAttemptInMs, rearmInMs, revivalInMs } from "./attempts.ts";
import { holdRepair, noteRepair, peace } from "./contention.ts";
import { fullBucket, takeToken } from "./limit.ts";
import type { Effect, Next, Phase, Revival, Run, WorkerEvent, WorkerState } from "./worker-state.ts";

type In<Kind extends Phase["kind"]> = Extract<Phase, { kind: Kind }>;

/** `former` was closed for a change of the graph that never came: what it has done and used up still counts. */
export function createWorker(meta: Meta, nowMs: number, former: WorkerState | undefined): WorkerState {
  return {
    phase: { kind: "paused" },
    meta,
    armed: false,
    missed: undefined,
    worked: former?.worked ?? false,
    failures: meta.reset ? 0 : (former?.failures ?? 0),
    watchFailures: 0,
    revivals: 0,
    rearms: 0,
    failedWith: undefined,
    bucket: fullBucket(meta, nowMs),
    contention: former?.contention ?? peace(nowMs),
    settledBefore: former?.settledBefore ?? false,
  };
}

/** Hidden and polled resources have no watch. */
export function watches(meta: Meta): boolean {
  return !meta.hidden && meta.poll === 0;
}

/** Whether it begins with its watch when its dependencies are settled; otherwise it begins to run. */
export function willArm({ meta, armed }: WorkerState, rearm: boolean): boolean {
  return watches(meta) && (!armed || rearm);
}

export function step(state: WorkerState, event: WorkerEvent, nowMs: number): Next {
  if (event.type === "close") return close(state);
  const { phase } = state;
  switch (phase.kind) {
    case "waiting":
      return whenWaiting(state, phase, event, nowMs);
    case "watching":
      return whenWatching(state, phase, event, nowMs);
    case "observing":
      return whenObserving(state, phase, event, nowMs);
    case "applying":
      return whenApplying(state, phase, event, nowMs);
    case "settled":
      return whenSettled(state, event, nowMs);
    case "failed":
      return whenFailed(state, phase, event, nowMs);
    case "blocked":
      return whenBlocked(state, phase, event, nowMs);
    case "pausing":
      return whenPausing(state, phase, event);
    case "paused":
      return whenPaused(state, phase, event, nowMs);
    case "closing":
      if (event.type === "applied") return next({ ...state, worked: true });
      return event.type === "gone" ? next({ ...state, phase: { kind: "closed" } }) : next(state);
    case "closed":
      return next(state);
  }
}

// ---- One function for each phase ----

function whenWaiting(state: WorkerState, phase: In<"waiting">, event: WorkerEvent, nowMs: number): Next {
  switch (event.type) {
    case "ready":
      return phase.held ? next(state) : begin(state, phase, event.rearm, nowMs);
    case "refused":
      return fail(state, event.failure, "operation", nowMs);
    case "blocked":
      return next({ ...state, phase: { kind: "blocked", cause: phase.cause, by: event.by } }, [
        { do: "tell-blocked", by: event.by },
      ]);
    case "wake": {
      const woken: In<"waiting"> = { ...phase, quiet: false };
      if (!phase.held || event.cause.kind === "watch") return next({ ...state, phase: woken });
      // Only the world's events are limited: a refresh or a received value goes through.
      const phaseNow: In<"waiting"> = { kind: "waiting", cause: event.cause, held: false, quiet: false };
      return next({ ...state, phase: phaseNow }, [{ do: "stop-timer", name: "limit" }, { do: "ask" }]);
    }
    case "timer":
      return event.name === "limit" && phase.held ? wait(state, phase.cause, nowMs) : next(state);
    case "watch-failed":
      return fail(state, event.failure, "watch", nowMs, [{ do: "stop-timer", name: "limit" }]);
    case "pause":
      return pause(state, phase.cause, [{ do: "stop-timer", name: "limit" }]);
    default:
      return next(state);
  }
}

function whenWatching(state: WorkerState, phase: In<"watching">, event: WorkerEvent, nowMs: number): Next {
  switch (event.type) {
    case "armed": {
      // The dependencies may have changed while it was being armed.
      return ask({ ...state, armed: true }, phase);
    }
    case "watch-failed":
      return fail(state, event.failure, "watch", nowMs);
    case "pause":
      return pause(state, phase.cause, [{ do: "disarm" }]);
    default:
      return next(state);
  }
}

function whenObserving(state: WorkerState, phase: In<"observing">, event: WorkerEvent, nowMs: number): Next {
  const { run } = phase;
  if (event.type !== "observed")
    return whileRunning(state, run, event, nowMs, (changed) => ({ ...phase, run: changed }));
  if (run.watchFailure !== undefined) return fail(state, run.watchFailure, "watch", nowMs);
  if (event.steps === 0) return succeed(state, run, nowMs);
  if (run.timedOut) return fail(state, timeoutFailure(state.meta), "operation", nowMs);
  if (state.meta.noop) return succeed(state, run, nowMs, [{ do: "tell-plan" }]);
  const applying: In<"applying"> = { kind: "applying", run: { ...run, quiet: false }, steps: event.steps, next: 0 };
  return next({ ...state, phase: applying }, [{ do: "apply", step: 0, cause: run.cause }]);
}

function whenApplying(state: WorkerState, phase: In<"applying">, event: WorkerEvent, nowMs: number): Next {
  const { run } = phase;
  if (event.type !== "applied")
    return whileRunning(state, run, event, nowMs, (changed) => ({ ...phase, run: changed }));
  const worked = { ...state, worked: true };
  const step = phase.next + 1;
  if (run.watchFailure !== undefined) return fail(worked, run.watchFailure, "watch", nowMs);
  if (step === phase.steps) return succeed(worked, run, nowMs);
  if (run.timedOut) return fail(worked, timeoutFailure(state.meta), "operation", nowMs);
  return next({ ...worked, phase: { ...phase, next: step } }, [{ do: "apply", step, cause: run.cause }]);
}

function whenSettled(state: WorkerState, event: WorkerEvent, nowMs: number): Next {
  switch (event.type) {
    case "wake":
      return wait(state, event.cause, nowMs, [{ do: "stop-timer", name: "poll" }]);
    case "timer": {
      if (event.name !== "poll") return next(state);
      return ask(state, { cause: { kind: "poll" }, quiet: true });
    }
    case "watch-failed":
      return fail(state, event.failure, "watch", nowMs);
    case "pause":
      return pause(state, undefined, [{ do: "stop-timer", name: "poll" }]);
    default:
      return next(state);
  }
}

function whenFailed(state: WorkerState, phase: In<"failed">, event: WorkerEvent, nowMs: number): Next {
  if (event.type === "replace") return replace(state, event, nowMs, [{ do: "stop-timer", name: "revive" }]);
  if (phase.attempt === undefined) return whenFailedForGood(state, phase, event, nowMs);
  const retry: Cause = { kind: "retry", attempt: phase.attempt };
  switch (event.type) {
    case "timer":
      return event.name === "retry" ? wait(state, retry, nowMs) : next(state);
    case "watch-failed": // It is armed again before the next attempt.
      return next({ ...state, armed: false });
    case "pause":
      return pause(state, retry, [{ do: "stop-timer", name: "retry" }]);
    default:
      return next(state);
  }
}

/** The retries are used up, but the world may have changed so that it works now. */
function whenFailedForGood(state: WorkerState, phase: In<"failed">, event: WorkerEvent, nowMs: number): Next {
  const { revival } = phase;
  switch (event.type) {
    case "wake":
      return revival?.quiet === false ? next(state) : revive(state, phase, event.cause, nowMs);
    case "timer": {
      if (event.name === "poll") return reviveNow(state, { cause: { kind: "poll" }, quiet: true });
      return event.name === "revive" && revival !== undefined ? reviveNow(state, revival) : next(state);
    }
    case "watch-failed": {
      const disarmed = { ...state, armed: false };
      return revival === undefined && mayPass(event.failure) ? rearmLater(disarmed, phase) : next(disarmed);
    }
    case "pause": {
      const stop: readonly Effect[] = [
        { do: "stop-timer", name: "revive" },
        { do: "stop-timer", name: "poll" },
      ];
      if (revival !== undefined) return pause(state, revival.cause, stop);
      return next({ ...state, phase: { kind: "paused", failed: phase } }, stop);
    }
    default:
      return next(state);
  }
}

function whenBlocked(state: WorkerState, phase: In<"blocked">, event: WorkerEvent, nowMs: number): Next {
  switch (event.type) {
    case "ready":
      return begin(state, { cause: phase.cause, quiet: false }, event.rearm, nowMs);
    case "refused":
      return fail(state, event.failure, "operation", nowMs);
    case "unblocked":
      return ask(state, { cause: phase.cause, quiet: false });
    case "watch-failed": // It is armed again before it observes.
      return next({ ...state, armed: false });
    case "pause":
      return pause(state, phase.cause);
    default:
      return next(state);
  }
}

function whenPausing(state: WorkerState, phase: In<"pausing">, event: WorkerEvent): Next {
  switch (event.type) {
    case "observed":
    case "operation-failed":
    case "cancelled":
      return pause(state, phase.run.cause);
    case "applied":
      return pause({ ...state, worked: true }, phase.run.cause);
    case "watch-failed":
      return next({ ...state, armed: false });
    default:
      return next(state);
  }
}

function whenPaused(state: WorkerState, phase: In<"paused">, event: WorkerEvent, nowMs: number): Next {
  switch (event.type) {
    case "start":
      return wait({ ...state, missed: undefined }, event.cause, nowMs);
    case "wake":
      return next({ ...state, missed: state.missed ?? event.cause });
    case "watch-failed":
      return next({ ...state, armed: false, missed: state.missed ?? { kind: "watch" } });
    case "replace":
      return replace(state, event, nowMs);
    case "resume":
      if (state.missed !== undefined) return wait({ ...state, missed: undefined }, state.missed, nowMs);
      if (phase.failed !== undefined) return next({ ...state, phase: phase.failed }, pollTimer(state.meta));
      return next({ ...state, phase: { kind: "settled" } }, pollTimer(state.meta));
    default:
      return next(state);
  }
}

// ---- What several phases do ----

/** Events during an observation or a step, other than its success. */
function whileRunning(
  state: WorkerState,
  run: Run,
  event: WorkerEvent,
  nowMs: number,
  withRun: (run: Run) => Phase,
): Next {
  switch (event.type) {
    case "wake":
      return next({ ...state, missed: state.missed ?? event.cause });
    case "timer": {
      if (event.name !== "timeout") return next(state);
      return next({ ...state, phase: withRun({ ...run, timedOut: true }) }, [{ do: "cancel" }]);
    }
    case "watch-failed": {
      const failing = { ...run, watchFailure: event.failure };
      return next({ ...state, armed: false, phase: withRun(failing) }, [{ do: "cancel" }]);
    }
    case "operation-failed":
    case "cancelled": {
      if (run.watchFailure !== undefined) return fail(state, run.watchFailure, "watch", nowMs);
      if (run.timedOut) return fail(state, timeoutFailure(state.meta), "operation", nowMs);
      invariant(event.type === "operation-failed", "only a pause, a timeout or a failed watch cancels");
      return fail(state, event.failure, "operation", nowMs);
    }
    case "pause": {
      // Half a step may be worse than the whole one, so a step is finished; an observation changes nothing.
      const cancel: readonly Effect[] = state.phase.kind === "observing" ? [{ do: "cancel" }] : [];
      return next({ ...state, phase: { kind: "pausing", run } }, [{ do: "stop-timer", name: "timeout" }, ...cancel]);
    }
    default:
      return next(state);
  }
}

/** Must observe because of `cause`: as soon as `limit`, a fight and the dependencies allow it. */
function wait(state: WorkerState, cause: Cause, nowMs: number, effects: readonly Effect[] = []): Next {
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
function ask(state: WorkerState, { cause, quiet }: Revival, effects: readonly Effect[] = []): Next {
  return next({ ...state, phase: { kind: "waiting", cause, held: false, quiet } }, [...effects, { do: "ask" }]);
}

/** All dependencies are settled. */
function begin(state: WorkerState, { cause, quiet }: Revival, rearm: boolean, nowMs: number): Next {
  if (state.meta.hidden && state.meta.export.length === 0) return succeed(state, undefined, nowMs);
  if (willArm(state, rearm)) {
    return next({ ...state, armed: false, phase: { kind: "watching", cause, quiet } }, [{ do: "arm" }]);
  }
  const run: Run = { cause, sinceMs: nowMs, quiet, timedOut: false, watchFailure: undefined };
  const limitMs = state.meta.timeout * 1000;
  const timer: readonly Effect[] = limitMs > 0 ? [{ do: "start-timer", name: "timeout", ms: limitMs }] : [];
  return next({ ...state, missed: undefined, phase: { kind: "observing", run } }, [...timer, { do: "observe", cause }]);
}

function succeed(state: WorkerState, run: Run | undefined, nowMs: number, effects: readonly Effect[] = []): Next {
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

function fail(
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
  const repeated = state.revivals + state.rearms > 0 && state.failedWith === failure.message;
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
function revive(
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

function reviveNow(state: WorkerState, revival: Revival, effects: readonly Effect[] = []): Next {
  const stop: readonly Effect[] = [
    { do: "stop-timer", name: "revive" },
    { do: "stop-timer", name: "poll" },
  ];
  return ask({ ...state, revivals: state.revivals + 1 }, revival, [...effects, ...stop]);
}

/** Nothing will tell when the watch works again. */
function rearmLater(state: WorkerState, phase: In<"failed">, effects: readonly Effect[] = []): Next {
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
function pause(state: WorkerState, missed: Cause | undefined, effects: readonly Effect[] = []): Next {
  const armed = state.armed && state.phase.kind !== "watching";
  return next({ ...state, armed, missed: state.missed ?? missed, phase: { kind: "paused" } }, effects);
}

/** The retries already used stay used, unless `reset`; those of the watch begin anew with the watch. */
function replace(
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

function close(state: WorkerState): Next {
  const { phase } = state;
  if (phase.kind === "closing" || phase.kind === "closed") return next(state);
  const cancel: readonly Effect[] = phase.kind === "observing" ? [{ do: "cancel" }] : [];
  return next({ ...state, armed: false, phase: { kind: "closing" } }, [...cancel, { do: "close" }]);
}

function pollTimer(meta: Meta): readonly Effect[] {
  return meta.poll > 0 && !meta.hidden ? [{ do: "start-timer", name: "poll", ms: meta.poll * 1000 }] : [];
}

function timeoutFailure(meta: Meta): Failure {
  const unit = meta.timeout === 1 ? "second" : "seconds";
  return new Failure(`not done within ${meta.timeout} ${unit}`, {
    code: "timed-out",
    hint: "Meta:timeout allows no more: raise it, or find out what takes so long.",
  });
}

function next(state: WorkerState, effects: readonly Effect[] = []): Next {
  return { state, effects };
}
