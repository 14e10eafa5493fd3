// SPDX-License-Identifier: Apache-2.0
// The clock of the machine, with monotonic time that is the same for all of its processes.

import type { Clock } from "../../src/contract/host.ts";
import { linuxHost } from "../../src/host/linux/index.ts";

/** `skewMs`: what its time of day is ahead, at any time. */
export function machineClock(skewMs = (): number => 0): Clock {
  const { clock } = linuxHost();
  return {
    now: () => clock.now() + skewMs(),
    monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    after: (ms, task) => clock.after(ms, task),
    offsetMinutes: (atMs) => clock.offsetMinutes(atMs),
    zoneName: (atMs) => clock.zoneName(atMs),
  };
}
