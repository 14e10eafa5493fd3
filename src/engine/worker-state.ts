// SPDX-License-Identifier: Apache-2.0
// The state of one worker, what can happen to it, and what it asks to be done. Plain data; the rules are in worker.ts.

import type { Cause } from "../contract/event.ts";
import type { Failure } from "../contract/failure.ts";
import type { Meta } from "../contract/meta.ts";
import type { Contention } from "./contention.ts";
import type { Bucket } from "./limit.ts";

/** The table in worker.ts says what each one means. */
export type Phase =
  | {
      readonly kind: "waiting";
      readonly cause: Cause;
      /** Until `limit` lets the next event through. */
      readonly held: boolean;
      readonly quiet: boolean;
    }
  | { readonly kind: "watching"; readonly cause: Cause; readonly quiet: boolean }
  | { readonly kind: "observing"; readonly run: Run }
  | { readonly kind: "applying"; readonly run: Run; readonly steps: number; readonly next: number }
  | { readonly kind: "settled" }
  | {
      readonly kind: "failed";
      readonly failure: Failure;
      /** Which attempt comes next; undefined: there is none, it has failed for good. */
      readonly attempt: number | undefined;
      readonly atMs: number;
      /** Of one that has failed for good: something has happened since, so it is tried once more in a while. */
      readonly revival: Revival | undefined;
    }
  | { readonly kind: "blocked"; readonly cause: Cause; readonly by: string }
  | { readonly kind: "pausing"; readonly run: Run }
  /** `failed`: it had failed for good, and nothing has happened since. */
  | { readonly kind: "paused"; readonly failed?: Extract<Phase, { readonly kind: "failed" }> }
  | { readonly kind: "closing" }
  | { readonly kind: "closed" };

export type In<Kind extends Phase["kind"]> = Extract<Phase, { kind: Kind }>;

export interface Revival {
  readonly cause: Cause;
  /** Nobody waits for it: it comes late, or nothing has happened and only the watch is tried again. */
  readonly quiet: boolean;
}

/** One observation with its steps. */
export interface Run {
  readonly cause: Cause;
  readonly sinceMs: number;
  /** A poll of a settled resource, or a late revival: no work as long as it finds nothing to do. */
  readonly quiet: boolean;
  readonly timedOut: boolean;
  /** The watch failed meanwhile, so the run counts for nothing. */
  readonly watchFailure: Failure | undefined;
}

export interface WorkerState {
  readonly phase: Phase;
  /** With `noop` of the whole run already in it. */
  readonly meta: Meta;
  /** The watch is armed: no change of the world gets lost from here on. */
  readonly armed: boolean;
  /** What happened since the running observation began, or while paused: a reason to observe again. */
  readonly missed: Cause | undefined;
  /** A step has been applied since the last success, so those who are notified must hear of it. */
  readonly worked: boolean;
  /** Retries used by observations and steps; kept when the definition changes. */
  readonly failures: number;
  /** Retries used by the watch. */
  readonly watchFailures: number;
  /** Attempts that events have started after a failure for good, since the last success. */
  readonly revivals: number;
  /** Likewise, those of the watch that nothing but time has started. */
  readonly rearms: number;
  /** Text of the last failure since the last success. */
  readonly failedWith: string | undefined;
  readonly bucket: Bucket;
  readonly contention: Contention;
  readonly settledBefore: boolean;
}

export type TimerName = "retry" | "revive" | "poll" | "limit" | "timeout";

