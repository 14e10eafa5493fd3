// SPDX-License-Identifier: Apache-2.0
// Decides what the journal keeps of what others have asked of servers of this machine: all of it, up to so many in a while
// for each server and outcome. Whoever asks a million times must not push out what else happened.

import type { Asked } from "../../contract/asked.ts";
import type { Clock } from "../../contract/host.ts";
import type { Entry } from "../../journal/entry.ts";

const whileMs = 600_000;
const mostInWhile = 300;

export interface AskedCounts {
  readonly good: number;
  readonly refused: number;
  readonly failed: number;
}

export interface AskedKeeper {
  readonly listen: (asked: Asked) => void;
  /** Since the beginning; undefined when nobody has asked anything. */
  readonly counts: () => AskedCounts | undefined;
}

interface Window {
  beganMs: number;
  kept: number;
  /** Not kept since the last one that was. */
  more: number;
}

export function createAskedKeeper(add: (entry: Entry) => void, clock: Pick<Clock, "monotonicMs">): AskedKeeper {
  const windows = new Map<string, Window>();
  const counts = { good: 0, refused: 0, failed: 0 };
  const listen = ({ server, ...asked }: Asked): void => {
    counts[asked.outcome] += 1;
    const nowMs = clock.monotonicMs();
    const key = `${asked.outcome} ${server}`;
    const window = windows.get(key) ?? { beganMs: nowMs, kept: 0, more: 0 };
    windows.set(key, window);
    if (nowMs - window.beganMs >= whileMs) {
      window.beganMs = nowMs;
      window.kept = 0;
    }
    if (window.kept >= mostInWhile) {
      window.more += 1;
      return;
    }
    add({ type: "asked", resource: server, ...asked, ...(window.more === 0 ? {} : { more: window.more }) });
    window.kept += 1;
    window.more = 0;
  };
  const total = (): number => counts.good + counts.refused + counts.failed;
  return { listen, counts: () => (total() === 0 ? undefined : { ...counts }) };
}
