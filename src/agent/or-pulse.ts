// SPDX-License-Identifier: Apache-2.0
// Items and pulses in one stream.

import type { Pulses } from "../base/pulse.ts";

/** The items as they come, each asked for when the one before is done with; and undefined for pulses in between. */
export async function* orPulse<Item>(items: AsyncGenerator<Item>, pulses: Pulses): AsyncGenerator<Item | undefined> {
  let item: IteratorResult<Item> | undefined;
  let pending = false;
  let pulsed = false;
  let failure: { readonly reason: unknown } | undefined;
  // Not `Promise.race`: a promise that lives as long as the run would keep a reaction for each item.
  let wake = (): void => {};
  const fail = (reason: unknown): void => {
    failure = { reason };
    wake();
  };
  const listen = async (): Promise<void> => {
    for await (const _ of pulses) {
      pulsed = true;
      wake();
    }
  };
  listen().catch(fail);
  try {
    for (;;) {
      if (!pending && item === undefined) {
        pending = true;
        items.next().then((result) => {
          pending = false;
          item = result;
          wake();
        }, fail);
      }
      if (item === undefined && !pulsed && failure === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (failure !== undefined) throw failure.reason;
      if (item !== undefined) {
        const result = item;
        item = undefined;
        if (result.done === true) return;
        yield result.value;
      } else if (pulsed) {
        pulsed = false;
        yield undefined;
      }
    }
  } finally {
    pulses.end();
    if (!pending) await items.return(undefined); // Else it ends with its signal.
  }
}
