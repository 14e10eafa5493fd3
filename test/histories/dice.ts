// SPDX-License-Identifier: Apache-2.0
// Choices that look random and are the same for the same seed.

import type { Random } from "../../src/contract/host.ts";
import { seededRandom } from "../../src/host/memory/random.ts";

export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 on. */
  below(limit: number): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#random.bytes(4);
    return Math.floor((((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / (2 ** 32 / limit));
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  shuffled<Item>(items: readonly Item[]): readonly Item[] {
    const left = [...items];
    return items.map(() => left.splice(this.below(left.length), 1)[0] as Item);
  }
}
