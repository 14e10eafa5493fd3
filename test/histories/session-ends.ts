// SPDX-License-Identifier: Apache-2.0
// At which revision each session can have ended, by what was seen of its keys: they go all at once, at a revision that is
// no transaction's. Pure.

import type { Revision } from "../../src/contract/cluster.ts";
import type { Violation } from "./history.ts";

interface Bounds {
  /** Its keys are there at this revision … */
  there: Revision;
  thereBy: string;
  /** … and gone at this one. */
  gone: Revision;
  goneBy: string;
}

export class SessionEnds {
  readonly #bounds = new Map<string, Bounds>();
  readonly #taken: ReadonlySet<Revision>;

  /** `taken`: the revisions of transactions. */
  constructor(taken: ReadonlySet<Revision>) {
    this.#taken = taken;
  }

  there(session: string, revision: Revision, why: string): void {
    const bounds = this.#of(session);
    if (revision > bounds.there) [bounds.there, bounds.thereBy] = [revision, why];
  }

  gone(session: string, revision: Revision, why: string): void {
    const bounds = this.#of(session);
    if (revision < bounds.gone) [bounds.gone, bounds.goneBy] = [revision, why];
  }

  isThere(session: string, revision: Revision): boolean {
    return this.#of(session).there >= revision;
  }

  isGone(session: string, revision: Revision): boolean {
    return this.#of(session).gone <= revision;
  }

  get violations(): readonly Violation[] {
    return [...this.#bounds].flatMap(([session, bounds]): readonly Violation[] => {
      const { there, thereBy, gone, goneBy } = bounds;
      if (gone === Number.POSITIVE_INFINITY) return [];
      for (let at = there + 1; at <= gone; at += 1) if (!this.#taken.has(at)) return [];
      const text = `keys of session ${session} are there at ${there} (${thereBy}) and gone at ${gone} (${goneBy})`;
      return [{ property: "session", text }];
    });
  }

  #of(session: string): Bounds {
    const known = this.#bounds.get(session);
    if (known !== undefined) return known;
    const bounds = { there: -1, thereBy: "", gone: Number.POSITIVE_INFINITY, goneBy: "" };
    this.#bounds.set(session, bounds);
    return bounds;
  }
}
