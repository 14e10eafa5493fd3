// SPDX-License-Identifier: Apache-2.0
// The watch of kinds whose world never changes by itself.

import { Pulses } from "../base/pulse.ts";

/** Says that it is armed, then nothing more until the signal ends it. */
export function onceArmed(signal: AbortSignal): AsyncIterableIterator<void> {
  const pulses = new Pulses(signal);
  pulses.pulse();
  return pulses;
}
