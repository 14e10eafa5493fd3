// SPDX-License-Identifier: Apache-2.0
// Schedules: hosts want to be chosen, and some are. There is no judge: whoever comes or withdraws decides in the same
// transaction, and what becomes wrong because a host is lost is put right by the first of those who are left, or by the
// next one if that does nothing. A decision counts only if none was made since what it was made of was read.

import type { Change, Entry, Revision, Snapshot } from "../contract/cluster.ts";
import type { Candidacy, Schedules } from "../contract/exchange.ts";
import { Failure } from "../contract/failure.ts";
import { Pulses } from "../base/pulse.ts";
import type { SortedMap } from "../base/sorted-map.ts";
import type { Connection } from "./connection.ts";
import { type Candidate, decide, inOrder } from "./decide.ts";
import { open, seal } from "./envelope.ts";
import { candidateKey, candidatesPrefix, decisionKey, partsAfter, schedulePrefix } from "./keys.ts";
import type { Mirrors, View } from "./mirrors.ts";
import type { Sessions } from "./sessions.ts";

const defaultTtlMs = 10_000;
const mostAttempts = 20;
/** How long each of the candidates waits for the one before it, and the longest that any waits. */
const turnMs = 250;
const longestTurnMs = 5000;

/** One schedule at one instant. */
interface Situation {
  readonly candidates: readonly Candidate[];
  readonly decision: readonly string[];
  readonly decidedAt: number;
}

/** What this host has said last of itself: what is known of it from before is not believed any more. */
type Said = "withdrawn" | { readonly session: string | undefined; readonly since: Revision };

export class StoredSchedules implements Schedules {
  readonly #hostname: string;
  readonly #said = new Map<string, Said>();
  readonly #followers = new Map<string, Set<Pulses>>();
  readonly #connection: Connection;
  readonly #mirrors: Mirrors;
  readonly #sessions: Sessions;

  constructor(hostname: string, connection: Connection, mirrors: Mirrors, sessions: Sessions) {
    this.#hostname = hostname;
    this.#connection = connection;
    this.#mirrors = mirrors;
    this.#sessions = sessions;
  }

