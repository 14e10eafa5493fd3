// SPDX-License-Identifier: Apache-2.0
// history: the value that an expression had some time ago.
//
// It keeps when each value began. So it is exact, and sleeps until the next of them is due.

import { invariant } from "../../base/invariant.ts";
import { defineFunction } from "../../contract/function.ts";
import type { Clock } from "../../contract/host.ts";
import { sameValue, type Value } from "../../values/value.ts";
import { fatal, intAt, valueAt } from "../arguments.ts";
import { slept } from "../streams.ts";

export const history = defineFunction({
  module: "",
  name: "history",
  type: "func(value ?1, index int) ?1",
  doc: "The value that the first argument had this many milliseconds ago; the oldest one known when it is not that old. Another number of milliseconds begins anew.",
  example: "$before = history($hostname, 3000)",
  stream: async function* (args, { host, memory, signal }) {
    const ageMs = intAt(args, 1);
    if (ageMs < 0n) throw fatal(`history looks back a number of milliseconds, it cannot be ${ageMs}`);
    const kept = memory.get("past");
    const past = kept instanceof Past && kept.ageMs === Number(ageMs) ? kept : new Past(Number(ageMs));
    memory.set("past", past);
    past.add(valueAt(args, 0), host.clock.monotonicMs());
    yield* delayed(past, host.clock, signal);
  },
});

/** The values of one call, oldest first, each with the time at which it began, in `Clock.monotonicMs`. */
class Past {
  readonly ageMs: number;
  #entries: { readonly since: number; readonly value: Value }[] = [];

  constructor(ageMs: number) {
    this.ageMs = ageMs;
  }

  add(value: Value, now: number): void {
    const newest = this.#entries.at(-1);
    if (newest === undefined || !sameValue(newest.value, value)) this.#entries.push({ since: now, value });
  }

  /** Forgets what is too old to be asked for again. */
  valueAt(now: number): Value {
    const due = this.#entries.findLastIndex((entry) => entry.since <= now - this.ageMs);
    if (due > 0) this.#entries = this.#entries.slice(due);
    const [oldest] = this.#entries;
    invariant(oldest !== undefined, "a call has at least its present value");
    return oldest.value;
  }

  /** Milliseconds until `valueAt` gives another one; undefined when only a new value can bring that about. */
  nextInMs(now: number): number | undefined {
    const next = this.#entries[1];
    return next === undefined ? undefined : Math.max(0, next.since + this.ageMs - now);
  }
}

async function* delayed(past: Past, clock: Clock, signal: AbortSignal): AsyncGenerator<Value, void, undefined> {
  for (;;) {
    yield past.valueAt(clock.monotonicMs());
    const pauseMs = past.nextInMs(clock.monotonicMs());
    if (pauseMs === undefined || !(await slept(clock, pauseMs, signal))) return;
  }
}
