// SPDX-License-Identifier: Apache-2.0
// Many hosts may want in at once, and the one that lets them in has no time for all of them: whoever has found somebody there who
// did not answer asks again for a while. The same invitation is good for that, as its answer may be lost at any time.

import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";

const patienceMs = 5 * 60_000;
const firstPauseMs = 500;
const longestPauseMs = 8000;

export interface LetInOptions extends Pick<Host, "clock" | "random"> {
  /** A sentence for the person who waits, once. */
  readonly onBusy: (message: string) => void;
}

export async function untilLetIn(
  attempt: () => Promise<void>,
  { clock, random, onBusy }: LetInOptions,
  signal: AbortSignal,
): Promise<void> {
  const giveUpMs = clock.monotonicMs() + patienceMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await attempt();
    } catch (reason) {
      const mayHelp = reason instanceof Failure && (reason.code === "busy" || reason.code === "timed-out");
      if (!mayHelp || clock.monotonicMs() + pauseMs > giveUpMs) throw reason;
    }
    if (pauseMs === firstPauseMs) onBusy("the host that lets others in has no time yet, and is asked again");
    // Not all of them again in the same instant.
    await clock.sleep(pauseMs * (0.5 + (random.bytes(1)[0] ?? 0) / 256), signal);
  }
}
