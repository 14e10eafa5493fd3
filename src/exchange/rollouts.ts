// SPDX-License-Identifier: Apache-2.0
// Rollouts in the store: which deploy a host is to run, how hosts fare with it, and the one host that judges. Whoever has
// the judge's key, which goes with its session, decides when the next wave begins, under the condition that it still has it.

import type { Entry } from "../contract/cluster.ts";
import { Failure } from "../contract/failure.ts";
import type { Connection } from "./connection.ts";
import type { DeployRecord, RolloutPlan, StoredDeploy } from "./deploy-record.ts";
import type { Deploys } from "./deploys.ts";
import { open, seal } from "./envelope.ts";
import {
  hostsPrefix,
  partsAfter,
  reportKey,
  reportsPrefix,
  rolloutJudgeKey,
  rolloutKey,
  rolloutsPrefix,
} from "./keys.ts";
import type { Mirrors } from "./mirrors.ts";
import {
  chooseDeploy,
  type HostInRollout,
  type HostReport,
  nextLookMs,
  nextState,
  type RolloutState,
} from "./rollout.ts";
import type { Sessions } from "./sessions.ts";

export interface DeploysNow {
  readonly deploys: readonly StoredDeploy[];
  readonly states: ReadonlyMap<number, RolloutState>;
  /** What this host is to run; undefined: nothing. */
  readonly chosen: StoredDeploy | undefined;
}

export interface Rollouts {
  follow(signal: AbortSignal): AsyncIterableIterator<DeploysNow>;
  /** What this host runs and how it fares. The same again is no change. */
  report(report: HostReport, signal: AbortSignal): Promise<void>;
  /** Of all hosts that have ever reported, by name; also as they change. */
  followReports(signal: AbortSignal): AsyncIterableIterator<ReadonlyMap<string, HostReport>>;
  /** Takes part in judging, until the signal. */
  judge(signal: AbortSignal): Promise<void>;
  /** Stops it for good, so that hosts go back. Returns false when it is over already. */
  stop(id: number, why: string, signal: AbortSignal): Promise<boolean>;
}

const judgeTtlMs = 10_000;
/** Many hosts report at the same time: they are judged together. */
const restMs = 100;
const pauseMs = 1000;

export function rolloutsOf(
  hostname: string,
  deploys: Deploys,
  parts: { readonly connection: Connection; readonly mirrors: Mirrors; readonly sessions: Sessions },
): Rollouts {
  const { connection, mirrors } = parts;
  let reported: string | undefined;

  async function* follow(signal: AbortSignal): AsyncGenerator<DeploysNow, void, undefined> {
    const ending = new AbortController();
    const both = AbortSignal.any([signal, ending.signal]);
    try {
      const all = deploys.follow(both);
      const states = mirrors.follow([{ prefix: rolloutsPrefix }], ([view]) => statesIn(view?.from(rolloutsPrefix) ?? []), sameStates, both); // biome-ignore format: one line
      for await (const [present, known] of latestOf(all, states)) {
        yield { deploys: present, states: known, chosen: chooseDeploy(present, known, hostname) };
      }
    } finally {
      ending.abort();
    }
  }

  return {
    follow,

    async report(report, signal) {
      const value = seal({ ...report });
      if (value === reported) return;
      await connection.commit({ conditions: [], changes: [{ do: "put", key: reportKey(hostname), value }] }, signal);
      reported = value;
    },

    followReports: (signal) =>
      mirrors.follow(
        [{ prefix: reportsPrefix }],
        ([view]) => reportsIn(view?.from(reportsPrefix) ?? []),
        () => false,
        signal,
      ),

    async stop(id, why, signal) {
      for (;;) {
        const [entry] = (await connection.read({ key: rolloutKey(id) }, signal)).entries;
        const state = stateIn(entry);
        if (state !== undefined && state.state !== "running") return false;
        const stopped: RolloutState = { ...(state ?? { stage: 0, upTo: -1 }), state: "stopped", why };
        const conditions = [{ key: rolloutKey(id), changed: entry?.changed ?? 0 }];
        const changes = [{ do: "put", key: rolloutKey(id), value: seal({ ...stopped }) }] as const;
        if ((await connection.commit({ conditions, changes }, signal)).held) return true;
      }
    },

    async judge(signal) {
      while (!signal.aborted) {
        try {
          await waitForWork(signal);
          const fence = await takeOffice(signal);
          if (fence !== undefined) await new Judge(parts, fence, follow).work(signal);
        } catch (reason) {
          if (signal.aborted) return;
          if (!(reason instanceof Failure)) throw reason;
          await connection.clock.sleep(pauseMs, signal).catch(() => {});
        }
      }
    },
  };

  async function waitForWork(signal: AbortSignal): Promise<void> {
    for await (const { deploys: present, states } of follow(signal))
      if (runningOf(present, states) !== undefined) return;
  }

  /** Undefined when another host had it, and has gone. */
  async function takeOffice(signal: AbortSignal): Promise<Fence | undefined> {
    const session = await parts.sessions.get(judgeTtlMs, "end");
    const { held, revision } = await connection.commit(
      {
        conditions: [{ key: rolloutJudgeKey, changed: 0 }],
        changes: [{ do: "put", key: rolloutJudgeKey, value: seal({ host: hostname }), session: session.id }],
      },
      signal,
    );
    if (held) return { changed: revision, over: session.over };
    for await (const isFree of mirrors.follow([{ key: rolloutJudgeKey }], ([view]) => view?.size === 0, (left, right) => left === right, signal)) if (isFree) break; // biome-ignore format: one line
    return undefined;
  }
}

