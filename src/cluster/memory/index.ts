// SPDX-License-Identifier: Apache-2.0
// The store of a cluster whose hosts are simulated in one process: each has a door of its own, which a test can shut.

import type {
  Cluster,
  Committed,
  KeyRange,
  Revision,
  Session,
  Transaction,
  WatchItem,
} from "../../contract/cluster.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import { Store } from "../store.ts";
import { MemoryTable } from "./table.ts";

export interface MemoryCluster {
  /** Another way in, for one host. */
  door(): MemoryDoor;
  /** Forgets what happened up to now: who was away has to read everything again. */
  compact(): void;
  readonly revision: Revision;
}

export interface MemoryDoor extends Cluster {
  /** The network is gone: everything fails, watches break, sessions are not kept alive. */
  cutOff(): void;
  /** Nothing is answered, nothing is told. */
  stall(): void;
  /** The end of `cutOff` and `stall`. */
  heal(): void;
  /** Watches break once, as when a server goes and another one takes over. */
  breakWatches(): void;
  /** The next so many transactions are made, but the answer is lost. */
  loseAnswers(count: number): void;
  /** The host is gone without a word. Its door never opens again. */
  crash(): void;
}

export function memoryCluster(clock: Clock): MemoryCluster {
  const store = new Store(new MemoryTable(), clock);
  let doors = 0;
  return {
    door: () => new Door(store, `${(doors += 1)}`),
    compact: () => store.compact(),
    get revision() {
      return store.revision;
    },
  };
}

class Door implements MemoryDoor {
  readonly isShared = true;
  readonly #store: Store;
  readonly #name: string;
  readonly #sessions = new Set<string>();
  #opened = 0;
  #state: "open" | "cut off" | "stalled" | "gone" = "open";
  #connection = new AbortController();
  /** Resolves when a stalled door opens again. */
  #answering = Promise.resolve();
  #answer: () => void = () => {};
  #answersToLose = 0;

  constructor(store: Store, name: string) {
    this.#store = store;
    this.#name = name;
  }

  async read(range: KeyRange, signal: AbortSignal) {
    await this.#reach(signal);
    return this.#store.read(range);
  }

  async commit(transaction: Transaction, signal: AbortSignal): Promise<Committed> {
    await this.#reach(signal);
    const [answer] = this.#store.commit([transaction]);
    if (this.#answersToLose > 0) {
      this.#answersToLose -= 1;
      throw unreachable();
    }
    if (answer === undefined || answer instanceof Failure) throw answer ?? unreachable();
    return answer;
  }

  async *watch(
    range: KeyRange,
    after: Revision | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<WatchItem, void, undefined> {
    await this.#reach(signal);
    const connection = this.#connection.signal;
    for await (const item of this.#store.watch(range, after, AbortSignal.any([signal, connection]))) {
      await this.#answering;
      yield item;
    }
    if (!signal.aborted && connection.aborted) throw unreachable();
  }

  async openSession(ttlMs: number, signal: AbortSignal): Promise<Session> {
    await this.#reach(signal);
    const id = `${this.#name}-${(this.#opened += 1)}`;
    const over = this.#store.openSession({ id, ttlMs });
    this.#sessions.add(id);
    over.addEventListener("abort", () => this.#sessions.delete(id), { once: true });
    return {
      id,
      over,
      end: async (ending) => {
        await this.#reach(ending);
        this.#store.endSession(id);
      },
      leave: () => {
        this.#sessions.delete(id);
        this.#store.leaveSession(id);
      },
    };
  }

  async close(): Promise<void> {
    this.crash();
  }

  // ---- Faults ----

  cutOff(): void {
    if (this.#state === "gone") return;
    this.#state = "cut off";
    this.#answer();
    this.breakWatches();
    for (const id of this.#sessions) this.#store.leaveSession(id);
  }

  stall(): void {
    if (this.#state !== "open") return;
    this.#state = "stalled";
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answering = promise;
    this.#answer = resolve;
    for (const id of this.#sessions) this.#store.leaveSession(id);
  }

  heal(): void {
    if (this.#state === "gone") return;
    this.#state = "open";
    this.#answer();
    for (const id of this.#sessions) this.#store.resumeSession(id);
  }

  breakWatches(): void {
    this.#connection.abort();
    this.#connection = new AbortController();
  }

  loseAnswers(count: number): void {
    this.#answersToLose = count;
  }

  crash(): void {
    this.cutOff();
    this.#state = "gone";
    this.#sessions.clear();
  }

  async #reach(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#state === "stalled") await answeredOrAborted(this.#answering, signal);
    if (this.#state !== "open") throw unreachable();
  }
}

function answeredOrAborted(answering: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    answering.then(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, reject);
  });
}

function unreachable(): Failure {
  return new Failure("The cluster's store does not answer.", {
    code: "unreachable",
    hint: "Look at the network, and whether the hosts that keep the store are up.",
    retry: "backoff",
  });
}
