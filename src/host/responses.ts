// SPDX-License-Identifier: Apache-2.0
// What was heard from servers in this run, for all local stores.

import { Pulses } from "../base/pulse.ts";
import type { HeardResponse, Responses } from "../contract/local-store.ts";

export function createResponses(): Responses {
  const heard = new Map<string, HeardResponse>();
  const watches = new Map<string, Set<Pulses>>();
  return {
    get: (name) => heard.get(name),
    set(name, response) {
      heard.set(name, response);
      for (const pulses of watches.get(name) ?? []) pulses.pulse();
    },
    changes(name, signal) {
      const present = watches.get(name) ?? new Set();
      watches.set(name, present);
      const pulses: Pulses = new Pulses(signal, () => {
        present.delete(pulses);
        if (present.size === 0 && watches.get(name) === present) watches.delete(name);
      });
      present.add(pulses);
      pulses.pulse();
      return pulses;
    },
  };
}