/** Proof that we are still the judge: the revision at which we became it. */
interface Fence {
  readonly changed: number;
  readonly over: AbortSignal;
}

class Judge {
  readonly #connection: Connection;
  readonly #mirrors: Mirrors;
  readonly #fence: Fence;
  readonly #follow: (signal: AbortSignal) => AsyncIterable<DeploysNow>;
  /** Since when each host has been reporting what it reports, by our own clock. */
  readonly #reports = new Map<string, { readonly text: string; readonly sinceMs: number }>();
  #stage: { readonly name: string; readonly sinceMs: number } | undefined;

  constructor(
    { connection, mirrors }: { readonly connection: Connection; readonly mirrors: Mirrors },
    fence: Fence,
    follow: (signal: AbortSignal) => AsyncIterable<DeploysNow>,
  ) {
    this.#connection = connection;
    this.#mirrors = mirrors;
    this.#fence = fence;
    this.#follow = follow;
  }

  /** Until no rollout is under way, or we are not the judge any more. */
  async work(until: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const signal = AbortSignal.any([until, this.#fence.over, ending.signal]);
    try {
      const hosts = this.#mirrors.follow(
        [{ prefix: reportsPrefix }, { prefix: hostsPrefix }],
        // Read when it is judged, and not each time that one of thousands has said something.
        ([reports, alive]) =>
          () => ({
            reports: reportsIn(reports?.from(reportsPrefix) ?? []),
            alive: new Set([...(alive?.from(hostsPrefix) ?? [])].map(([key]) => partsAfter(hostsPrefix, key)[0] ?? "")),
          }),
        () => false,
        signal,
      );
      for await (const [now, present] of latestOf(this.#follow(signal), hosts, this.#ticks(signal))) {
        const deploy = runningOf(now.deploys, now.states);
        if (deploy === undefined) break;
        const { clock } = this.#connection;
        const leftMs = restMs - (clock.monotonicMs() - this.#judgedMs);
        if (leftMs > 0) {
          this.#wakeIn(leftMs);
          continue;
        }
        this.#judgedMs = clock.monotonicMs();
        await this.#judge(deploy.record, now.states.get(deploy.record.id), this.#aged(present()), signal);
      }
    } finally {
      ending.abort();
      await this.#resign(until);
    }
  }

  #wake: () => void = () => {};
  #cancel: () => void = () => {};
  #judgedMs = Number.NEGATIVE_INFINITY;

  #wakeIn(ms: number): void {
    this.#cancel();
    this.#cancel = this.#connection.clock.after(ms, () => this.#wake());
  }

  /** One item at once, and one whenever the time has come that was asked for. */
  async *#ticks(signal: AbortSignal): AsyncGenerator<number, void, undefined> {
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    for (let tick = 0; !signal.aborted; tick += 1) {
      yield tick;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#cancel();
  }

  async #judge(
    record: DeployRecord & { readonly rollout: RolloutPlan },
    state: RolloutState | undefined,
    hosts: readonly HostInRollout[],
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#connection;
    const name = `${record.id} ${state?.stage}`;
    if (this.#stage?.name !== name) this.#stage = { name, sinceMs: clock.monotonicMs() };
    const stageMs = clock.monotonicMs() - this.#stage.sinceMs;
    const next = nextState(record, state, hosts, stageMs);
    this.#wakeIn(nextLookMs(record, hosts, stageMs));
    if (next === undefined) return;
    const key = rolloutKey(record.id);
    const [entry] = (await this.#connection.read({ key }, signal)).entries;
    if (JSON.stringify(stateIn(entry)) !== JSON.stringify(state)) return; // It is told soon.
    await this.#connection.commit(
      {
        conditions: [
          { key, changed: entry?.changed ?? 0 },
          { key: rolloutJudgeKey, changed: this.#fence.changed },
        ],
        changes: [{ do: "put", key, value: seal({ ...next }) }],
      },
      signal,
    );
  }

  #aged({
    reports,
    alive,
  }: {
    readonly reports: ReadonlyMap<string, HostReport>;
    readonly alive: ReadonlySet<string>;
  }): readonly HostInRollout[] {
    const nowMs = this.#connection.clock.monotonicMs();
    return [...new Set([...reports.keys(), ...alive])].sort().map((host) => {
      const report = reports.get(host);
      const text = JSON.stringify(report) ?? "";
      if (this.#reports.get(host)?.text !== text) this.#reports.set(host, { text, sinceMs: nowMs });
      const ageMs = nowMs - (this.#reports.get(host)?.sinceMs ?? nowMs);
      return { host, isAlive: alive.has(host), ageMs, ...(report === undefined ? {} : { report }) };
    });
  }

  async #resign(signal: AbortSignal): Promise<void> {
    this.#cancel();
    if (signal.aborted || this.#fence.over.aborted) return;
    const conditions = [{ key: rolloutJudgeKey, changed: this.#fence.changed }];
    await this.#connection.commit({ conditions, changes: [{ do: "delete", key: rolloutJudgeKey }] }, signal);
  }
}

type WithRollout = StoredDeploy & { readonly record: DeployRecord & { readonly rollout: RolloutPlan } };

/** The newest, if it is under way or has not begun. An older one that was not finished was overtaken. */
function runningOf(
  deploys: readonly StoredDeploy[],
  states: ReadonlyMap<number, RolloutState>,
): WithRollout | undefined {
  const newest = deploys.at(-1);
  if (newest?.record.rollout === undefined) return undefined;
  const state = states.get(newest.record.id)?.state;
  return state === undefined || state === "running" ? (newest as WithRollout) : undefined;
}

function statesIn(entries: Iterable<readonly [string, Entry]>): ReadonlyMap<number, RolloutState> {
  const states = new Map<number, RolloutState>();
  for (const [key, entry] of entries) {
    const state = stateIn(entry);
    if (state !== undefined) states.set(Number(partsAfter(rolloutsPrefix, key)[0]), state);
  }
  return states;
}

function stateIn(entry: Entry | undefined): RolloutState | undefined {
  const { stage, upTo, state, why } = (entry && open(entry.value)) ?? {};
  if (typeof stage !== "number" || typeof upTo !== "number") return undefined;
  if (state !== "running" && state !== "done" && state !== "stopped") return undefined;
  return { stage, upTo, state, ...(typeof why === "string" ? { why } : {}) };
}

function reportsIn(entries: Iterable<readonly [string, Entry]>): ReadonlyMap<string, HostReport> {
  const reports = new Map<string, HostReport>();
  for (const [key, entry] of entries) {
    if (!readings.has(entry)) readings.set(entry, reportIn(entry));
    const report = readings.get(entry);
    if (report !== undefined) reports.set(partsAfter(reportsPrefix, key)[0] ?? "", report);
  }
  return reports;
}

/** An entry never changes, so what is read of it is kept with it. */
const readings = new WeakMap<Entry, HostReport | undefined>();

function reportIn({ value }: Entry): HostReport | undefined {
  const { deploy, state, why } = open(value) ?? {};
  if (typeof deploy !== "number") return undefined;
  if (state !== "starting" && state !== "well" && state !== "unwell" && state !== "refused") return undefined;
  return { deploy, state, ...(typeof why === "string" ? { why } : {}) };
}

function sameStates(left: ReadonlyMap<number, RolloutState>, right: ReadonlyMap<number, RolloutState>): boolean {
  return left.size === right.size && [...left].every(([id, state]) => JSON.stringify(state) === JSON.stringify(right.get(id))); // biome-ignore format: one line
}

/** The last of each stream, whenever one has another, once all have one. Ends with any of them. */
async function* latestOf<Items extends readonly unknown[]>(
  ...streams: { readonly [At in keyof Items]: AsyncIterable<Items[At]> }
): AsyncGenerator<Items, void, undefined> {
  const latest: unknown[] = streams.map(() => undefined);
  const has = streams.map(() => false);
  let wake = (): void => {};
  let isNew = false;
  let end: { readonly reason?: unknown } | undefined;
  const read = async (stream: AsyncIterable<unknown>, at: number): Promise<void> => {
    for await (const item of stream) {
      latest[at] = item;
      has[at] = true;
      isNew = true;
      wake();
    }
  };
  streams.forEach((stream, at) => {
    read(stream, at).then(
      () => {
        end = {};
        wake();
      },
      (reason: unknown) => {
        end = { reason };
        wake();
      },
    );
  });
  for (;;) {
    if (end !== undefined) {
      if ("reason" in end) throw end.reason;
      return;
    }
    if (isNew && has.every(Boolean)) {
      isNew = false;
      yield latest.slice() as unknown as Items;
      continue;
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}
