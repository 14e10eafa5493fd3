// SPDX-License-Identifier: Apache-2.0
// Counting semaphores by name. Whoever wants several takes them in the order of their names, so nobody waits for somebody
// who waits for him. First come, first served; whoever does not want any longer leaves the queue at once.

import type { SemaphoreReference } from "../resource-graph/semaphores.ts";

interface Ticket<Holder> {
  readonly holder: Holder;
  /** Sorted by name, each name once. */
  readonly wants: readonly SemaphoreReference[];
  /** How many of them it has. */
  held: number;
}

interface Semaphore<Holder> {
  count: number;
  users: number;
  readonly queue: Ticket<Holder>[];
}

export class Semaphores<Holder> {
  readonly #byName = new Map<string, Semaphore<Holder>>();
  readonly #tickets = new Map<Holder, Ticket<Holder>>();
  readonly #onGranted: (holder: Holder) => void;

  /** `onGranted` is told who has got, after a wait, all that it wanted. */
  constructor(onGranted: (holder: Holder) => void) {
    this.#onGranted = onGranted;
  }

  /** True when the holder has all of them now. If not it waits, until it has them or gives up with `release`. */
  take(holder: Holder, references: readonly SemaphoreReference[]): boolean {
    const known = this.#tickets.get(holder);
    if (known !== undefined) return known.held === known.wants.length;
    const ticket = { holder, wants: sortedByName(references), held: 0 };
    this.#tickets.set(holder, ticket);
    return this.#advance(ticket);
  }

  /** Gives back all that the holder has, and its place in a queue. */
  release(holder: Holder): void {
    const ticket = this.#tickets.get(holder);
    if (ticket === undefined) return;
    this.#tickets.delete(holder);
    const next = ticket.wants[ticket.held];
    const queue = next === undefined ? [] : (this.#byName.get(next.name)?.queue ?? []);
    const place = queue.indexOf(ticket);
    if (place >= 0) queue.splice(place, 1);
    for (const { name } of ticket.wants.slice(0, ticket.held)) {
      const semaphore = this.#byName.get(name);
      if (semaphore === undefined) continue;
      semaphore.users -= 1;
      this.#serve(name, semaphore);
    }
  }

  /** Takes as many as are free, and queues for the first that is not. */
  #advance(ticket: Ticket<Holder>): boolean {
    for (;;) {
      const next = ticket.wants[ticket.held];
      if (next === undefined) return true;
      const semaphore = this.#open(next);
      if (semaphore.users >= semaphore.count) {
        semaphore.queue.push(ticket);
        return false;
      }
      semaphore.users += 1;
      ticket.held += 1;
    }
  }

  /** The count is that of the latest program. */
  #open({ name, count }: SemaphoreReference): Semaphore<Holder> {
    const known = this.#byName.get(name);
    if (known === undefined) {
      const semaphore = { count, users: 0, queue: [] };
      this.#byName.set(name, semaphore);
      return semaphore;
    }
    known.count = count;
    this.#serve(name, known);
    return known;
  }

  #serve(name: string, semaphore: Semaphore<Holder>): void {
    while (semaphore.users < semaphore.count) {
      const ticket = semaphore.queue.shift();
      if (ticket === undefined) break;
      semaphore.users += 1;
      ticket.held += 1;
      if (this.#advance(ticket)) this.#onGranted(ticket.holder);
    }
    if (semaphore.users === 0 && semaphore.queue.length === 0) this.#byName.delete(name);
  }
}

function sortedByName(references: readonly SemaphoreReference[]): readonly SemaphoreReference[] {
  const byName = new Map(references.map((reference) => [reference.name, reference]));
  return [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}
