// SPDX-License-Identifier: Apache-2.0
// Tells a fight from drift: something that undoes every repair at once, for as long as anybody looks. Another writer, or
// a resource that wakes itself. Slows the repairs of a fight down, step by step, and lets them go when it is over.
//
// A second is *heavy* when it had more than 200 repairs, or at least 5 that took more than half of it. Ten heavy
// seconds in a row are a fight. A file that somebody removes ten times a second, for ever, is none: that is repaired
// at once every time. Pure; knows nothing of workers.

export interface Contention {
  /** The second that is being counted, and what was counted in it. */
  readonly secondAtMs: number;
  readonly repairs: number;
  readonly workMs: number;
  readonly heavySeconds: number;
  /** Milliseconds from one repair to the next at the least; 0: there is no fight. */
  readonly pauseMs: number;
  readonly repairedAtMs: number;
  /** When a repair last had to wait, and when the pause last grew. */
  readonly heldAtMs: number;
  readonly grownAtMs: number;
}

const heavyRepairs = 200;
const fewRepairs = 5;
const heavyWorkMs = 500;
const heavySecondsOfFight = 10;
const firstPauseMs = 10;
const longestPauseMs = 1000;
/** The pause doubles as often as this while the fight goes on. */
const growMs = 2_000;
/** Nothing had to wait for so long: the fight is over. */
const calmMs = 10_000;

export function peace(nowMs: number): Contention {
  return {
    secondAtMs: nowMs,
    repairs: 0,
    workMs: 0,
    heavySeconds: 0,
    pauseMs: 0,
    repairedAtMs: Number.NEGATIVE_INFINITY,
    heldAtMs: Number.NEGATIVE_INFINITY,
    grownAtMs: nowMs,
  };
}

/** How long the next repair has to wait, and that it does. */
export function holdRepair(state: Contention, nowMs: number): { readonly state: Contention; readonly waitMs: number } {
  const waitMs = state.repairedAtMs + state.pauseMs - nowMs;
  if (state.pauseMs === 0 || !(waitMs > 0)) return { state, waitMs: 0 };
  return { state: { ...state, heldAtMs: nowMs }, waitMs };
}

export interface Noted {
  readonly state: Contention;
  /** Set when a fight has just been recognized, or is over; repairs of the second before. */
  readonly change?: { readonly to: "fight"; readonly repairs: number } | { readonly to: "peace" };
}

/** To be called after each repair that an event of the world has caused. */
export function noteRepair(state: Contention, workMs: number, nowMs: number): Noted {
  if (state.pauseMs > 0) return noteInFight(state, nowMs);
  if (nowMs < state.secondAtMs + 1000) {
    const { repairs } = state;
    return { state: { ...state, repairs: repairs + 1, workMs: state.workMs + workMs, repairedAtMs: nowMs } };
  }
  const follows = nowMs < state.secondAtMs + 2000;
  const heavySeconds = follows && isHeavy(state) ? state.heavySeconds + 1 : 0;
  const next: Contention = { ...state, secondAtMs: nowMs, repairs: 1, workMs, heavySeconds, repairedAtMs: nowMs };
  if (heavySeconds < heavySecondsOfFight) return { state: next };
  const fight = { ...next, heavySeconds: 0, pauseMs: firstPauseMs, heldAtMs: nowMs, grownAtMs: nowMs };
  return { state: fight, change: { to: "fight", repairs: state.repairs } };
}

function noteInFight(state: Contention, nowMs: number): Noted {
  if (nowMs - state.heldAtMs > calmMs)
    return { state: { ...peace(nowMs), repairedAtMs: nowMs }, change: { to: "peace" } };
  const held = state.heldAtMs > state.repairedAtMs;
  const grows = held && nowMs - state.grownAtMs >= growMs;
  return {
    state: {
      ...state,
      repairedAtMs: nowMs,
      pauseMs: grows ? Math.min(longestPauseMs, state.pauseMs * 2) : state.pauseMs,
      grownAtMs: grows ? nowMs : state.grownAtMs,
    },
  };
}

function isHeavy({ repairs, workMs }: Contention): boolean {
  return repairs > heavyRepairs || (repairs >= fewRepairs && workMs > heavyWorkMs);
}
