// SPDX-License-Identifier: Apache-2.0
// Telling that a file is still the one we have read, without reading it again.

import type { Clock, FileState } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";

/** Different for every change of the content that happens after the stamp is taken, if `isSettled`. */
export function stampOf(state: FileState): string {
  return `${state.device}:${state.inode}:${state.size}:${state.modifiedNs}:${state.changedNs}`;
}

/**
 * The kernel stamps files with a clock that ticks every 4 to 10 ms: two changes within one tick cannot be told apart. So
 * a stamp is only to be trusted when the file has rested for longer than that at the time it is taken.
 */
export function isSettled(state: FileState, clock: Clock): boolean {
  const latest = state.changedNs > state.modifiedNs ? state.changedNs : state.modifiedNs;
  return BigInt(Math.floor(clock.now())) * 1_000_000n - latest > settleNs;
}

const settleNs = 20_000_000n;

/** A comparison whose good end is worth remembering. */
export interface Comparison {
  /** Its name in the memory of the resource. */
  readonly label: string;
  /** All that its end depends on: stamps, and what is wanted. */
  readonly stamp: string;
  /** Of the files that are compared, as they were looked at just now. */
  readonly states: readonly FileState[];
}

/** Whether something is as wanted: because it was when the stamp was the same, or else by `compare`. */
export async function isVerified(
  { label, stamp, states }: Comparison,
  { memory, host }: ResourceEnv,
  compare: () => Promise<boolean>,
): Promise<boolean> {
  if (memory.get(label) === stamp) return true;
  const settled = states.every((state) => isSettled(state, host.clock)); // As of now, and not as of after the comparison.
  const same = await compare();
  if (same && settled) memory.set(label, stamp);
  return same;
}
