// SPDX-License-Identifier: Apache-2.0
// How a run is stopped: each SIGINT or SIGTERM is one rung. SIGTERM climbs by itself, since what starts and stops
// services sends it once.

import type { Clock } from "../contract/host.ts";
import type { Terminal } from "./command.ts";

export interface Rungs {
  /** Nothing new begins, running steps are finished. */
  readonly stop: () => void;
  /** Running steps are told to end. */
  readonly interrupt: () => void;
  /** Whatever still runs is killed, and the process ends at once. */
  readonly end: () => void;
}

/** Milliseconds that each rung has before SIGTERM takes the next. */
export const rungMs = 15_000;

/** The returned function takes the ladder away. */
export function climbOnSignals(
  terminal: Pick<Terminal, "onStopSignal">,
  clock: Pick<Clock, "after">,
  rungs: Rungs,
): () => void {
  const ladder = [rungs.stop, rungs.interrupt, rungs.end];
  let climbsByItself = false;
  let cancel = (): void => {};
  const climb = (): void => {
    cancel();
    ladder.shift()?.();
    if (climbsByItself && ladder.length > 0) cancel = clock.after(rungMs, climb);
  };
  const stopListening = terminal.onStopSignal((signal) => {
    climbsByItself ||= signal === "SIGTERM";
    climb();
  });
  return () => {
    cancel();
    stopListening();
  };
}
