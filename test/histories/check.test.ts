// SPDX-License-Identifier: Apache-2.0
// Histories that are wrong in one point each, and what is to be said of them; and their right neighbours.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, Condition, Entry } from "../../src/contract/cluster.ts";
import { candidateKey, decisionKey } from "../../src/exchange/keys.ts";
import { violationsIn } from "./check.ts";
import { callsPrefix, type History, type Property, type Recorded, type Told } from "./history.ts";

// ---- Telling histories ----

const put = (key: string, value: string, session?: string): Change => ({
  ...{ do: "put", key, value },
  ...(session === undefined ? {} : { session }),
});
const remove = (key: string): Change => ({ do: "delete", key });

function entry(key: string, value: string, changed: number, created = changed, session?: string): Entry {
  return { key, value, changed, created, ...(session === undefined ? {} : { session }) };
}

/** In order of time, each some milliseconds behind the one before. */
class Story {
  readonly events: Recorded[] = [];
  readonly #marks: Entry[] = [];
  #nowMs = 1000;

  tell(client: string, told: Told, afterMs = 10): this {
    this.#nowMs += afterMs;
    this.events.push({ ...told, client, atMs: this.#nowMs });
    return this;
  }

  asks(call: string, changes: readonly Change[], conditions: readonly Condition[] = []): this {
    return this.tell(client(call), {
      what: "commits",
      call,
      transaction: { conditions, changes: [...changes, put(`${callsPrefix}${call}`, "")] },
    });
  }

  /** It is done at that revision, whatever anybody is told. */
  done(call: string, revision: number): this {
    this.#marks.push(entry(`${callsPrefix}${call}`, "", revision));
    return this;
  }

  told(call: string, revision: number, held = true): this {
    return this.tell(client(call), { what: "committed", call, committed: { held, revision } });
  }

  commits(call: string, revision: number, changes: readonly Change[], conditions: readonly Condition[] = []): this {
    return this.asks(call, changes, conditions).done(call, revision).told(call, revision);
  }

  reads(call: string, key: string, revision: number, entries: readonly Entry[]): this {
    this.tell(client(call), { what: "reads", call, range: { key } });
    return this.tell(client(call), { what: "read", call, snapshot: { revision, entries } });
  }

  watches(watch: string, prefix: string, after?: number): this {
    return this.tell(client(watch), {
      what: "watches",
      watch,
      range: { prefix },
      ...(after === undefined ? {} : { after }),
    });
  }

  item(watch: string, revision: number, ...changes: readonly (Entry | string)[]): this {
    const told = changes.map((each) =>
      typeof each === "string" ? { key: each, entry: undefined } : { key: each.key, entry: each },
    );
    return this.tell(client(watch), { what: "told", watch, item: { kind: "changes", revision, changes: told } });
  }

  ends(watch: string): this {
    return this.tell(client(watch), { what: "watch-ended", watch });
  }

  session(name: string, session: string, ttlMs = 2000): this {
    return this.tell(name, { what: "session", session, ttlMs, askedMs: this.#nowMs });
  }

  end(revision: number, ...entries: readonly Entry[]): History {
    const all = [...this.#marks, ...entries].sort((left, right) => (left.key < right.key ? -1 : 1));
    return { events: this.events, end: { revision, entries: all }, living: [], most: { duty: 1 } };
  }
}

function client(call: string): string {
  return call.split(".")[0] ?? "";
}

function check(title: string, history: History, ...expected: readonly Property[]): void {
  test(title, () => {
    const found = violationsIn(history);
    assert.deepEqual(
      [...new Set(found.map(({ property }) => property))].sort(),
      [...expected].sort(),
      found.map(({ text }) => text).join("\n"),
    );
  });
}

const story = (): Story => new Story();
const one = entry("/k", "1", 1);
const two = entry("/k", "2", 2, 1);

// ---- What was acknowledged ----

check(
  "what was acknowledged and is there is right",
  story()
    .commits("a.1", 1, [put("/k", "1")])
    .end(1, one),
);
check(
  "what was acknowledged and is not there is lost",
  story()
    .asks("a.1", [put("/k", "1")])
    .told("a.1", 1)
    .end(1),
  "acknowledged",
);
check(
  "what nobody answered may be done or not",
  story()
    .asks("a.1", [put("/k", "1")])
    .done("a.1", 1)
    .asks("a.2", [put("/k", "2")])
    .end(1, one),
);
check(
  "what was refused is not done",
  story()
    .asks("a.1", [put("/k", "1", "s")])
    .done("a.1", 1)
    .tell("a", { what: "refused", call: "a.1", code: "not-found" })
    .end(1, entry("/k", "1", 1, 1, "s")),
  "acknowledged",
);
check(
  "what may have been done when it was refused may be done",
  story()
    .asks("a.1", [put("/k", "1")])
    .done("a.1", 1)
    .tell("a", { what: "refused", call: "a.1", code: "unreachable" })
    .end(1, one),
);
check(
  "what was told not to be done is not done",
  story()
    .asks("a.1", [put("/k", "1")], [{ key: "/k", changed: 0 }])
    .done("a.1", 1)
    .told("a.1", 1, false)
    .end(1, one),
  "acknowledged",
);
check(
  "nobody's change comes from nowhere",
  story()
    .commits("a.1", 1, [put("/k", "1")])
    .end(2, one, entry("/other", "?", 2)),
  "one order",
);
check(
  "a revision is that of one transaction",
  story()
    .commits("a.1", 1, [put("/k", "1")])
    .commits("b.1", 1, [put("/l", "1")])
    .end(1, one, entry("/l", "1", 1)),
  "acknowledged",
  "real time",
);

// ---- One order, and that of time ----

const twice = (): Story =>
  story()
    .commits("a.1", 1, [put("/k", "1")])
    .commits("a.2", 2, [put("/k", "2")]);
check("a read sees what was put last", twice().reads("b.1", "/k", 2, [two]).end(2, two));
check("a read sees no older value", twice().reads("b.1", "/k", 2, [one]).end(2, two), "one order");
check("a read sees what is there", twice().reads("b.1", "/k", 2, []).end(2, two), "one order");
check("a read is not of a state that was over", twice().reads("b.1", "/k", 1, [one]).end(2, two), "real time");
check(
  "a read beside a write may see the state before it",
  story()
    .commits("a.1", 1, [put("/k", "1")])
    .tell("b", { what: "reads", call: "b.1", range: { key: "/k" } })
    .commits("a.2", 2, [put("/k", "2")])
    .tell("b", { what: "read", call: "b.1", snapshot: { revision: 1, entries: [one] } })
    .end(2, two),
);
check(
  "a write comes behind what was acknowledged before it was asked",
  story()
    .commits("a.1", 2, [put("/k", "2")])
    .commits("b.1", 1, [put("/k", "1")])
    .end(2, two),
  "real time",
);
check(
  "an unanswered write does not come before it was asked",
  story()
    .commits("a.1", 2, [put("/k", "2")])
    .asks("b.1", [put("/k", "1")])
    .done("b.1", 1)
    .end(2, two),
  "real time",
);
check(
  "of two that compare with the same, one is done",
  story()
    .commits("a.1", 1, [put("/k", "1")], [{ key: "/k", changed: 0 }])
    .commits("b.1", 2, [put("/k", "2")], [{ key: "/k", changed: 0 }])
    .end(2, two),
  "one order",
);
check(
  "what is refused had a condition that did not hold",
  story()
    .commits("a.1", 1, [put("/k", "1")])
    .asks("b.1", [put("/k", "2")], [{ key: "/k", changed: 1 }])
    .told("b.1", 1, false)
    .end(1, one),
  "one order",
);
check(
  "a transaction is done as a whole",
  story()
    .commits("a.1", 1, [put("/k", "1"), put("/l", "1")])
    .reads("b.1", "/l", 1, [])
    .end(1, one, entry("/l", "1", 1)),
  "one order",
);
check(
  "a key that was deleted is gone",
  twice()
    .commits("a.3", 3, [remove("/k")])
    .end(3, two),
  "one order",
);
check(
  "a key that comes again is new",
  story().commits("a.1", 1, [put("/k", "1")]).commits("a.2", 2, [remove("/k")]).commits("a.3", 3, [put("/k", "3")]).end(3, entry("/k", "3", 3, 1)), // biome-ignore format: one line
  "one order",
);

// ---- Watches ----

check("a watch tells each change", twice().watches("b.1", "/k", 0).item("b.1", 2, one, two).ends("b.1").end(2, two));
check("a watch may tell the last alone", twice().watches("b.1", "/k", 0).item("b.1", 2, two).ends("b.1").end(2, two));
check("a watch that is open has told all in the end", twice().watches("b.1", "/k", 0).item("b.1", 1, one).end(2, two), "watch"); // biome-ignore format: one line
check("a watch leaves nothing out", twice().watches("b.1", "/k", 0).item("b.1", 2).ends("b.1").end(2, two), "watch");
check(
  "a watch tells nothing twice",
  twice().watches("b.1", "/k", 0).item("b.1", 1, one).item("b.1", 2, one, two).ends("b.1").end(2, two),
  "watch",
);
check("a watch tells nothing from before its start", twice().watches("b.1", "/k", 1).item("b.1", 2, one, two).ends("b.1").end(2, two), "watch"); // biome-ignore format: one line
check(
  "a watch tells in order",
  twice().watches("b.1", "/k", 0).item("b.1", 2, two, one).ends("b.1").end(2, two),
  "watch",
);
check(
  "a watch does not go back",
  twice().watches("b.1", "/k", 0).item("b.1", 2, two).item("b.1", 1).ends("b.1").end(2, two),
  "watch",
);
check(
  "a watch tells nothing that was not so",
  twice()
    .watches("b.1", "/k", 0)
    .item("b.1", 2, entry("/k", "?", 2, 1))
    .ends("b.1")
    .end(2, two),
  "watch",
);
check(
  "what one transaction changed comes in one item",
  story()
    .commits("a.1", 1, [put("/k", "1"), put("/k2", "1")])
    .watches("b.1", "/k", 0)
    .item("b.1", 1, one)
    .item("b.1", 1, entry("/k2", "1", 1))
    .ends("b.1")
    .end(1, one, entry("/k2", "1", 1)),
  "watch",
);
check(
  "a deletion is told",
  twice()
    .commits("a.3", 3, [remove("/k")])
    .watches("b.1", "/k", 2)
    .item("b.1", 3)
    .ends("b.1")
    .end(3),
  "watch",
);
check(
  "what came and went need not be told",
  twice()
    .commits("a.3", 3, [remove("/k")])
    .watches("b.1", "/k", 0)
    .item("b.1", 3)
    .ends("b.1")
    .end(3),
);
check("a deletion that was none is not told", twice().watches("b.1", "/k", 2).item("b.1", 3, "/k").ends("b.1").end(3, two), "watch"); // biome-ignore format: one line
check(
  "nothing is forgotten that nobody has asked to forget",
  twice()
    .watches("b.1", "/k", 0)
    .tell("b", { what: "told", watch: "b.1", item: { kind: "compacted" } })
    .end(2, two),
  "watch",
);
check(
  "what is forgotten may be told so",
  twice()
    .tell("the world", { what: "compacts" })
    .watches("b.1", "/k", 0)
    .tell("b", { what: "told", watch: "b.1", item: { kind: "compacted" } })
    .tell("b", { what: "killed" })
    .end(2, two),
);

// ---- Sessions ----

const own = entry("/k", "1", 1, 1, "s");
const held = (): Story =>
  story()
    .session("a", "s")
    .commits("a.1", 1, [put("/k", "1", "s")]);
check("a key goes when its session is over", held().tell("a", { what: "session-over", session: "s" }, 2000).reads("b.1", "/k", 2, []).end(2)); // biome-ignore format: one line
check("a key of a session stays while that is held", held().reads("b.1", "/k", 2, []).end(2), "session");
check(
  "a deletion by the end of a session is not told while that is held",
  held().watches("b.1", "/k", 1).item("b.1", 2, "/k").ends("b.1").end(2),
  "session",
);
check(
  "keys of a session do not come back",
  held()
    .tell("a", { what: "session-over", session: "s" }, 2000)
    .reads("b.1", "/k", 2, [])
    .reads("b.2", "/k", 3, [own])
    .end(3),
  "session",
);
check(
  "keys of a session go together",
  story()
    .session("a", "s")
    .commits("a.1", 1, [put("/k", "1", "s"), put("/l", "1", "s")])
    .tell("a", { what: "session-over", session: "s" }, 2000)
    .reads("b.1", "/k", 2, [])
    .reads("b.2", "/l", 2, [entry("/l", "1", 1, 1, "s")])
    .end(3),
  "session",
);
check("a session has its time", held().tell("a", { what: "session-over", session: "s" }, 500).end(1, own), "session");
check(
  "keys of one that was killed stay for its time",
  held().tell("a", { what: "killed" }).reads("b.1", "/k", 2, []).end(2),
  "session",
);
check(
  "keys of one that was killed go after its time",
  held().tell("a", { what: "killed" }).tell("b", { what: "asleep", fromMs: 0 }, 2100).reads("b.1", "/k", 2, []).end(2),
);
check("keys of a session go in the end", held().tell("a", { what: "killed" }).end(2, own), "session");
check(
  "nothing is put with a session that is gone",
  held()
    .tell("a", { what: "session-over", session: "s" }, 2000)
    .reads("b.1", "/k", 2, [])
    .commits("a.2", 3, [put("/l", "1", "s")])
    .end(4),
  "session",
);
check(
  "a session that is held is not refused",
  held()
    .asks("a.2", [put("/k", "2", "s")])
    .tell("a", { what: "refused", call: "a.2", code: "not-found" })
    .end(1, own),
  "session",
);
check(
  "who slept could not know",
  held()
    .reads("b.1", "/k", 2, [])
    .tell("a", { what: "asleep", fromMs: 1035 }, 3000)
    .tell("a", { what: "session-over", session: "s" })
    .end(2),
);

// ---- Schedules ----

const seal = (content: object): string => JSON.stringify({ version: 1, ...content });
const candidacy = seal({ strategy: "rr", max: 1, persist: false });
const decided = (...hosts: readonly string[]): Change => put(decisionKey("duty"), seal({ hosts }));
const enters = (told: Story, host: string, session: string, revision: number, ...changes: readonly Change[]): Story =>
  told
    .session(host, session)
    .commits(`${host}.${revision}`, revision, [put(candidateKey("duty", host), candidacy, session), ...changes]);
const both = (): Story => enters(enters(story(), "a", "s", 1, decided("a")), "b", "t", 2);
const candidates = [
  entry(candidateKey("duty", "a"), candidacy, 1, 1, "s"),
  entry(candidateKey("duty", "b"), candidacy, 2, 2, "t"),
];
const a = entry(decisionKey("duty"), seal({ hosts: ["a"] }), 1);
const believes = (isChosen: boolean): Told => ({ what: "chosen", namespace: "duty", isChosen });

check(
  "one is chosen",
  both()
    .tell("a", believes(true))
    .end(2, ...candidates, a),
);
check(
  "not more are decided than may be",
  both()
    .commits("a.9", 3, [decided("a", "b")])
    .commits("a.10", 4, [decided("a")])
    .end(4, ...candidates, entry(decisionKey("duty"), seal({ hosts: ["a"] }), 4, 1)),
  "schedule",
);
check(
  "not more believe it at once while their sessions are held",
  both()
    .tell("a", believes(true))
    .tell("b", believes(true))
    .tell("b", believes(false), 1000)
    .end(2, ...candidates, a),
  "schedule",
);
check(
  "one that withdraws does not believe it any more",
  both()
    .tell("a", believes(true))
    .tell("a", { what: "withdraws", namespace: "duty" }, 200)
    .tell("b", believes(true))
    .tell("b", believes(false), 1000)
    .end(2, ...candidates, a),
);
check(
  "one whose session is over may believe what it likes",
  both()
    .tell("a", believes(true))
    .tell("a", { what: "session-over", session: "s" }, 2000)
    .commits("b.9", 4, [decided("b")])
    .tell("b", believes(true))
    .tell("b", believes(false), 1000)
    .end(4, candidates[1] as Entry, entry(decisionKey("duty"), seal({ hosts: ["b"] }), 4, 1)),
);

// ---- Convergence ----

const rests = (name: string, history: History, view: Partial<Extract<Told, { what: "at-rest" }>["view"]>): History => {
  const whole = { snapshot: history.end, chosen: { duty: ["a"] }, table: {}, ...view };
  const event: Recorded = { what: "at-rest", view: whole, client: name, atMs: 1e6 };
  return { ...history, living: [name], events: [...history.events, event] };
};
const calm = (): History => both().end(2, ...candidates, a);
check("who knows what there is is right", rests("b", calm(), {}));
check("all read the same", rests("b", calm(), { snapshot: { revision: 2, entries: [] } }), "convergence");
check("all know who is chosen", rests("b", calm(), { chosen: { duty: ["b"] } }), "convergence");
check("all know the texts of all", rests("b", calm(), { table: { a: "?" } }), "convergence");
check("who is left comes to rest", { ...calm(), living: ["a"] }, "convergence");
check("who is chosen has been decided", both().commits("a.9", 3, [remove(decisionKey("duty"))]).end(3, ...candidates), "convergence"); // biome-ignore format: one line
