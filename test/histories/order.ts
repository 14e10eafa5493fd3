// SPDX-License-Identifier: Apache-2.0
// Whether everything that was asked and answered is so in one order of transactions, and whether that order is the one in
// which things happened: what was over before something began comes before it. Pure.

import type { Condition, Revision, Snapshot } from "../../src/contract/cluster.ts";
import type { History, Violation } from "./history.ts";
import type { Done, Ledger } from "./ledger.ts";
import type { Absences } from "./sessions.ts";

/** Where in the order each call stands, against the time at which it was asked. */
export function realTimeViolations({ events }: History, ledger: Ledger): readonly Violation[] {
  const violations: Violation[] = [];
  let [seen, seenBy]: [Revision, string] = [0, "nobody"];
  const before = new Map<string, { readonly seen: Revision; readonly seenBy: string }>();
  const see = (revision: Revision, by: string): void => {
    if (revision > seen) [seen, seenBy] = [revision, by];
  };
  for (const event of events) {
    switch (event.what) {
      case "reads":
      case "commits":
        before.set(event.call, { seen, seenBy });
        break;
      case "read":
        see(event.snapshot.revision, event.call);
        break;
      case "committed":
        see(event.committed.revision, event.call);
        break;
      case "told":
        if (event.item.kind === "changes") see(event.item.revision, event.watch);
        break;
      default:
    }
  }
  const check = (call: string, revision: Revision, isNew: boolean): void => {
    const known = before.get(call);
    if (known === undefined || revision > known.seen || (!isNew && revision === known.seen)) return;
    const text = `${call} is at ${revision}, and before it was asked ${known.seenBy} had seen ${known.seen}`;
    violations.push({ property: "real time", text });
  };
  const done = new Set(ledger.done.map(({ call }) => call.name));
  for (const { call, revision } of ledger.done) check(call.name, revision, true);
  for (const { name, answer } of ledger.calls.values()) {
    if (answer?.what === "read") check(name, answer.snapshot.revision, false);
    if (answer?.what === "committed" && !done.has(name)) check(name, answer.committed.revision, false);
  }
  return violations;
}

export function orderViolations({ end }: History, ledger: Ledger, absences: Absences): readonly Violation[] {
  const violations: Violation[] = [];
  const say = (text: string): void => void violations.push({ property: "one order", text });
  for (const done of ledger.done) checkHeld(done, ledger, say);
  for (const { name, asked, answer } of ledger.calls.values()) {
    if (asked.what === "reads" && answer?.what === "read") {
      checkSnapshot(name, asked.range, answer.snapshot, ledger, say, (session) =>
        absences.add(session, answer.atMs, name),
      );
    }
    if (asked.what === "commits" && answer?.what === "committed" && !answer.committed.held)
      checkRefused(name, asked.transaction.conditions, answer.committed.revision, ledger, say);
  }
  checkSnapshot("the end", { prefix: "/" }, end, ledger, say, () => {});
  return violations;
}

type Truth = "holds" | "fails" | { readonly session: string; readonly holdsWhen: "there" | "gone" };

function truthOf({ key, changed }: Condition, at: Revision, ledger: Ledger): Truth {
  const touch = ledger.lastTouch(key, at);
  if (touch === undefined || touch.change.do === "delete") return changed === 0 ? "holds" : "fails";
  const { session } = touch.change;
  if (session === undefined) return changed === touch.revision ? "holds" : "fails";
  if (changed === touch.revision) return { session, holdsWhen: "there" };
  return changed === 0 ? { session, holdsWhen: "gone" } : "fails";
}

function checkHeld({ call, revision, transaction }: Done, ledger: Ledger, say: (text: string) => void): void {
  for (const condition of transaction.conditions) {
    const truth = truthOf(condition, revision - 1, ledger);
    if (truth === "fails") say(`${call.name} was done at ${revision}, and ${shown(condition)} did not hold`);
    if (typeof truth === "object") ledger.ends[truth.holdsWhen](truth.session, revision - 1, call.name);
  }
}

function checkRefused(
  name: string,
  conditions: readonly Condition[],
  revision: Revision,
  ledger: Ledger,
  say: (text: string) => void,
): void {
  const truths = conditions.map((condition) => truthOf(condition, revision, ledger));
  if (truths.includes("fails")) return;
  const open = truths.filter((truth) => typeof truth === "object");
  const [only] = open;
  if (only === undefined) say(`${name} was refused at ${revision}, and all its conditions held`);
  else if (open.length === 1) ledger.ends[only.holdsWhen === "there" ? "gone" : "there"](only.session, revision, name);
}

function checkSnapshot(
  name: string,
  range: Parameters<Ledger["keysIn"]>[0],
  { revision, entries }: Snapshot,
  ledger: Ledger,
  say: (text: string) => void,
  isGone: (session: string) => void,
): void {
  const found = new Map(entries.map((entry) => [entry.key, entry]));
  for (const key of ledger.keysIn(range)) {
    const [touch, entry] = [ledger.lastTouch(key, revision), found.get(key)];
    found.delete(key);
    if (touch === undefined || touch.change.do === "delete") {
      if (entry !== undefined) say(`${name} saw ${key} at ${revision}, where it is not`);
      continue;
    }
    const { session } = touch.change;
    if (entry === undefined) {
      if (session === undefined) say(`${name} did not see ${key} at ${revision}, put at ${touch.revision}`);
      else {
        ledger.ends.gone(session, revision, name);
        isGone(session);
      }
      continue;
    }
    if (!ledger.explains(touch, entry))
      say(`${name} saw ${key} at ${revision} as of ${entry.changed} "${entry.value}", and it was put at ${touch.revision} last`); // biome-ignore format: one line
    if (session !== undefined) ledger.ends.there(session, revision, name);
  }
  for (const { key, changed } of found.values()) say(`${name} saw ${key} as of ${changed}, which nobody has put`);
}

function shown({ key, changed }: Condition): string {
  return `"${key} as of ${changed}"`;
}