export type WorkerEvent =
  | { readonly type: "start"; readonly cause: Cause }
  /** Something may have changed: the world, a refresh, a received value. */
  | { readonly type: "wake"; readonly cause: Cause }
  /** All dependencies are settled. `rearm`: the watch is for another want than the one to observe now. */
  | { readonly type: "ready"; readonly rearm: boolean }
  /** All dependencies are settled, but what they sent cannot be used. */
  | { readonly type: "refused"; readonly failure: Failure }
  /** A dependency has failed for good. */
  | { readonly type: "blocked"; readonly by: string }
  | { readonly type: "unblocked" }
  | { readonly type: "armed" }
  | { readonly type: "watch-failed"; readonly failure: Failure }
  /** The plan has this many steps. */
  | { readonly type: "observed"; readonly steps: number }
  | { readonly type: "applied" }
  | { readonly type: "operation-failed"; readonly failure: Failure }
  | { readonly type: "cancelled" }
  /** The step has nothing to do but to wait now, or has something to do again. */
  | { readonly type: "rest"; readonly isAtRest: boolean }
  | { readonly type: "timer"; readonly name: TimerName }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  /** A new definition, or the same once more. Comes only when nothing runs. */
  | { readonly type: "replace"; readonly meta: Meta; readonly cause: Cause }
  | { readonly type: "close" }
  | { readonly type: "gone" };

export type Effect =
  /** Send `ready`, `refused` or `blocked` as soon as it is known. */
  | { readonly do: "ask" }
  /** Begin a watch, after the former one has ended. */
  | { readonly do: "arm" }
  | { readonly do: "disarm" }
  | { readonly do: "observe"; readonly cause: Cause }
  | { readonly do: "apply"; readonly step: number; readonly cause: Cause }
  /** Abort what runs; its end is still reported. */
  | { readonly do: "cancel" }
  | { readonly do: "tell-plan" }
  | { readonly do: "start-timer"; readonly name: TimerName; readonly ms: number }
  | { readonly do: "stop-timer"; readonly name: TimerName }
  /** Publish what was sent, take the refresh that was served, hand on a refresh if `worked`. */
  | { readonly do: "succeed"; readonly worked: boolean; readonly settled: boolean; readonly first: boolean }
  /** `repeated`: the same failure as before, after a revival or one of endless attempts. */
  | {
      readonly do: "fail";
      readonly failure: Failure;
      readonly retryInMs: number | undefined;
      readonly repeated: boolean;
    }
  /** Tell that something undoes every repair, or no longer does. */
  | { readonly do: "tell-contested"; readonly repairs: number }
  | { readonly do: "tell-uncontested" }
  | { readonly do: "tell-blocked"; readonly by: string }
  /** Stop timers and the watch, wait for what runs, then send `gone`. */
  | { readonly do: "close" };

export interface Next {
  readonly state: WorkerState;
  readonly effects: readonly Effect[];
}

/** Hidden and polled resources have no watch. */
export function watches(meta: Meta): boolean {
  return !meta.hidden && meta.poll === 0;
}

/** Whether it begins with its watch when its dependencies are settled; otherwise it begins to run. */
export function willArm({ meta, armed }: WorkerState, rearm: boolean): boolean {
  return watches(meta) && (!armed || rearm);
}

/** In the desired state as far as is known: those who depend on it may run. */
export function isSettled(state: WorkerState): boolean {
  return state.phase.kind === "settled";
}

/** It has no attempt left: only an event, or another definition, makes it try again. */
export function hasFailedForGood(state: WorkerState): boolean {
  return state.phase.kind === "failed" && state.phase.attempt === undefined;
}

/** Nothing runs and nothing will before `resume` or `replace`. */
export function isStill(state: WorkerState): boolean {
  return state.phase.kind === "paused" || state.phase.kind === "closed";
}

/** It runs, or something of it may still run: it keeps what it has taken. */
export function occupies({ phase }: WorkerState): boolean {
  const { kind } = phase;
  return kind === "observing" || kind === "applying" || kind === "pausing" || kind === "closing";
}

/** It runs as soon as it is let. */
export function mayBegin({ phase }: WorkerState): boolean {
  return phase.kind === "blocked" || (phase.kind === "waiting" && !phase.held);
}

/** It does something now or has planned to, so the whole has not converged. */
export function hasWork(state: WorkerState): boolean {
  const { phase } = state;
  switch (phase.kind) {
    case "waiting":
    case "watching":
      return !phase.quiet;
    case "observing":
    case "applying":
      return !phase.run.quiet;
    case "pausing":
    case "paused":
    case "closing":
      return true;
    case "failed":
      return phase.attempt !== undefined || phase.revival?.quiet === false;
    case "settled":
    case "blocked":
    case "closed":
      return false;
  }
}
