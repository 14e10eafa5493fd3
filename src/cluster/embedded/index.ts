// SPDX-License-Identifier: Apache-2.0
// The store of a host that is a cluster by itself: a file, kept over restarts. One process writes it at a time, which
// the lock of the state directory sees to; others may look. What is asked for in one turn of the event loop is brought
// to the disk together.

import type { Cluster, Committed, KeyRange, Revision, Session, Transaction } from "../../contract/cluster.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock, Random } from "../../contract/host.ts";
import { Store } from "../store.ts";
import { SqliteTable } from "./table.ts";

export interface EmbeddedOptions {
  /** The file; made with its directory when something is first kept in it. */
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Looks at what there is, also while another process writes; refuses to keep anything. */
  readonly readOnly: boolean;
  /** A sentence for the person who runs the program: something of it was lost, and why. */
  readonly onTrouble: (message: string) => void;
}

export function embeddedCluster(options: EmbeddedOptions): Cluster {
  return new Embedded(options);
}

interface Waiting {
  readonly transaction: Transaction;
  readonly signal: AbortSignal;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (reason: unknown) => void;
}

class Embedded implements Cluster {
  readonly isShared = false;
  readonly #options: EmbeddedOptions;
  readonly #sessions = new Set<string>();
  #opened: Store | undefined;
  #waiting: Waiting[] = [];
  #isClosed = false;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  async read(range: KeyRange, signal: AbortSignal) {
    signal.throwIfAborted();
    return this.#try(() => this.#store().read(range));
  }

  commit(transaction: Transaction, signal: AbortSignal): Promise<Committed> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#options.readOnly) return Promise.reject(this.#mayOnlyLook());
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ transaction, signal, resolve, reject }) === 1) setImmediate(() => this.#flush());
    });
  }

  async *watch(range: KeyRange, after: Revision | undefined, signal: AbortSignal) {
    yield* this.#try(() => this.#store()).watch(range, after, signal);
  }

  async openSession(ttlMs: number, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    const { random, readOnly } = this.#options;
    if (readOnly) throw this.#mayOnlyLook();
    const id = Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const store = this.#store();
    const over = this.#try(() => store.openSession({ id, ttlMs }));
    this.#sessions.add(id);
    over.addEventListener("abort", () => this.#sessions.delete(id), { once: true });
    return {
      id,
      over,
      end: async (ending) => {
        ending.throwIfAborted();
        this.#try(() => store.endSession(id));
      },
      leave: () => {
        this.#sessions.delete(id);
        store.leaveSession(id);
      },
    };
  }

  async close(): Promise<void> {
    this.#flush();
    this.#isClosed = true;
    this.#opened?.close();
  }

  #flush(): void {
    const waiting = this.#waiting.filter(({ signal, reject }) => {
      if (signal.aborted) reject(signal.reason);
      return !signal.aborted;
    });
    this.#waiting = [];
    if (waiting.length === 0) return;
    try {
      const answers = this.#try(() => this.#store().commit(waiting.map(({ transaction }) => transaction)));
      answers.forEach((answer, at) => {
        if (answer instanceof Failure) waiting[at]?.reject(answer);
        else waiting[at]?.resolve(answer);
      });
    } catch (reason) {
      for (const { reject } of waiting) reject(reason);
    }
  }

  #store(): Store {
    if (this.#isClosed) throw new Failure("The store is closed.", { code: "unreachable" });
    if (this.#opened !== undefined) return this.#opened;
    const { path, clock, readOnly, onTrouble } = this.#options;
    const onAside = (movedTo: string, why: string): void => {
      onTrouble(`the store ${path} cannot be used, because ${why}; it was moved to ${movedTo} and a new one begun`);
    };
    this.#opened = new Store(new SqliteTable({ path, readOnly, onAside }), clock);
    return this.#opened;
  }

  #try<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (reason) {
      throw this.#failureFrom(reason);
    }
  }

  #failureFrom(reason: unknown): unknown {
    if (!(reason instanceof Error) || !("errcode" in reason || "errno" in reason)) return reason;
    const number = "errcode" in reason && typeof reason.errcode === "number" ? reason.errcode & 0xff : undefined;
    const code = number === 13 ? "full" : number === 8 ? "read-only" : number === 5 ? "busy" : "unexpected";
    return new Failure(`${this.#options.path} cannot be used: ${reason.message}.`, {
      code,
      hint: "Look at the disk of the state directory, and whether it belongs to you.",
      retry: "backoff",
      cause: reason,
    });
  }

  #mayOnlyLook(): Failure {
    return new Failure("Nothing is shared with other hosts while nothing may be changed.", {
      code: "read-only",
      hint: "A run with --noop does not change its store either.",
    });
  }
}
