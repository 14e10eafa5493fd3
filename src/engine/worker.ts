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
import type { Meta } from "../contract/meta.ts";
import { mayPass } from "./attempts.ts";
import { peace } from "./contention.ts";
import { fullBucket } from "./limit.ts";
import {
  ask,
  begin,
  fail,
  next,
  pause,
  pollTimer,
  rearmLater,
  replace,
  revive,
  reviveNow,
  succeed,
  timeoutFailure,
  wait,
} from "./worker-moves.ts";
import type { Effect, In, Next, Phase, Run, WorkerEvent, WorkerState } from "./worker-state.ts";

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
  if (event.type === "rest") return next({ ...state, phase: { ...phase, run: { ...run, quiet: event.isAtRest } } });
  if (event.type !== "applied")
    return whileRunning(state, run, event, nowMs, (changed) => ({ ...phase, run: changed }));
  const worked = { ...state, worked: true };
  const step = phase.next + 1;
  if (run.watchFailure !== undefined) return fail(worked, run.watchFailure, "watch", nowMs);
  if (step === phase.steps) return succeed(worked, run, nowMs);
  if (run.timedOut) return fail(worked, timeoutFailure(state.meta), "operation", nowMs);
  return next({ ...worked, phase: { ...phase, run: { ...run, quiet: false }, next: step } }, [
    { do: "apply", step, cause: run.cause },
  ]);
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

function close(state: WorkerState): Next {
  const { phase } = state;
  if (phase.kind === "closing" || phase.kind === "closed") return next(state);
  const cancel: readonly Effect[] = phase.kind === "observing" ? [{ do: "cancel" }] : [];
  return next({ ...state, armed: false, phase: { kind: "closing" } }, [...cancel, { do: "close" }]);
}
