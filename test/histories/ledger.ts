// SPDX-License-Identifier: Apache-2.0
// The one order of transactions that a history claims: which calls were done at which revision, and so what each key was
// at each revision. When a session ended is not known, only between which revisions; see `session-ends.ts`. Pure.

import type { Change, Entry, KeyRange, Revision, Transaction } from "../../src/contract/cluster.ts";
import { callsPrefix, type History, isCertain, type Recorded, type Violation } from "./history.ts";
import { SessionEnds } from "./session-ends.ts";

export interface Call {
  readonly name: string;
  readonly asked: Extract<Recorded, { readonly what: "reads" | "commits" }>;
  readonly answer: Extract<Recorded, { readonly what: "read" | "committed" | "refused" }> | undefined;
}

/** A transaction that was done. */
export interface Done {
  readonly call: Call;
  readonly revision: Revision;
  readonly transaction: Transaction;
}

/** What a transaction did with one key. */
export interface Touch {
  readonly revision: Revision;
  readonly change: Change;
  readonly before: Touch | undefined;
}

export class Ledger {
  readonly calls: ReadonlyMap<string, Call>;
  /** By revision. */
  readonly done: readonly Done[];
  readonly ends: SessionEnds;
  readonly violations: Violation[] = [];
  readonly #touches = new Map<string, Touch[]>();
  readonly #keys: readonly string[];

  constructor(history: History) {
    this.calls = callsOf(history);
    this.done = this.#find(history);
    this.ends = new SessionEnds(new Set(this.done.map(({ revision }) => revision)));
    for (const { revision, transaction } of this.done) {
      for (const change of transaction.changes) {
        const touches = this.#touches.get(change.key) ?? [];
        this.#touches.set(change.key, touches);
        touches.push({ revision, change, before: touches.at(-1) });
        if (change.do === "put" && change.session !== undefined) this.ends.there(change.session, revision, change.key);
      }
    }
    this.#keys = [...this.#touches.keys()].sort();
  }

  /** All keys that were ever touched. */
  keysIn(range: KeyRange): readonly string[] {
    if ("key" in range) return this.#touches.has(range.key) ? [range.key] : [];
    const keys: string[] = [];
    for (let at = firstAt(this.#keys, (key) => key >= range.prefix); at < this.#keys.length; at += 1) {
      const key = this.#keys[at] as string;
      if (!key.startsWith(range.prefix)) break;
      keys.push(key);
    }
    return keys;
  }

  /** The last that a transaction did with a key, up to a revision. */
  lastTouch(key: string, upTo: Revision): Touch | undefined {
    const touches = this.#touches.get(key) ?? [];
    return touches[firstAt(touches, ({ revision }) => revision > upTo) - 1];
  }

  touchesBetween(key: string, after: Revision, upTo: Revision): readonly Touch[] {
    const touches = this.#touches.get(key) ?? [];
    const [from, to] = [after, upTo].map((each) => firstAt(touches, ({ revision }) => revision > each));
    return touches.slice(from, to);
  }

  /** Whether an entry can be what a put made: its value, its session, since when it is there. */
  explains(touch: Touch, entry: Entry): boolean {
    const { change, revision } = touch;
    if (change.do !== "put" || entry.changed !== revision) return false;
    return (
      change.value === entry.value && change.session === entry.session && this.#explainsBirth(touch, entry.created)
    );
  }

  #explainsBirth({ revision, before }: Touch, created: Revision): boolean {
    if (before === undefined || before.change.do === "delete") return created === revision;
    const { session, key } = before.change;
    if (session === undefined) return this.#explainsBirth(before, created);
    if (created === revision) {
      this.ends.gone(session, revision - 1, key);
      return true;
    }
    this.ends.there(session, revision - 1, key);
    return this.#explainsBirth(before, created);
  }

  #find({ end }: History): readonly Done[] {
    const done: Done[] = [];
    const say = (text: string): void => void this.violations.push({ property: "acknowledged", text });
    const marks = new Map(
      end.entries
        .filter(({ key }) => key.startsWith(callsPrefix))
        .map((entry) => [entry.key.slice(callsPrefix.length), entry] as const),
    );
    for (const [name, { created, changed }] of marks) {
      if (created !== changed) say(`call ${name} was done at ${created} and once more at ${changed}`);
      if (this.calls.get(name)?.asked.what !== "commits") say(`call ${name} was done, and nobody had asked for it`);
    }
    for (const call of this.calls.values()) {
      const { asked, answer, name } = call;
      if (asked.what !== "commits") continue;
      const mark = marks.get(name);
      if (mark !== undefined) done.push({ call, revision: mark.changed, transaction: asked.transaction });
      if (answer?.what === "refused" && isCertain(answer.code) && mark !== undefined)
        say(`call ${name} was refused with ${answer.code}, and done at ${mark.changed}`);
      if (answer?.what !== "committed" || asked.transaction.changes.length === 0) continue;
      const { held, revision } = answer.committed;
      if (held && mark === undefined) say(`call ${name} was acknowledged at ${revision}, and is lost`);
      if (held && mark !== undefined && mark.changed !== revision)
        say(`call ${name} was acknowledged at ${revision}, and done at ${mark.changed}`);
      if (!held && mark !== undefined) say(`call ${name} was told that nothing is done, and done at ${mark.changed}`);
    }
    done.sort((left, right) => left.revision - right.revision);
    for (const [at, { revision, call }] of done.entries()) {
      const next = done[at + 1];
      if (next?.revision === revision) say(`calls ${call.name} and ${next.call.name} were both done at ${revision}`);
    }
    return done;
  }
}

function callsOf({ events }: History): ReadonlyMap<string, Call> {
  const calls = new Map<string, Call>();
  for (const event of events) {
    if (event.what === "reads" || event.what === "commits") {
      calls.set(event.call, { name: event.call, asked: event, answer: undefined });
    } else if (event.what === "read" || event.what === "committed" || event.what === "refused") {
      const call = calls.get(event.call);
      if (call !== undefined) calls.set(event.call, { ...call, answer: event });
    }
  }
  return calls;
}

/** The place of the first for which it is so; it is so for all behind it. */
function firstAt<Item>(items: readonly Item[], isSo: (item: Item) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(items[middle] as Item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
