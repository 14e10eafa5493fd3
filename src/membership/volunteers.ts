// SPDX-License-Identifier: Apache-2.0
// Hosts that would keep the store, and for how long each has been seen here without a break. Whoever keeps the store looks
// on, so that the next one who decides knows them already.

import type { Revision } from "../contract/cluster.ts";
import type { Clock } from "../contract/host.ts";
import { partsAfter, volunteersPrefix } from "../exchange/keys.ts";
import type { Mirrors } from "../exchange/mirrors.ts";
import { type Offer, parseOffer } from "./records.ts";

export interface SeenVolunteer {
  readonly host: string;
  readonly offer: Offer;
  readonly aliveMs: number;
}

interface Seen {
  /** It was there without a break since then. */
  readonly created: Revision;
  readonly sinceMs: number;
  readonly offer: Offer;
}

export class Volunteers {
  readonly #clock: Clock;
  #seen = new Map<string, Seen>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get all(): readonly SeenVolunteer[] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#seen].map(([host, { offer, sinceMs }]) => ({ host, offer, aliveMs: nowMs - sinceMs }));
  }

  offerOf(host: string): Offer | undefined {
    return this.#seen.get(host)?.offer;
  }

  /** `onChange`: somebody came, went, or has another offer. */
  async look(mirrors: Mirrors, onChange: () => void, signal: AbortSignal): Promise<void> {
    const { pulses, views } = mirrors.changes([{ prefix: volunteersPrefix }], signal, { patient: true });
    for await (const _ of pulses) {
      const seen = new Map<string, Seen>();
      for (const [key, { value, created }] of views[0]?.entries?.from(volunteersPrefix) ?? []) {
        const host = partsAfter(volunteersPrefix, key)[0] ?? "";
        const offer = parseOffer(value);
        if (offer === undefined) continue;
        const former = this.#seen.get(host);
        const sinceMs = former?.created === created ? former.sinceMs : this.#clock.monotonicMs();
        seen.set(host, { created, sinceMs, offer });
      }
      this.#seen = seen;
      onChange();
    }
  }
}
