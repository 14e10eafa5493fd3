// SPDX-License-Identifier: Apache-2.0
// The worker of one resource as a pure state machine: what happens in, the next state and what is to be done out.
//
//   phase      meaning                                        leaves when
//   waiting    must observe, but may not yet                  dependencies are settled -> watching or observing
//   watching   the watch is being armed                       it is armed -> waiting, asks again
//   observing  reads the world and plans                      the plan is there -> applying or settled
//   applying   does the steps of the plan, one by one         the last is done -> settled; something was missed -> waiting
//   settled    in the desired state, watching                 something may have changed -> waiting
//   failed     waits for its next attempt, or has none left   the time comes -> waiting; a new definition comes -> waiting
//   blocked    a dependency has failed for good               the graph changes -> waiting
//   pausing    is to pause, but something still runs          that has ended -> paused
//   paused     stands still while the graph changes           resumed -> waiting or settled; replaced -> waiting
//   closing    is to go, something may still run              all has ended -> closed
//   closed     gone                                           never
//
// At most one observation or step runs at any time, none while the watch is being armed, and none before it is armed.

import { invariant } from "../base/invariant.ts";
import type { Cause } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Meta } from "../contract/meta.ts";
import { nextAttemptInMs } from "./attempts.ts";
import { fullBucket, takeToken } from "./limit.ts";
import type { Effect, Next, Phase, Run, WorkerEvent, WorkerState } from "./worker-state.ts";

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
    bucket: fullBucket(meta, nowMs),
    settledBefore: former?.settledBefore ?? false,
  };
}

/** Hidden and polled resources have no watch. */
export function watches(meta: Meta): boolean {
  return !meta.hidden && meta.poll === 0;
}

export function step(state: WorkerState, event: WorkerEvent, nowMs: number): Next {
  if (event.type === "close") return close(state);
  const { phase } = state;
  switch (phase.kind) {
    case "waiting":
      return whenWaiting(state, phase, event, nowMs);
    case "watching":
      return whenWatching(state, phase, event);
    case "observing":
      return whenObserving(state, phase, event, nowMs);
    case "applying":
      return whenApplying(state, phase, event, nowMs);
    case "settled":
      return whenSettled(state, event, nowMs);
    case "failed":
      return whenFailed(state, phase, event, nowMs);
    case "blocked":
      return whenBlocked(state, phase, event);
    case "pausing":
      return whenPausing(state, phase, event);
    case "paused":
      return whenPaused(state, event, nowMs);
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
      return phase.held ? next(state) : begin(state, phase.cause, phase.quiet, event.rearm);
    case "refused":
      return fail(state, event.failure, "operation");
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
      return fail(state, event.failure, "watch", [{ do: "stop-timer", name: "limit" }]);
    case "pause":
      return pause(state, phase.cause, [{ do: "stop-timer", name: "limit" }]);
    default:
      return next(state);
  }
}

function whenWatching(state: WorkerState, phase: In<"watching">, event: WorkerEvent): Next {
  switch (event.type) {
    case "armed": {
      // The dependencies may have changed while it was being armed.
      const waiting: In<"waiting"> = { kind: "waiting", cause: phase.cause, held: false, quiet: phase.quiet };
      return next({ ...state, armed: true, phase: waiting }, [{ do: "ask" }]);
    }
    case "watch-failed":
      return fail(state, event.failure, "watch");
    case "pause":
      return pause(state, phase.cause, [{ do: "disarm" }]);
    default:
      return next(state);
  }
}

function whenObserving(state: WorkerState, phase: In<"observing">, event: WorkerEvent, nowMs: number): Next {
  const { run } = phase;
  if (event.type !== "observed") return whileRunning(state, run, event, (changed) => ({ ...phase, run: changed }));
  if (run.watchFailure !== undefined) return fail(state, run.watchFailure, "watch");
  if (event.steps === 0) return succeed(state, nowMs);
  if (run.timedOut) return fail(state, timeoutFailure(state.meta), "operation");
  if (state.meta.noop) return succeed(state, nowMs, [{ do: "tell-plan" }]);
  const applying: In<"applying"> = { kind: "applying", run: { ...run, quiet: false }, steps: event.steps, next: 0 };
  return next({ ...state, phase: applying }, [{ do: "apply", step: 0, cause: run.cause }]);
}

