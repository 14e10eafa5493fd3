// SPDX-License-Identifier: Apache-2.0
// Several watches as one: for kinds whose resources are in more than one place.

import { Pulses } from "../base/pulse.ts";

/** Armed when all of them are; ends with the first that does, and fails with the first that fails. */
export async function* watchSeveral(
  watches: readonly ((signal: AbortSignal) => AsyncIterable<void>)[],
  signal: AbortSignal,
): AsyncIterable<void> {
  const ended = new AbortController();
  const living = AbortSignal.any([signal, ended.signal]);
  const pulses = new Pulses(living);
  let unarmed = watches.length;
  const tasks = watches.map(async (watch) => {
    let armed = false;
    try {
      for await (const _ of watch(living)) {
        if (!armed) unarmed -= 1;
        armed = true;
        if (unarmed === 0) pulses.pulse();
      }
      pulses.end();
    } catch (reason) {
      if (!living.aborted) pulses.fail(reason);
    }
  });
  try {
    yield* pulses;
  } finally {
    ended.abort();
    await Promise.all(tasks);
  }
}
