// SPDX-License-Identifier: Apache-2.0
// A client that does what comes to its mind: it reads, puts, deletes, compares, holds sessions, follows ranges and takes part
// in a schedule. All of it is noted, and it expects nothing of what comes back; whether that was right is told by
// `check.ts`.

import type { Change, Cluster, Entry, Session } from "../../src/contract/cluster.ts";
import type { Clock } from "../../src/contract/host.ts";
import { Failure } from "../../src/contract/failure.ts";
import { createExchange, type OwnExchange } from "../../src/exchange/index.ts";
import { tableKey } from "./convergence.ts";
import { Dice } from "./dice.ts";
import type { Note } from "./recorded-cluster.ts";

/** For which hosts are chosen, and how many. */
export const duty = { namespace: "duty", most: 1, ttlSeconds: 2 } as const;
const everything = { prefix: "/shared/" } as const;
const keys = ["a", "b", "c", "d", "e", "f"].map((name) => `/shared/${name}`);
const sessionKeys = ["p", "q", "r", "s"].map((name) => `/shared/session-${name}`);
const sessionTtlMs = 2000;
/** Between two calls of one hand. */
const pauseMs = { least: 4, most: 90 } as const;
const hands = 3;

export interface ClientOptions {
  /** That of no other client, also not of one that was killed. */
  readonly name: string;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly seed: number;
  readonly note: Note;
}

export class Client {
  readonly #options: ClientOptions;
  readonly #dice: Dice;
  readonly #exchange: OwnExchange;
  /** Aborts when nothing is to be asked any more, and when it is to end. */
  readonly #resting = new AbortController();
  readonly #ending = new AbortController();
  #tasks: Promise<unknown>[] = [];
  #session: Promise<Session> | undefined;
  #values = 0;
  #known: readonly Entry[] = [];
  #revisions: number[] = [];
  #chosen: readonly string[] = [];
  #table: ReadonlyMap<string, string> = new Map();
  #isCandidate = true;

  constructor(options: ClientOptions) {
    const { name, cluster, clock, seed } = options;
    this.#options = options;
    this.#dice = new Dice(seed);
    this.#exchange = createExchange({ cluster, hostname: name, clock, onTrouble: () => {} });
  }

  start(): void {
    const resting = this.#resting.signal;
    for (let hand = 0; hand < hands; hand += 1) this.#run(() => this.#again(resting, () => this.#act()));
    this.#run(() => this.#again(resting, () => this.#lookBack()));
    this.#run(() => this.#follow());
    this.#run(() => this.#attend());
    this.#run(() => this.#followChosen());
    this.#run(() => this.#followTable());
    this.#run(() => this.#again(resting, () => this.#tellStatus()));
  }

  /** Asks for nothing more. What is followed is followed on. */
  async rest(): Promise<void> {
    this.#resting.abort();
    await this.#options.clock.sleep(50, this.#ending.signal);
  }

  /** Notes what it knows. */
  async look(): Promise<void> {
    const snapshot = await this.#options.cluster.read({ prefix: "/" }, this.#ending.signal);
    this.#options.note({
      what: "at-rest",
      view: {
        snapshot,
        chosen: { [duty.namespace]: this.#chosen },
        table: Object.fromEntries(this.#table),
      },
    });
  }

  async end(): Promise<void> {
    this.#resting.abort();
    this.#ending.abort();
    await Promise.allSettled(this.#tasks);
    await this.#exchange.close();
  }

  // ---- Calls ----

  async #act(): Promise<void> {
    const { cluster } = this.#options;
    const { signal } = this.#ending;
    const key = this.#dice.pick(keys);
    const die = this.#dice.below(100);
    if (die < 22) return this.#read();
    if (die < 40) return this.#commit([this.#put(key)]);
    if (die < 50) return this.#commit([{ do: "delete", key }]);
    if (die < 70) return this.#compare();
    if (die < 82) {
      const several = this.#dice.shuffled(keys).slice(0, this.#dice.between(2, 4));
      return this.#commit(
        several.map((each) => (this.#dice.below(5) === 0 ? { do: "delete", key: each } : this.#put(each))),
      );
    }
    const session = await this.#ownSession();
    if (die < 95) {
      const several = this.#dice.shuffled(sessionKeys).slice(0, this.#dice.between(1, 2));
      return this.#commit(several.map((each) => ({ ...this.#put(each), session: session.id })));
    }
    if (die < 97) return this.#commit([{ do: "delete", key: this.#dice.pick(sessionKeys) }]);
    this.#session = undefined;
    if (die < 98) session.leave();
    else await session.end(signal);
    await cluster.read({ prefix: "/shared/session-" }, signal);
  }

  async #read(): Promise<void> {
    const range = this.#dice.below(3) === 0 ? { key: this.#dice.pick([...keys, ...sessionKeys]) } : everything;
    const { revision, entries } = await this.#options.cluster.read(range, this.#ending.signal);
    this.#known = entries.filter(({ session }) => session === undefined);
    this.#revisions = [...this.#revisions.slice(-20), revision];
  }

  /** With what it knows, which may be old. */
  async #compare(): Promise<void> {
    const known = this.#known.length === 0 || this.#dice.below(6) === 0 ? undefined : this.#dice.pick(this.#known);
    const key = known?.key ?? this.#dice.pick(keys);
    const conditions = [{ key, changed: known?.changed ?? 0 }];
    const changes = this.#dice.below(5) === 0 ? [{ do: "delete", key } as const] : [this.#put(key)];
    await this.#commit(changes, conditions);
    if (this.#dice.below(3) > 0) await this.#read();
  }

