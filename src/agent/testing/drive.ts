// SPDX-License-Identifier: Apache-2.0
// Time for what runs on a machine in memory: whenever everything waits, the clock moves to the next instant at which
// something is due. What waits for the runtime itself gets a little of the real time.

import type { DrivenClock } from "../../host/memory/index.ts";

/** Real time that is given to what no timer of the machine would wake. */
const patienceMs = 5;

/** Until the work is done, or `isOver`. */
export async function drive<Result>(
  clock: DrivenClock,
  work: Promise<Result>,
  isOver: () => boolean = () => false,
): Promise<void> {
  let isDone = false;
  const done = (): void => {
    isDone = true;
  };
  work.then(done, done);
  while (!isDone && !isOver()) {
    await clock.settle();
    if (isDone || isOver()) break;
    const next = clock.nextTimerInMs;
    if (next === undefined || next > longestStepMs) {
      await new Promise((resolve) => setTimeout(resolve, patienceMs));
    }
    if (next !== undefined && !isDone && !isOver()) await clock.advance(Math.min(next, longestStepMs));
  }
}

/** A timer that is far away is a limit: what is to happen before it may need the runtime. */
const longestStepMs = 10_000;

/** The result of work that needs the clock. */
export async function driven<Result>(clock: DrivenClock, work: Promise<Result>): Promise<Result> {
  await drive(clock, work);
  return work;
}
