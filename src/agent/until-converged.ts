// SPDX-License-Identifier: Apache-2.0
// When a run that ends by itself has done all that there was to do.

import type { Clock } from "../contract/host.ts";
import type { Engine } from "../engine/engine.ts";
import type { OwnExchange } from "../exchange/index.ts";

export interface ConvergingParts {
  readonly engine: Pick<Engine, "converged" | "whenConverged" | "report">;
  readonly exchange: Pick<OwnExchange, "followConvergence">;
  readonly clock: Clock;
  /** Whether the program listens to the world, and so may hear of what the run itself has done. */
  readonly mayHear: () => boolean;
}

/** So long it takes at the most, with some to spare, until a program knows what its own run has done on this host. */
const heardHereMs = 100;
/** And until a host knows that another one has work. */
const heardOfMs = 1000;

/**
 * Resolves when this host has been converged for that long, and for as long as it takes that the program hears of what was
 * done: what it has exported it may collect, what it has written it may read. Rejects when the signal aborts.
 */
export async function untilConverged(forMs: number, parts: ConvergingParts, signal: AbortSignal): Promise<void> {
  const { engine, mayHear } = parts;
  await engine.whenConverged(forMs, signal);
  const hasWorked = (): boolean => engine.report().some(({ steps }) => steps > 0);
  if (forMs < heardHereMs && mayHear() && hasWorked()) await engine.whenConverged(heardHereMs, signal);
}

/** Resolves when all hosts have been converged for that long, and for as long as it takes that each hears of it. */
export async function untilAllConverged(forMs: number, parts: ConvergingParts, signal: AbortSignal): Promise<void> {
  const { engine, exchange, clock } = parts;
  const { promise, resolve } = Promise.withResolvers<void>();
  let cancel = (): void => {};
  const listening = new AbortController();
  const follow = async (): Promise<void> => {
    for await (const all of exchange.followConvergence(AbortSignal.any([signal, listening.signal]))) {
      cancel();
      const end = (): void => {
        if (engine.converged) resolve();
      };
      cancel = all ? clock.after(Math.max(forMs, heardOfMs), end) : () => {};
    }
  };
  try {
    await Promise.race([promise, follow()]);
    signal.throwIfAborted();
  } finally {
    cancel();
    listening.abort();
  }
}
