// SPDX-License-Identifier: Apache-2.0
// The way to the store: bounds how long anything takes, and knows whether the store can be reached. When it cannot, one
// probe asks again and again, ever more rarely; whoever waits is told when it answers.

import type { Cluster, Committed, KeyRange, Session, Snapshot, Transaction } from "../contract/cluster.ts";
import { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import { nothingKey } from "./keys.ts";

const patienceMs = 5000;
const firstProbeMs = 100;
const rarestProbeMs = 10_000;

export interface ConnectionOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** A sentence for the person who runs the program: the store is lost, or there again. */
  readonly onTrouble: (message: string) => void;
  /** Of somebody who is no host: nothing is in force, and what fails is said by itself; only a long wait is told. */
  readonly isVisitor?: boolean;
}

/** What was asked for has failed by then. */
const visitorsWaitMs = 2 * patienceMs;

export class Connection {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly #onTrouble: (message: string) => void;
  readonly #isVisitor: boolean;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #lossListeners = new Set<() => void>();
  #isLost = false;
  #lostMs: number | undefined;
  /** Told only when the first probe finds nobody either: watches break for many reasons. */
  #why: string | undefined;
  #isTold = false;
  /** How often it was lost, and when the last time by the monotonic clock. */
  #losses = 0;
  #sinceMs = 0;

  constructor({ cluster, clock, onTrouble, isVisitor = false }: ConnectionOptions) {
    this.cluster = cluster;
    this.clock = clock;
    this.#onTrouble = onTrouble;
    this.#isVisitor = isVisitor;
  }

  /** Aborts with the end of everything. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Since when the store cannot be reached, by `Clock.now`; undefined: it can, as far as is known. */
  get lostMs(): number | undefined {
    return this.#lostMs;
  }

  read(range: KeyRange, signal: AbortSignal): Promise<Snapshot> {
    return this.#ask(signal, (bounded) => this.cluster.read(range, bounded));
  }

  commit(transaction: Transaction, signal: AbortSignal): Promise<Committed> {
    return this.#ask(signal, (bounded) => this.cluster.commit(transaction, bounded));
  }

  openSession(ttlMs: number, signal: AbortSignal): Promise<Session> {
    return this.#ask(signal, (bounded) => this.cluster.openSession(ttlMs, bounded));
  }

  endSession(session: Session, signal: AbortSignal): Promise<void> {
    return this.#ask(signal, (bounded) => session.end(bounded));
  }

  /** Calls each time when the store can be reached again. The returned function ends that. */
  onReachable(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls each time when it cannot be reached any more. The returned function ends that. */
  onLost(listener: () => void): () => void {
    this.#lossListeners.add(listener);
    return () => this.#lossListeners.delete(listener);
  }

  /** Something was refused: finds out when it is worth another attempt. */
  lost(reason: unknown): void {
    if (this.#isLost || this.closing.aborted) return;
    this.#isLost = true;
    this.#lostMs = this.clock.now();
    this.#sinceMs = this.clock.monotonicMs();
    this.#losses += 1;
    this.#why = reason instanceof Error ? reason.message : String(reason);
    this.#probe(firstProbeMs);
    for (const listener of this.#lossListeners) listener();
  }

  /** To the person who runs the program. */
  tell(message: string): void {
    this.#onTrouble(message);
  }

  /** A run that ends before the first probe has been answered says what it went without. */
  close(): void {
    if (this.#isLost) this.#tellLoss();
    this.#closing.abort();
    this.#listeners.clear();
    this.#lossListeners.clear();
  }

  #probe(pauseMs: number): void {
    const loss = this.#losses;
    const isSameLoss = (): boolean => this.#isLost && loss === this.#losses;
    const cancel = this.clock.after(pauseMs, () => {
      this.closing.removeEventListener("abort", cancel);
      if (!isSameLoss()) return;
      const again = (): void => {
        if (!isSameLoss()) return;
        this.#tellLoss();
        if (!this.closing.aborted) this.#probe(Math.min(pauseMs * 2, rarestProbeMs));
      };
      this.#bounded(this.closing, (bounded) => this.cluster.read({ key: nothingKey }, bounded)).then(
        this.#found,
        again,
      );
    });
    this.closing.addEventListener("abort", cancel, { once: true });
  }

  readonly #found = (): void => {
    if (this.closing.aborted || !this.#isLost) return;
    this.#isLost = false;
    this.#lostMs = undefined;
    if (this.#isTold) this.#onTrouble("the cluster's store answers again");
    this.#isTold = false;
    for (const listener of this.#listeners) listener();
  };

  #tellLoss(): void {
    if (this.#isTold || this.closing.aborted) return;
    if (this.#isVisitor && this.clock.monotonicMs() - this.#sinceMs < visitorsWaitMs) return;
    this.#isTold = true;
    const meanwhile = this.#isVisitor
      ? "it is waited for"
      : "what was known of other hosts stays in force until it does";
    this.#onTrouble(`${this.#why?.replace(/\.$/, "") ?? ""}: ${meanwhile}`);
  }

  async #ask<Result>(signal: AbortSignal, work: (bounded: AbortSignal) => Promise<Result>): Promise<Result> {
    try {
      const result = await this.#bounded(signal, work);
      // Nobody has to wait for the next probe; but what fails again and again must not be begun as often as others ask.
      if (this.#isLost && this.clock.monotonicMs() - this.#sinceMs >= firstProbeMs) this.#found();
      return result;
    } catch (reason) {
      if (isOutage(reason)) this.lost(reason);
      throw reason;
    }
  }

  async #bounded<Result>(signal: AbortSignal, work: (bounded: AbortSignal) => Promise<Result>): Promise<Result> {
    const limit = new AbortController();
    const cancel = this.clock.after(patienceMs, () => limit.abort(tooLong()));
    try {
      return await work(AbortSignal.any([signal, limit.signal]));
    } finally {
      cancel();
    }
  }
}

/** Another attempt may help, whatever is asked for. */
export function isOutage(reason: unknown): boolean {
  return reason instanceof Failure && (reason.code === "unreachable" || reason.code === "timed-out");
}

export function tooLong(): Failure {
  return new Failure(`The cluster's store does not answer within ${patienceMs / 1000} seconds.`, {
    code: "timed-out",
    hint: "Look at the network, and whether the hosts that keep the store are up.",
    retry: "backoff",
  });
}

export const mostPatienceMs = patienceMs;
