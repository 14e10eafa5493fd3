// SPDX-License-Identifier: Apache-2.0
// How a run is stopped: each SIGINT or SIGTERM is one rung. SIGTERM climbs by itself, since what starts and stops
// services sends it once.

import type { Run } from "../agent/run.ts";
import type { Clock, Host } from "../contract/host.ts";
import type { Terminal } from "./command.ts";
import { exitStatus } from "./exit-status.ts";

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
const longMs = 24 * 60 * 60_000;

/** Of a run, as long as it is under way. `beforeEnd`: what is still to be said then. The returned function takes the ladder away. */
export function stopOnSignals(
  run: Pick<Run, "stop" | "interrupt">,
  terminal: Pick<Terminal, "onStopSignal" | "isLookedAt" | "stderr">,
  host: Pick<Host, "clock" | "processes">,
  beforeEnd: () => void = () => {},
): () => void {
  // A run may wait for nothing but others that speak to it: that alone keeps no process alive.
  const living = setInterval(() => {}, longMs);
  const takeAway = climbOnSignals(terminal, host.clock, {
    stop: () => {
      if (terminal.isLookedAt) terminal.stderr("\n"); // The terminal shows ^C.
      run.stop();
    },
    interrupt: () => run.interrupt(),
    end: () => {
      beforeEnd();
      host.processes.killAll();
      process.exit(exitStatus.refused);
    },
  });
  return () => {
    clearInterval(living);
    takeAway();
  };
}

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
