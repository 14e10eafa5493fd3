// SPDX-License-Identifier: Apache-2.0
// Which failures are told, and when.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import { momentMs, PassingFailures } from "./passing-failures.ts";

/** Plays what becomes of one resource, `later` a moment of time, `end` the end of the run. Gives what was told, and when. */
function check(played: readonly string[], ...expected: readonly string[]): void {
  const told: string[] = [];
  let due: (() => void) | undefined;
  let now = "";
  const clock = {
    after: (ms: number, task: () => void) => {
      assert.equal(ms, momentMs);
      due = task;
      return () => {
        due = undefined;
      };
    },
  };
  const failures = new PassingFailures(clock, ({ failure }) => told.push(`${failure.message} at ${now}`));
  for (now of played) {
    if (now === "later") {
      const task = due;
      due = undefined;
      task?.();
    } else if (now === "end") {
      failures.tellAll();
    } else {
      failures.notice(eventOf(now));
    }
  }
  assert.deepEqual(told, expected);
}

function eventOf(what: string): EngineEvent {
  const at = { file: { path: "main.mcl", text: "" }, start: 0, end: 0 };
  const resource = "file[/x]";
  if (what === "settled") return { type: "settled", resource, first: true, sinceStartMs: 0 };
  if (what === "removed") return { type: "removed", resource };
  const [message = "", again] = what.split(" ");
  const failure = new Failure(message, { code: "not-found" });
  return { type: "failed", resource, failure, at, retryInMs: undefined, repeated: again === "again" };
}

test("what was never as declared is told at once", () => check(["gone", "later", "later"], "gone at gone"));

test("a failure that lasts is told after two moments", () =>
  check(["settled", "gone", "later", "later", "later"], "gone at later"));

test("one that passes is not told, whenever that is heard", () => {
  check(["settled", "gone", "settled", "later", "later", "end"]);
  check(["settled", "gone", "later", "settled", "later", "end"]);
});

test("one of a resource that has left the program is not told", () =>
  check(["settled", "gone", "removed", "later", "later"]));

test("what comes back is told at once, the first time", () =>
  check(["settled", "removed", "gone", "later", "later"], "gone at gone"));

test("the last of several failures is told", () =>
  check(["settled", "gone", "later", "denied", "later", "later"], "denied at later"));

test("the same one again is no news", () => {
  check(["settled", "gone", "gone again", "later", "later"], "gone at later");
  check(["gone", "gone again", "later"], "gone at gone");
});

test("the end of the run waits for nothing", () => check(["settled", "gone", "end", "later", "later"], "gone at end"));