function whenApplying(state: WorkerState, phase: In<"applying">, event: WorkerEvent, nowMs: number): Next {
  const { run } = phase;
  if (event.type !== "applied") return whileRunning(state, run, event, (changed) => ({ ...phase, run: changed }));
  const worked = { ...state, worked: true };
  const step = phase.next + 1;
  if (run.watchFailure !== undefined) return fail(worked, run.watchFailure, "watch");
  if (step === phase.steps) return succeed(worked, nowMs);
  if (run.timedOut) return fail(worked, timeoutFailure(state.meta), "operation");
  return next({ ...worked, phase: { ...phase, next: step } }, [{ do: "apply", step, cause: run.cause }]);
}

function whenSettled(state: WorkerState, event: WorkerEvent, nowMs: number): Next {
  switch (event.type) {
    case "wake":
      return wait(state, event.cause, nowMs, [{ do: "stop-timer", name: "poll" }]);
    case "timer": {
      if (event.name !== "poll") return next(state);
      const waiting: In<"waiting"> = { kind: "waiting", cause: { kind: "poll" }, held: false, quiet: true };
      return next({ ...state, phase: waiting }, [{ do: "ask" }]);
    }
    case "watch-failed":
      return fail(state, event.failure, "watch");
    case "pause":
      return pause(state, undefined, [{ do: "stop-timer", name: "poll" }]);
    default:
      return next(state);
  }
}

