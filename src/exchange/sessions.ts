// SPDX-License-Identifier: Apache-2.0
// The sessions of this host, one for all keys that are to go alike.

import type { Session } from "../contract/cluster.ts";
import type { Connection } from "./connection.ts";

/** What is to become of the keys when this host goes in order: they go at once, or after their time. */
type AtEnd = "end" | "leave";

export class Sessions {
  readonly #connection: Connection;
  readonly #open = new Map<string, { readonly session: Promise<Session>; readonly atEnd: AtEnd }>();

  readonly #ids = new Map<string, AbortSignal>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether it is one of this run. */
  isOurs(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Whether it is one of this run that is not over, as far as is known. */
  isAlive(id: string): boolean {
    return this.#ids.get(id)?.aborted === false;
  }

  /** One that is alive, as far as is known. */
  async get(ttlMs: number, atEnd: AtEnd): Promise<Session> {
    const name = `${ttlMs} ${atEnd}`;
    const known = this.#open.get(name);
    if (known !== undefined) {
      const session = await known.session;
      if (!session.over.aborted) return session;
      if (this.#open.get(name) === known) this.#open.delete(name);
      return this.get(ttlMs, atEnd);
    }
    const opened = { session: this.#connection.openSession(ttlMs, this.#connection.closing), atEnd };
    this.#open.set(name, opened);
    try {
      const session = await opened.session;
      this.#ids.set(session.id, session.over);
      return session;
    } catch (reason) {
      if (this.#open.get(name) === opened) this.#open.delete(name);
      throw reason;
    }
  }

  /** In order. What cannot be ended goes after its time. */
  async close(signal: AbortSignal): Promise<void> {
    const ending = [...this.#open.values()].map(async ({ session, atEnd }) => {
      const opened = await session;
      if (atEnd === "leave") opened.leave();
      else await this.#connection.endSession(opened, signal);
    });
    this.#open.clear();
    await Promise.allSettled(ending);
  }
}
