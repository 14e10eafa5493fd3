// SPDX-License-Identifier: Apache-2.0
// What each signal does, and what time does after SIGTERM.

import assert from "node:assert/strict";
import { test } from "node:test";
import { climbOnSignals, rungMs } from "./stop-ladder.ts";

/** Plays signals and passing rungs, `later`; the ladder is taken away at `over`. Gives what was done. */
function check(events: readonly ("SIGINT" | "SIGTERM" | "later" | "over")[], ...expected: readonly string[]): void {
  const done: string[] = [];
  let signal: (name: "SIGINT" | "SIGTERM") => void = () => {};
  let due: (() => void) | undefined;
  const terminal = {
    onStopSignal: (callback: typeof signal) => {
      signal = callback;
      return () => {
        signal = () => {};
      };
    },
  };
  const clock = {
    after: (ms: number, task: () => void) => {
      assert.equal(ms, rungMs);
      due = task;
      return () => {
        due = undefined;
      };
    },
  };
  const takeAway = climbOnSignals(terminal, clock, {
    stop: () => done.push("stop"),
    interrupt: () => done.push("interrupt"),
    end: () => done.push("end"),
  });
  for (const event of events) {
    if (event === "over") takeAway();
    else if (event === "later") due?.();
    else signal(event);
  }
  assert.deepEqual(done, expected);
}

test("each signal is one rung, and there are three", () => {
  check(["SIGINT"], "stop");
  check(["SIGINT", "SIGTERM", "SIGINT", "SIGINT"], "stop", "interrupt", "end");
});

test("SIGTERM climbs by itself, SIGINT does not", () => {
  check(["SIGTERM", "later", "later", "later"], "stop", "interrupt", "end");
  check(["SIGINT", "later", "later"], "stop");
  check(["SIGINT", "SIGTERM", "later", "later"], "stop", "interrupt", "end");
});

test("nothing is climbed once the run is over", () => {
  check(["SIGTERM", "over", "later", "SIGINT"], "stop");
});