  async candidacy(namespace: string, signal: AbortSignal): Promise<Candidacy | undefined> {
    const [entry] = (await this.#connection.read({ key: candidateKey(namespace, this.#hostname) }, signal)).entries;
    // One that was entered by a former run goes with the session of that run.
    const isKept = entry?.session === undefined || this.#sessions.isOurs(entry.session);
    if (entry === undefined || !isKept) return undefined;
    // A withdrawal that was refused, or of which nothing was heard, was not done.
    if (this.#said.get(namespace) === "withdrawn")
      this.#say(namespace, { session: entry.session, since: entry.changed });
    return candidacyIn(entry);
  }

  async enter(namespace: string, candidacy: Candidacy, signal: AbortSignal): Promise<void> {
    const { ttl, persist } = candidacy;
    const session = persist
      ? undefined
      : await this.#sessions.get(ttl === undefined ? defaultTtlMs : ttl * 1000, ttl === undefined ? "end" : "leave");
    const key = candidateKey(namespace, this.#hostname);
    const put: Change = {
      do: "put",
      key,
      value: seal({ ...candidacy }),
      ...(session === undefined ? {} : { session: session.id }),
    };
    await this.#settle(namespace, put, signal, (others, own) => [
      ...others,
      {
        host: this.#hostname,
        created: own?.created ?? Number.POSITIVE_INFINITY,
        changed: Number.POSITIVE_INFINITY,
        candidacy,
      },
    ]);
  }

  async withdraw(namespace: string, signal: AbortSignal): Promise<void> {
    const change: Change = { do: "delete", key: candidateKey(namespace, this.#hostname) };
    await this.#settle(namespace, change, signal, (others) => others);
  }

  async *attend(namespace: string, signal: AbortSignal): AsyncGenerator<void, void, undefined> {
    const range = { prefix: schedulePrefix(namespace) };
    const { pulses, views } = this.#mirrors.changes([range], signal, { patient: false });
    let cancel = (): void => {};
    try {
      for await (const _ of pulses) {
        cancel();
        cancel = this.#takePart(namespace, views[0]);
        yield;
      }
    } finally {
      cancel();
    }
  }

  async *follow(namespace: string, signal: AbortSignal): AsyncGenerator<readonly string[], void, undefined> {
    const range = { prefix: schedulePrefix(namespace) };
    const { pulses, views } = this.#mirrors.changes([range], signal, { patient: true });
    const followers = this.#followers.get(namespace) ?? new Set();
    this.#followers.set(namespace, followers.add(pulses));
    let last: readonly string[] | undefined;
    try {
      for await (const _ of pulses) {
        const chosen = this.#chosenIn(namespace, entriesOf(views[0]?.entries));
        if (last !== undefined && sameTexts(last, chosen)) continue;
        last = chosen;
        yield chosen;
      }
    } finally {
      followers.delete(pulses);
      if (followers.size === 0) this.#followers.delete(namespace);
    }
  }

  #chosenIn(namespace: string, entries: readonly Entry[]): readonly string[] {
    const { candidates, decision } = situationIn(namespace, entries);
    // Who is lost is not chosen, even before that is decided.
    const present = new Set(candidates.map(({ host }) => host));
    // Nor are we by what was decided before we were lost: others may have been chosen since, and we not heard of it yet.
    if (!this.#isSaid(namespace, entries)) present.delete(this.#hostname);
    return decision.filter((host) => present.has(host)).sort(compareTexts);
  }

  /** Whether our candidacy, as it is known, is the one that we have entered last. */
  #isSaid(namespace: string, entries: readonly Entry[]): boolean {
    const said = this.#said.get(namespace);
    if (said === undefined) return true;
    const own = entries.find(({ key }) => key === candidateKey(namespace, this.#hostname));
    return said !== "withdrawn" && own !== undefined && own.session === said.session && own.changed >= said.since;
  }

  #say(namespace: string, said: Said): void {
    this.#said.set(namespace, said);
    for (const pulses of this.#followers.get(namespace) ?? []) pulses.pulse();
  }

  /** Before it is done, for nobody may ever believe too much. One that goes on with the same session stays believed. */
  #sayOf(namespace: string, change: Change, known: Revision): void {
    if (change.do === "delete") return this.#say(namespace, "withdrawn");
    const { session } = change;
    const said = this.#said.get(namespace);
    if (said !== undefined && said !== "withdrawn" && said.session === session) return;
    this.#say(namespace, { session, since: said === undefined ? 0 : known + 1 });
  }

  /** Changes the candidacy of this host and decides anew, at once. */
  async #settle(
    namespace: string,
    change: Change,
    signal: AbortSignal,
    next: (others: readonly Candidate[], own: Candidate | undefined) => readonly Candidate[],
  ): Promise<void> {
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const snapshot: Snapshot = await this.#connection.read({ prefix: schedulePrefix(namespace) }, signal);
      const situation = situationIn(namespace, snapshot.entries);
      const own = situation.candidates.find(({ host }) => host === this.#hostname);
      const others = situation.candidates.filter((candidate) => candidate !== own);
      const conditions = [{ key: change.key, changed: changedIn(snapshot, change.key) }];
      const changes = [change, ...this.#decisionChanges(namespace, situation, next(others, own))];
      this.#sayOf(namespace, change, snapshot.revision);
      if (await this.#commit(namespace, situation, { conditions, changes }, signal)) return;
    }
    throw new Failure("Other hosts decide again and again.", { code: "conflict", retry: "backoff" });
  }

  /** When the decision is wrong: puts it right as soon as it is this host's turn. */
  #takePart(namespace: string, view: View | undefined): () => void {
    const situation = situationIn(namespace, entriesOf(view?.entries));
    const rank = inOrder(situation.candidates).indexOf(this.#hostname);
    const changes = this.#decisionChanges(namespace, situation, situation.candidates);
    if (rank < 0 || changes.length === 0) return () => {};
    return this.#connection.clock.after(Math.min(rank * turnMs, longestTurnMs), () => {
      // If another was faster, or the store is lost, there will be something new to look at.
      this.#commit(namespace, situation, { conditions: [], changes }, this.#connection.closing).catch(
        (reason: unknown) => {
          if (!(reason instanceof Failure) && !this.#connection.closing.aborted) throw reason;
        },
      );
    });
  }

  #decisionChanges(namespace: string, { decision }: Situation, candidates: readonly Candidate[]): readonly Change[] {
    const next = decide(candidates, decision);
    if (sameTexts(next, decision)) return [];
    const key = decisionKey(namespace);
    return [next.length === 0 ? { do: "delete", key } : { do: "put", key, value: seal({ hosts: next }) }];
  }

  async #commit(
    namespace: string,
    { decidedAt }: Situation,
    { conditions, changes }: Parameters<Connection["commit"]>[0],
    signal: AbortSignal,
  ): Promise<boolean> {
    const unchanged = { key: decisionKey(namespace), changed: decidedAt };
    return (await this.#connection.commit({ conditions: [...conditions, unchanged], changes }, signal)).held;
  }
}

function entriesOf(entries: SortedMap<Entry> | undefined): readonly Entry[] {
  return Array.from(entries?.from("") ?? [], ([, entry]) => entry);
}

function situationIn(namespace: string, entries: readonly Entry[]): Situation {
  const candidates: Candidate[] = [];
  let decision: readonly string[] = [];
  let decidedAt = 0;
  const prefix = candidatesPrefix(namespace);
  for (const entry of entries) {
    const { key, created, changed } = entry;
    if (key === decisionKey(namespace)) {
      decision = hostsIn(entry);
      decidedAt = changed;
    } else if (key.startsWith(prefix)) {
      const [host = ""] = partsAfter(prefix, key);
      const candidacy = candidacyIn(entry);
      if (candidacy !== undefined) candidates.push({ host, created, changed, candidacy });
    }
  }
  return { candidates, decision, decidedAt };
}

function changedIn({ entries }: Snapshot, key: string): number {
  return entries.find((entry) => entry.key === key)?.changed ?? 0;
}

function hostsIn(entry: Entry): readonly string[] {
  const hosts = open(entry.value)?.["hosts"];
  return Array.isArray(hosts) ? hosts.filter((host): host is string => typeof host === "string") : [];
}

function candidacyIn(entry: Entry): Candidacy | undefined {
  const content = open(entry.value);
  if (content === undefined) return undefined;
  const { strategy, max, persist, ttl } = content as Readonly<Record<string, unknown>> & {
    readonly [name in keyof Candidacy]?: unknown;
  };
  return {
    ...(typeof strategy === "string" ? { strategy } : {}),
    ...(typeof max === "number" ? { max } : {}),
    persist: persist === true,
    ...(typeof ttl === "number" ? { ttl } : {}),
  };
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, at) => text === right[at]);
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
