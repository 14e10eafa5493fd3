// SPDX-License-Identifier: Apache-2.0
// Whether each watch told everything that changed in its range behind its start, once and in order; of a key that changed
// several times between two items the last is enough. Pure.

import type { KeyChange, KeyRange, Revision } from "../../src/contract/cluster.ts";
import type { History, Recorded, Violation } from "./history.ts";
import type { Ledger, Touch } from "./ledger.ts";
import type { Absences } from "./sessions.ts";

export function watchViolations(history: History, ledger: Ledger, absences: Absences): readonly Violation[] {
  const violations: Violation[] = [];
  const watches = new Map<string, Watch>();
  const compactions = history.events.filter(({ what }) => what === "compacts").map(({ atMs }) => atMs);
  for (const event of history.events) {
    if (event.what === "watches") watches.set(event.watch, new Watch(event, ledger, absences));
    if (event.what === "told") watches.get(event.watch)?.take(event, compactions);
    if (event.what === "watch-ended" || event.what === "killed") {
      for (const watch of watches.values())
        if (event.what === "watch-ended" ? watch.name === event.watch : watch.client === event.client)
          watch.isOpen = false;
    }
  }
  for (const watch of watches.values()) violations.push(...watch.atEnd(history.end.revision));
  return violations;
}

class Watch {
  readonly name: string;
  readonly client: string;
  isOpen = true;
  readonly #range: KeyRange;
  readonly #ledger: Ledger;
  readonly #absences: Absences;
  readonly #violations: Violation[] = [];
  #told: Revision | undefined;
  #start: Revision | undefined;
  /** Keys that it knows to be there with a session; of those from before it was begun nothing was told. */
  readonly #inSession = new Map<string, string>();
  #untold = new Map<string, string>();

  constructor(
    { watch, client, range, after }: Extract<Recorded, { what: "watches" }>,
    ledger: Ledger,
    absences: Absences,
  ) {
    this.name = watch;
    this.client = client;
    this.#range = range;
    this.#ledger = ledger;
    this.#absences = absences;
    this.#told = after;
    if (after !== undefined) this.#startsAt(after);
  }

