// SPDX-License-Identifier: Apache-2.0
// `timer`: a change at each interval, for those it notifies. The watch counts ticks, a step acknowledges them.

import { field, type Want } from "../../contract/field.ts";
import { defineResource, type ResourceEnv, type Step } from "../../contract/resource.ts";

const fields = {
  interval: field.int({ bits: 32, unsigned: true, doc: "Seconds between two ticks; at least 1.", example: "60" }),
};

type TimerWant = Want<typeof fields>;

interface TimerStep extends Step {
  readonly do: "restart" | "tick";
}

/** What the memory holds. Times are `Clock.monotonicMs`. */
const dueMs = "due";
const counted = "counted";
const acknowledged = "acknowledged";

export const timer = defineResource({
  kind: "timer",
  summary:
    "Ticks at each interval: those it notifies are then refreshed. A refresh of its own begins the interval anew.",
  fields,
  traits: { refresh: true },
  check: (want: TimerWant) =>
    want.interval > 0
      ? []
      : [{ field: "interval", title: `the \`interval\` must be at least 1 second, but is ${want.interval}` }],
  observe: async (_want: TimerWant, env) => ({ ticked: numberIn(env, counted) > numberIn(env, acknowledged) }),
  plan: (_want, have, hints): readonly TimerStep[] => [
    ...(hints.refresh ? [{ do: "restart" } as const] : []),
    ...(have.ticked ? [{ do: "tick" } as const] : []),
  ],
  explain: (step) => ({ mark: "!", text: step.do === "tick" ? "tick" : "begin the interval anew" }),
  apply: async (step, want: TimerWant, env) => {
    if (step.do === "tick") env.memory.set(acknowledged, numberIn(env, counted));
    else env.memory.set(dueMs, env.host.clock.monotonicMs() + want.interval * 1000);
  },
  watch: watchTimer,
});

async function* watchTimer(want: TimerWant, env: ResourceEnv): AsyncIterableIterator<void> {
  const { clock } = env.host;
  const intervalMs = want.interval * 1000;
  env.memory.set(dueMs, clock.monotonicMs() + intervalMs);
  yield;
  for (;;) {
    // A restart moves the time on while this sleeps, so it may have to sleep again.
    for (let waitMs = intervalMs; waitMs > 0; waitMs = numberIn(env, dueMs) - clock.monotonicMs()) {
      await clock.sleep(waitMs, env.signal);
    }
    // Ticks that were missed, because the machine slept, are not made up for.
    const next = numberIn(env, dueMs) + intervalMs;
    env.memory.set(dueMs, Math.max(next, clock.monotonicMs()));
    env.memory.set(counted, numberIn(env, counted) + 1);
    yield;
  }
}

function numberIn(env: ResourceEnv, key: string): number {
  const value = env.memory.get(key);
  return typeof value === "number" ? value : 0;
}
