// SPDX-License-Identifier: Apache-2.0
// When what was told makes what there is: histories by chance.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CatchUp } from "./catch-up.ts";
import { deletion, type WatchEvent } from "./messages.ts";

type State = ReadonlyMap<string, { readonly created: number; readonly changed: number }>;

function after(state: State, { type, entry }: WatchEvent): State {
  const next = new Map(state);
  const key = String.fromCharCode(...entry.key);
  if (type === deletion) next.delete(key);
  else next.set(key, entry);
  return next;
}

/** Changes of three keys, one at each revision; a deletion of what is not there is none. */
function historyOf(changes: readonly (readonly [key: number, isPut: boolean])[]): readonly WatchEvent[] {
  const created = new Map<number, number>();
  return changes.flatMap(([key, isPut], at): readonly WatchEvent[] => {
    const changed = at + 1;
    const rest = { key: Uint8Array.of(97 + key), changed, version: 0, value: new Uint8Array(), lease: 0n };
    if (isPut) {
      if (!created.has(key)) created.set(key, changed);
      return [{ type: 0, entry: { ...rest, created: created.get(key) ?? 0 } }];
    }
    return created.delete(key) ? [{ type: deletion, entry: { ...rest, created: 0 } }] : [];
  });
}

test("as soon as it is done, what was told makes what there is now; and it comes to be done", () => {
  const changes = fc.array(fc.tuple(fc.nat(2), fc.boolean()), { maxLength: 20 });
  fc.assert(
    fc.property(changes, fc.nat(20), (given, then) => {
      const history = historyOf(given);
      const past = history.filter(({ entry }) => entry.changed <= then);
      let state: State = past.reduce(after, new Map());
      const now = history.reduce<State>(after, new Map());
      const lastPut = Math.max(0, ...[...now.values()].map(({ changed }) => changed).filter((each) => each > then));
      const look = { before: state.size, now: now.size, lastPut, revision: given.length };
      const catchUp = new CatchUp(look);
      for (const event of history.slice(past.length)) {
        if (catchUp.isDone) break;
        catchUp.add(event);
        state = after(state, event);
      }
      assert.ok(catchUp.isDone);
      assert.deepEqual(state, now);
    }),
    { numRuns: 2000 },
  );
});

test("it comes to be done also when what follows comes in one answer with the rest", () => {
  const changes = fc.array(fc.tuple(fc.nat(2), fc.boolean()), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(changes, changes, (given, later) => {
      const history = historyOf([...given, ...later]);
      const told = history.filter(({ entry }) => entry.changed <= given.length);
      const now = told.reduce<State>(after, new Map());
      const lastPut = Math.max(0, ...[...now.values()].map(({ changed }) => changed));
      const catchUp = new CatchUp({ before: 0, now: now.size, lastPut, revision: given.length });
      for (const event of history) catchUp.add(event);
      assert.ok(catchUp.isDone);
    }),
    { numRuns: 2000 },
  );
});