function whenFailed(state: WorkerState, phase: In<"failed">, event: WorkerEvent, nowMs: number): Next {
  if (event.type === "replace") return replace(state, event.meta, nowMs);
  if (phase.attempt === undefined) return next(state);
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

function whenBlocked(state: WorkerState, phase: In<"blocked">, event: WorkerEvent): Next {
  switch (event.type) {
    case "ready":
      return begin(state, phase.cause, false, event.rearm);
    case "refused":
      return fail(state, event.failure, "operation");
    case "unblocked": {
      const waiting: In<"waiting"> = { kind: "waiting", cause: phase.cause, held: false, quiet: false };
      return next({ ...state, phase: waiting }, [{ do: "ask" }]);
    }
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

function whenPaused(state: WorkerState, event: WorkerEvent, nowMs: number): Next {
  switch (event.type) {
    case "start":
      return wait(state, { kind: "start" }, nowMs);
    case "wake":
      return next({ ...state, missed: state.missed ?? event.cause });
    case "watch-failed":
      return next({ ...state, armed: false, missed: state.missed ?? { kind: "watch" } });
    case "replace":
      return replace(state, event.meta, nowMs);
    case "resume":
      if (state.missed !== undefined) return wait({ ...state, missed: undefined }, state.missed, nowMs);
      return next({ ...state, phase: { kind: "settled" } }, pollTimer(state.meta));
    default:
      return next(state);
  }
}

// ---- What several phases do ----

/** Events during an observation or a step, other than its success. */
function whileRunning(state: WorkerState, run: Run, event: WorkerEvent, withRun: (run: Run) => Phase): Next {
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
      if (run.watchFailure !== undefined) return fail(state, run.watchFailure, "watch");
      if (run.timedOut) return fail(state, timeoutFailure(state.meta), "operation");
      invariant(event.type === "operation-failed", "only a pause, a timeout or a failed watch cancels");
      return fail(state, event.failure, "operation");
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

/** Must observe because of `cause`: as soon as `limit` and the dependencies allow it. */
function wait(state: WorkerState, cause: Cause, nowMs: number, effects: readonly Effect[] = []): Next {
  const { bucket, waitMs } =
    cause.kind === "watch" ? takeToken(state.bucket, state.meta, nowMs) : { bucket: state.bucket, waitMs: 0 };
  const held = waitMs > 0;
  const waiting = { ...state, bucket, phase: { kind: "waiting", cause, held, quiet: false } as const };
  if (!held) return next(waiting, [...effects, { do: "ask" }]);
  if (waitMs === Number.POSITIVE_INFINITY) return next({ ...state, phase: { kind: "settled" } }, effects);
  return next(waiting, [...effects, { do: "start-timer", name: "limit", ms: waitMs }]);
}

/** All dependencies are settled. */
function begin(state: WorkerState, cause: Cause, quiet: boolean, rearm: boolean): Next {
  if (state.meta.hidden) return succeed(state, 0);
  if (watches(state.meta) && (!state.armed || rearm)) {
    return next({ ...state, armed: false, phase: { kind: "watching", cause, quiet } }, [{ do: "arm" }]);
  }
  const run: Run = { cause, quiet, timedOut: false, watchFailure: undefined };
  const limitMs = state.meta.timeout * 1000;
  const timer: readonly Effect[] = limitMs > 0 ? [{ do: "start-timer", name: "timeout", ms: limitMs }] : [];
  return next({ ...state, missed: undefined, phase: { kind: "observing", run } }, [...timer, { do: "observe", cause }]);
}

function succeed(state: WorkerState, nowMs: number, effects: readonly Effect[] = []): Next {
  const { meta, missed } = state;
  const settled = missed === undefined;
  const done: WorkerState = {
    ...state,
    phase: { kind: "settled" },
    missed: undefined,
    worked: false,
    failures: meta.retryreset ? 0 : state.failures,
    settledBefore: state.settledBefore || settled,
  };
  const all: readonly Effect[] = [
    { do: "stop-timer", name: "timeout" },
    ...effects,
    { do: "succeed", worked: state.worked, settled, first: !state.settledBefore },
  ];
  return settled ? next(done, [...all, ...pollTimer(meta)]) : wait(done, missed, nowMs, all);
}

function fail(state: WorkerState, failure: Failure, of: "watch" | "operation", effects: readonly Effect[] = []): Next {
  const used = of === "watch" ? state.watchFailures : state.failures;
  const retryInMs = nextAttemptInMs(state.meta, used, failure);
  const failed: WorkerState = {
    ...state,
    missed: undefined,
    armed: state.armed && of === "operation" && retryInMs !== undefined,
    failures: of === "operation" ? used + 1 : state.failures,
    watchFailures: of === "watch" ? used + 1 : state.watchFailures,
    phase: { kind: "failed", failure, attempt: retryInMs === undefined ? undefined : used + 1 },
  };
  const all: readonly Effect[] = [
    { do: "stop-timer", name: "timeout" },
    { do: "stop-timer", name: "poll" },
    ...effects,
    ...(failed.armed ? [] : [{ do: "disarm" } as const]),
    { do: "fail", failure, retryInMs },
  ];
  return next(failed, retryInMs === undefined ? all : [...all, { do: "start-timer", name: "retry", ms: retryInMs }]);
}

/** Nothing runs any more. `missed` is what it still has to do. */
function pause(state: WorkerState, missed: Cause | undefined, effects: readonly Effect[] = []): Next {
  const armed = state.armed && state.phase.kind !== "watching";
  return next({ ...state, armed, missed: state.missed ?? missed, phase: { kind: "paused" } }, effects);
}

/** The retries already used stay used, unless `reset`; those of the watch begin anew with the watch. */
function replace(state: WorkerState, meta: Meta, nowMs: number): Next {
  const sameLimit = meta.limit === state.meta.limit && meta.burst === state.meta.burst;
  const replaced: WorkerState = {
    ...state,
    meta,
    armed: state.armed && watches(meta),
    missed: undefined,
    failures: meta.reset ? 0 : Math.min(state.failures, Math.max(0, meta.retry)),
    watchFailures: 0,
    bucket: sameLimit ? state.bucket : fullBucket(meta, nowMs),
  };
  const effects: readonly Effect[] = replaced.armed ? [] : [{ do: "disarm" }];
  return wait(replaced, { kind: "definition" }, nowMs, effects);
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
