// SPDX-License-Identifier: Apache-2.0
// Numbers that look random and are the same for the same seed.

import type { Random } from "../../contract/host.ts";

export function seededRandom(seed: number): Random {
  let state = seed | 0;
  // Mulberry32: one 32-bit number from the next state.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return { bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff) };
}
