// SPDX-License-Identifier: Apache-2.0
// A store in this process, over a table: conditions, revisions, sessions and followers. Everything but following happens
// at once. Knows neither where the table is kept nor who asks.

import { Pulses } from "../base/pulse.ts";
import type {
  Committed,
  Entry,
  KeyChange,
  KeyRange,
  Revision,
  Snapshot,
  Transaction,
  WatchItem,
} from "../contract/cluster.ts";
import type { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import { History } from "./history.ts";
import { refusedFromTheStart, sessionIsOver } from "./limits.ts";
import { isInRange, type KeptSession, type Table } from "./table.ts";

/** Followers may be as many changes behind before they have to read everything again. */
const rememberedChanges = 10_000;

interface OpenSession {
  readonly ttlMs: number;
  readonly over: AbortController;
  /** Counting down, because nothing is heard of its owner. */
  cancelEnd: (() => void) | undefined;
}

/** All who follow the same: a change is compared with each range once, however many look at it. */
interface Followers {
  readonly range: KeyRange;
  readonly pulses: Set<Pulses>;
}

export class Store {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #history: History;
  readonly #followers = new Map<string, Followers>();
  readonly #sessions = new Map<string, OpenSession>();

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
    this.#history = new History(table.revision, rememberedChanges);
    for (const { id, ttlMs } of table.leftSessions) {
      this.#sessions.set(id, { ttlMs, over: new AbortController(), cancelEnd: undefined });
      this.leaveSession(id);
    }
  }

  get revision(): Revision {
    return this.#table.revision;
  }

  read(range: KeyRange): Snapshot {
    return { revision: this.#table.revision, entries: this.#table.range(range) };
  }

  /** One after the other, kept together: when the table refuses, none has been made. */
  commit(transactions: readonly Transaction[]): readonly (Committed | Failure)[] {
    const made: { readonly revision: Revision; readonly changes: readonly KeyChange[] }[] = [];
    const answers = this.#table.together(() =>
      transactions.map((transaction): Committed | Failure => {
        const refused = this.#refuse(transaction);
        if (refused !== undefined) return refused;
        const held = transaction.conditions.every(
          ({ key, changed }) => (this.#table.get(key)?.changed ?? 0) === changed,
        );
        if (!held) return { held, revision: this.#table.revision };
        const revision = this.#table.revision + 1;
        const changes = this.#changesOf(transaction, revision);
        if (changes.length === 0) return { held, revision: this.#table.revision };
        this.#table.write(revision, changes);
        made.push({ revision, changes });
        return { held, revision };
      }),
    );
    for (const { revision, changes } of made) this.#tell(revision, changes);
    return answers;
  }

  async *watch(
    range: KeyRange,
    after: Revision | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<WatchItem, void, undefined> {
    const pulses = this.#follow(range, signal);
    pulses.pulse();
    let told = after ?? this.#table.revision;
    for await (const _ of pulses) {
      const { revision } = this.#table;
      const changes = told > revision ? undefined : this.#history.since(told, range);
      if (changes === undefined) {
        yield { kind: "compacted" };
        return;
      }
      told = revision;
      yield { kind: "changes", revision, changes };
    }
  }

  #follow(range: KeyRange, signal: AbortSignal): Pulses {
    const name = "key" in range ? `=${range.key}` : `${range.prefix}*`;
    const followers = this.#followers.get(name) ?? { range, pulses: new Set() };
    this.#followers.set(name, followers);
    const pulses: Pulses = new Pulses(signal, () => {
      followers.pulses.delete(pulses);
      if (followers.pulses.size === 0 && this.#followers.get(name) === followers) this.#followers.delete(name);
    });
    followers.pulses.add(pulses);
    return pulses;
  }

  /** Forgets what happened, as stores do that are asked to become smaller. */
  compact(): void {
    this.#history.forgetUpTo(this.#table.revision);
  }

  close(): void {
    for (const { cancelEnd } of this.#sessions.values()) cancelEnd?.();
    for (const followers of [...this.#followers.values()]) for (const pulses of followers.pulses) pulses.end();
    this.#table.close();
  }

  // ---- Sessions ----

  openSession(session: KeptSession): AbortSignal {
    const over = new AbortController();
    this.#table.together(() => this.#table.addSession(session));
    this.#sessions.set(session.id, { ttlMs: session.ttlMs, over, cancelEnd: undefined });
    return over.signal;
  }

  /** Nothing is heard of its owner from now on. */
  leaveSession(id: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined || session.cancelEnd !== undefined) return;
    session.cancelEnd = this.#clock.after(session.ttlMs, () => {
      session.cancelEnd = undefined;
      this.endSession(id);
    });
  }

  /** Its owner is heard of again, if it is not over. */
  resumeSession(id: string): void {
    const session = this.#sessions.get(id);
    session?.cancelEnd?.();
    if (session !== undefined) session.cancelEnd = undefined;
  }

  /** Throws when the table refuses; it is over all the same, and what is left of it goes at the next opening. */
  endSession(id: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.cancelEnd?.();
    this.#sessions.delete(id);
    session.over.abort(new DOMException("the session is over", "AbortError"));
    const changes = this.#table.keysOfSession(id).map((key): KeyChange => ({ key, entry: undefined }));
    const revision = this.#table.revision + 1;
    this.#table.together(() => {
      if (changes.length > 0) this.#table.write(revision, changes);
      this.#table.removeSession(id);
    });
    if (changes.length > 0) this.#tell(revision, changes);
  }

  // ---- Within a transaction ----

  #refuse(transaction: Transaction): Failure | undefined {
    const refused = refusedFromTheStart(transaction);
    if (refused !== undefined) return refused;
    for (const change of transaction.changes) {
      if (change.do === "put" && change.session !== undefined && !this.#sessions.has(change.session)) {
        return sessionIsOver();
      }
    }
    return undefined;
  }

  #changesOf({ changes }: Transaction, revision: Revision): readonly KeyChange[] {
    return changes.flatMap((change): readonly KeyChange[] => {
      const { key } = change;
      const former = this.#table.get(key);
      if (change.do === "delete") return former === undefined ? [] : [{ key, entry: undefined }];
      const { value, session } = change;
      const created = former?.created ?? revision;
      const entry: Entry = { key, value, created, changed: revision, ...(session === undefined ? {} : { session }) };
      return [{ key, entry }];
    });
  }

  #tell(revision: Revision, changes: readonly KeyChange[]): void {
    this.#history.add(revision, changes);
    for (const { range, pulses } of this.#followers.values()) {
      if (changes.some(({ key }) => isInRange(range, key))) for (const each of pulses) each.pulse();
    }
  }
}
