// SPDX-License-Identifier: Apache-2.0
// Which of the entries of a journal a person reads.

import type { Written } from "../journal/entry.ts";

/** Leaves out that a resource is as declared right after the steps that made it so. To be asked in order. */
export class News {
  readonly #changed = new Set<string>();

  isNew(event: Written): boolean {
    switch (event.type) {
      case "applied":
        this.#changed.add(event.resource);
        return true;
      case "settled":
        return !this.#changed.delete(event.resource);
      case "failed":
      case "blocked":
        this.#changed.delete(event.resource);
        return true;
      default:
        return true;
    }
  }
}
