// SPDX-License-Identifier: Apache-2.0
// Several watches as one: the first pulse comes when all of them are armed, then one whenever any of them tells something.
// Ends with the first that ends, for the rest alone would miss something.

import { Pulses } from "./pulse.ts";

/** Each source begins with an item that says it is armed. One that fails makes the reader throw. */
export async function* joinPulses(
  signal: AbortSignal,
  sources: readonly ((signal: AbortSignal) => AsyncIterable<unknown>)[],
): AsyncGenerator<void, undefined, undefined> {
  const ended = new AbortController();
  const living = AbortSignal.any([signal, ended.signal]);
  const pulses = new Pulses(living);
  let unarmed = sources.length;
  const tasks = sources.map(async (source) => {
    let isArmed = false;
    try {
      for await (const _ of source(living)) {
        if (!isArmed) unarmed -= 1;
        isArmed = true;
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
