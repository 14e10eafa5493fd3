// SPDX-License-Identifier: Apache-2.0
// Failures that may be over in an instant: who removes a directory with its files makes us fail at a file, until we have
// seen that the directory is gone as well. Such a failure is told a moment later, if it is still one.

import type { EngineEvent } from "../contract/event.ts";
import type { Clock } from "../contract/host.ts";

type Failed = Extract<EngineEvent, { readonly type: "failed" }>;

/** Milliseconds; a failure must last twice as long to be told, which is less than a person notices. */
export const momentMs = 100;

export class PassingFailures {
  readonly #clock: Pick<Clock, "after">;
  readonly #tell: (event: Failed) => void;
  /** Resources that were as declared before. What fails from the start does not pass by itself, so it is told at once. */
  readonly #wereSettled = new Set<string>();
  readonly #held = new Map<string, { readonly event: Failed; readonly cancel: () => void }>();

  constructor(clock: Pick<Clock, "after">, tell: (event: Failed) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Takes every event, in order; tells those failures that `tell` is to have. */
  notice(event: EngineEvent): void {
    switch (event.type) {
      case "settled":
        this.#drop(event.resource);
        this.#wereSettled.add(event.resource);
        break;
      case "removed":
        this.#drop(event.resource);
        this.#wereSettled.delete(event.resource);
        break;
      case "failed":
        this.#take(event);
        break;
      default:
        break;
    }
  }

  /** At the end nothing passes any more. */
  tellAll(): void {
    for (const { event } of this.#held.values()) {
      this.#drop(event.resource);
      this.#tell(event);
    }
  }

  #take(event: Failed): void {
    const { resource } = event;
    // What fails as before, because something happened once more, is no news.
    if (event.repeated) return;
    if (!this.#wereSettled.has(resource)) {
      this.#tell(event);
      return;
    }
    this.#drop(resource);
    const tell = (): void => {
      this.#held.delete(resource);
      this.#tell(event);
    };
    const wait = (then: () => void): void => {
      this.#held.set(resource, { event, cancel: this.#clock.after(momentMs, then) });
    };
    // Twice: on a busy machine both may be long over when we get to run, and what has passed is heard between them.
    wait(() => wait(tell));
  }

  #drop(resource: string): void {
    this.#held.get(resource)?.cancel();
    this.#held.delete(resource);
  }
}