  take({ item, atMs }: Extract<Recorded, { what: "told" }>, compactions: readonly number[]): void {
    if (item.kind === "compacted") {
      this.isOpen = false;
      if (!compactions.some((each) => each < atMs)) this.#say("was told that something is forgotten, and nothing was");
      return;
    }
    const { revision, changes } = item;
    const told = this.#told;
    this.#told = revision;
    if (told === undefined) {
      // It began at some instant after it was asked for, so the first item need not be empty.
      for (const { key, entry } of changes) {
        const touch = entry && this.#ledger.lastTouch(key, entry.changed);
        if (entry !== undefined && (touch === undefined || !this.#ledger.explains(touch, entry)))
          this.#say(`was told of ${key} "${entry.value}" at ${entry.changed}, where it was not so`);
      }
      this.#startsAt(revision);
      return;
    }
    if (revision < told || (revision === told && changes.length > 0))
      this.#say(`was told of ${revision} behind ${told}`);
    this.#compare(changes, told, revision, atMs);
    for (const [key, session] of this.#inSession) this.#ledger.ends.there(session, revision, `${this.name} ${key}`);
  }

  atEnd(end: Revision): readonly Violation[] {
    const told = this.#told;
    if (told === undefined) return this.#violations;
    for (const [key, session] of this.#untold) {
      if (this.#ledger.ends.isThere(session, this.#start ?? told) && this.#ledger.ends.isGone(session, told))
        this.#say(`was not told that ${key} has gone with its session`);
    }
    if (this.isOpen) {
      for (const key of this.#ledger.keysIn(this.#range)) {
        const missed = this.#ledger.touchesBetween(key, told, end).at(-1);
        if (missed !== undefined && this.#mayBeSilent(key, told, end)) continue;
        if (missed !== undefined) this.#say(`was not told of ${key} at ${missed.revision}, only up to ${told}`);
      }
      for (const [key, session] of this.#inSession) this.#ledger.ends.there(session, end, `${this.name} ${key}`);
    }
    return this.#violations;
  }

  #startsAt(revision: Revision): void {
    this.#start = revision;
    const sessions = this.#ledger.keysIn(this.#range).flatMap((key): readonly (readonly [string, string])[] => {
      const change = this.#ledger.lastTouch(key, revision)?.change;
      return change?.do === "put" && change.session !== undefined ? [[key, change.session]] : [];
    });
    this.#untold = new Map(sessions);
  }

  #compare(changes: readonly KeyChange[], after: Revision, upTo: Revision, atMs: number): void {
    const last = new Map<string, KeyChange>();
    let highest = after;
    for (const change of changes) {
      const { key, entry } = change;
      last.set(key, change);
      if (!isIn(this.#range, key)) this.#say(`was told of ${key}, which is outside of its range`);
      if (entry === undefined) continue;
      const touch = this.#ledger.lastTouch(key, entry.changed);
      if (touch === undefined || !this.#ledger.explains(touch, entry))
        this.#say(`was told of ${key} "${entry.value}" at ${entry.changed}, where it was not so`);
      if (entry.changed <= after || entry.changed > upTo)
        this.#say(`was told of ${key} at ${entry.changed} among what happened after ${after} and up to ${upTo}`);
      if (entry.changed < highest) this.#say(`was told of ${key} at ${entry.changed} behind ${highest}`);
      highest = Math.max(highest, entry.changed);
    }
    if (this.#hasTwice(changes)) this.#say(`was told something twice up to ${upTo}`);
    for (const key of this.#ledger.keysIn(this.#range)) {
      const touches = this.#ledger.touchesBetween(key, after, upTo);
      this.#compareKey(key, touches, last.get(key), after, upTo, atMs);
      last.delete(key);
    }
    for (const key of last.keys()) this.#say(`was told of ${key}, which nobody has touched`);
  }

  #compareKey(
    key: string,
    touches: readonly Touch[],
    told: KeyChange | undefined,
    after: Revision,
    upTo: Revision,
    atMs: number,
  ): void {
    const touch = this.#ledger.lastTouch(key, upTo);
    const isTouched = touches.length > 0;
    if (told === undefined) {
      if (isTouched && !this.#mayBeSilent(key, after, upTo)) this.#say(`was not told of ${key} up to ${upTo}`);
      return;
    }
    const former = this.#inSession.get(key) ?? this.#untold.get(key);
    this.#inSession.delete(key);
    this.#untold.delete(key);
    if (told.entry !== undefined) {
      if (told.entry.changed !== touch?.revision)
        this.#say(`was told of ${key} at ${told.entry.changed} last, not ${touch?.revision}`);
      if (told.entry.session !== undefined) this.#inSession.set(key, told.entry.session);
      return;
    }
    if (touch?.change.do === "put") {
      const { session } = touch.change;
      if (session === undefined)
        return this.#say(`was told that ${key} is gone up to ${upTo}, put at ${touch.revision}`);
      this.#ledger.ends.gone(session, upTo, `${this.name} ${key}`);
      if (!isTouched) this.#ledger.ends.there(session, after, `${this.name} ${key}`);
      this.#absences.add(session, atMs, this.name);
    } else if (!isTouched || (former === undefined && touches.every(isIdle))) {
      this.#say(`was told that ${key} is gone after ${after}, where it was not there`);
    }
  }

  /** What came and went in between need not be told, nor what had gone before and is deleted once more. */
  #mayBeSilent(key: string, after: Revision, upTo: Revision): boolean {
    const [before, last] = [this.#ledger.lastTouch(key, after), this.#ledger.lastTouch(key, upTo)];
    if (this.#inSession.has(key) || !mayBeAbsent(before) || !mayBeAbsent(last)) return false;
    if (last?.change.do === "put" && last.change.session !== undefined)
      this.#ledger.ends.gone(last.change.session, upTo, `${this.name} ${key}`);
    return true;
  }

  #hasTwice(changes: readonly KeyChange[]): boolean {
    const names = changes.flatMap(({ key, entry }) => (entry === undefined ? [] : `${key} ${entry.changed}`));
    return new Set(names).size < names.length;
  }

  #say(text: string): void {
    this.#violations.push({ property: "watch", text: `${this.name} ${text}` });
  }
}

/** It deletes what need not have been there. */
function isIdle({ change, before }: Touch): boolean {
  return change.do === "delete" && mayBeAbsent(before);
}

/** After this it is not there, or goes with its session. */
function mayBeAbsent(touch: Touch | undefined): boolean {
  return touch === undefined || touch.change.do === "delete" || touch.change.session !== undefined;
}

function isIn(range: KeyRange, key: string): boolean {
  return "key" in range ? key === range.key : key.startsWith(range.prefix);
}
