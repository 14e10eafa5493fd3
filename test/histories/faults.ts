// SPDX-License-Identifier: Apache-2.0
// What is done to a store and its clients in one history, when and for how long: all of it by its seed. Pure.

import { Dice } from "./dice.ts";

export interface Plan {
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
}

export interface PlannedFault {
  readonly kind: string;
  readonly fromMs: number;
  readonly forMs: number;
  /** For what is left open: which of several. */
  readonly seed: number;
}

/** Each kind comes first in one of as many plans; others come beside it. */
export function planOf(seed: number, kinds: readonly string[]): Plan {
  const dice = new Dice(seed);
  const first = kinds[seed % kinds.length] as string;
  const others = Array.from({ length: dice.between(1, 2) }, () => dice.pick(kinds));
  const faults = [first, ...others].map((kind, at): PlannedFault => {
    const forMs = dice.between(300, at === 0 ? 3500 : 2000);
    return { kind, fromMs: dice.between(400, 900) + at * dice.between(300, 1500), forMs, seed: dice.below(2 ** 31) };
  });
  return { seed, faults };
}

export function renderPlan({ faults }: Plan): string {
  return faults.map(({ kind, fromMs, forMs }) => `${kind} ${fromMs}+${forMs} ms`).join(", ");
}