  async #commit(
    changes: readonly Change[],
    conditions: readonly { key: string; changed: number }[] = [],
  ): Promise<void> {
    await this.#options.cluster.commit({ conditions, changes }, this.#ending.signal);
  }

  #put(key: string) {
    return { do: "put", key, value: this.#nextValue() } as const;
  }

  /** No two are the same; long enough that the store's files grow. */
  #nextValue(): string {
    this.#values += 1;
    return `${this.#options.name} ${this.#values} ${"x".repeat(this.#dice.below(400))}`;
  }

  async #ownSession(): Promise<Session> {
    const known = this.#session;
    if (known !== undefined && !(await known).over.aborted) return known;
    const opening = this.#options.cluster.openSession(sessionTtlMs, this.#ending.signal);
    if (this.#session === known) this.#session = opening;
    opening.catch(() => {
      if (this.#session === opening) this.#session = undefined;
    });
    return opening;
  }

  // ---- Following ----

  /** Begins behind what it was told when that breaks. */
  async #follow(): Promise<void> {
    let after: number | undefined;
    await this.#again(this.#ending.signal, async () => {
      for await (const item of this.#options.cluster.watch(everything, after, this.#ending.signal)) {
        after = item.kind === "compacted" ? undefined : item.revision;
        if (item.kind === "changes") this.#revisions = [...this.#revisions.slice(-20), item.revision];
      }
    });
  }

  /** From a revision of before, for a while. */
  async #lookBack(): Promise<void> {
    const { clock, cluster } = this.#options;
    await clock.sleep(this.#dice.between(100, 400), this.#resting.signal);
    if (this.#revisions.length === 0) return;
    const stopping = new AbortController();
    const cancel = clock.after(this.#dice.between(50, 600), () => stopping.abort());
    const range = this.#dice.below(2) === 0 ? everything : { key: this.#dice.pick([...keys, ...sessionKeys]) };
    const signal = AbortSignal.any([stopping.signal, this.#ending.signal]);
    try {
      for await (const _ of cluster.watch(range, this.#dice.pick(this.#revisions), signal));
    } catch (reason) {
      if (!stopping.signal.aborted) throw reason;
    } finally {
      cancel();
    }
  }

  // ---- What hosts do ----

  /** As the resource does: it is a candidate, and becomes one again when it has gone. Now and then it withdraws. */
  async #attend(): Promise<void> {
    const { namespace } = duty;
    const { signal } = this.#ending;
    this.#run(() =>
      this.#again(this.#resting.signal, async () => {
        await this.#options.clock.sleep(this.#dice.between(500, 2500), this.#resting.signal);
        this.#isCandidate = this.#dice.below(3) > 0;
        if (!this.#isCandidate) this.#options.note({ what: "withdraws", namespace });
        await this.#want();
      }),
    );
    await this.#again(signal, async () => {
      for await (const _ of this.#exchange.schedules.attend(namespace, signal)) await this.#want();
    });
  }

  async #want(): Promise<void> {
    const { schedules } = this.#exchange;
    const { namespace, most, ttlSeconds } = duty;
    const { signal } = this.#ending;
    const present = await schedules.candidacy(namespace, signal);
    if (!this.#isCandidate && present !== undefined) await schedules.withdraw(namespace, signal);
    if (!this.#isCandidate || present !== undefined) return;
    await schedules.enter(namespace, { strategy: "rr", max: most, persist: false, ttl: ttlSeconds }, signal);
    // What it knew before it came back is in force again.
    if (this.#isCandidate) this.#noteChosen();
  }

  async #followChosen(): Promise<void> {
    const { namespace } = duty;
    await this.#again(this.#ending.signal, async () => {
      for await (const chosen of this.#exchange.schedules.follow(namespace, this.#ending.signal)) {
        this.#chosen = chosen;
        this.#noteChosen();
      }
    });
  }

  /** Who withdraws does not act on it any more. */
  #noteChosen(): void {
    const isChosen = this.#isCandidate && this.#chosen.includes(this.#options.name);
    this.#options.note({ what: "chosen", namespace: duty.namespace, isChosen });
  }

  async #followTable(): Promise<void> {
    await this.#again(this.#ending.signal, async () => {
      for await (const table of this.#exchange.texts.followTable(tableKey, this.#ending.signal)) this.#table = table;
    });
  }

  async #tellStatus(): Promise<void> {
    await this.#options.clock.sleep(this.#dice.between(100, 500), this.#resting.signal);
    const { name } = this.#options;
    await this.#exchange.texts.update({ key: tableKey, host: name }, () => this.#nextValue(), this.#ending.signal);
  }

  // ---- Running ----

  #run(task: () => Promise<void>): void {
    this.#tasks.push(task());
  }

  /** Until the signal aborts; what the world refuses is tried again a moment later. */
  async #again(signal: AbortSignal, task: () => Promise<void>): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      try {
        await task();
        await clock.sleep(this.#dice.between(pauseMs.least, pauseMs.most), signal);
      } catch (reason) {
        if (signal.aborted || this.#ending.signal.aborted) return;
        if (!(reason instanceof Failure)) throw reason;
        await clock.sleep(50, signal).catch(() => {});
      }
    }
  }
}
