// SPDX-License-Identifier: Apache-2.0
// Who gives up a place when all are taken and somebody comes: the one that has been there longest of those that got nowhere
// since they were looked at. So whoever only holds places cannot keep others out. Ends nobody itself.

export class Places<Holder> {
  readonly #most: number;
  readonly #progress: (holder: Holder) => number;
  /** With the progress of each when it was looked at last; who is looked at next is first. */
  readonly #seen = new Map<Holder, number>();

  /** `progress` is another number whenever the holder has got on. */
  constructor(most: number, progress: (holder: Holder) => number) {
    this.#most = most;
    this.#progress = progress;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** Gives whom the caller must end: nobody, one of the others, or, when all of them got on, the one that comes. */
  take(holder: Holder): Holder | undefined {
    const loser = this.#seen.size < this.#most ? undefined : this.#silent();
    if (this.#seen.size >= this.#most && loser === undefined) return holder;
    if (loser !== undefined) this.#seen.delete(loser);
    this.#seen.set(holder, this.#progress(holder));
    return loser;
  }

  /** Whether it had a place. */
  leave(holder: Holder): boolean {
    return this.#seen.delete(holder);
  }

  all(): readonly Holder[] {
    return [...this.#seen.keys()];
  }

  /** Looks once around at the most; who got on is looked at again after all others. */
  #silent(): Holder | undefined {
    let left = this.#seen.size;
    for (const [holder, before] of this.#seen) {
      const now = this.#progress(holder);
      if (now === before) return holder;
      this.#seen.delete(holder);
      this.#seen.set(holder, now);
      left -= 1;
      if (left === 0) return undefined;
    }
    return undefined;
  }
}
