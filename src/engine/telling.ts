// SPDX-License-Identifier: Apache-2.0
// Tells events to all who listen. What one of them throws costs it that event and nobody else anything: the run goes on.

import type { EngineEvent, Listener } from "../contract/event.ts";

/** What a listener throws is an event for all of them, once for each text. */
export function tellAll(...listeners: readonly Listener[]): Listener {
  const told = new Set<string>();
  const tell = (event: EngineEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (reason) {
        const message = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
        if (told.has(message)) continue;
        told.add(message);
        tell({ type: "mistake", of: "a listener of events", message });
      }
    }
  };
  return tell;
}
