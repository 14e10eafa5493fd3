// SPDX-License-Identifier: Apache-2.0
// Who must go when all places are taken.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Places } from "./places.ts";

interface Guest {
  readonly name: string;
  done: number;
}

const guest = (name: string): Guest => ({ name, done: 0 });

test("as long as there are places nobody goes", () => {
  const places = new Places<Guest>(2, ({ done }) => done);
  assert.equal(places.take(guest("a")), undefined);
  assert.equal(places.take(guest("b")), undefined);
  assert.equal(places.size, 2);
});

test("then the one goes that got nowhere for the longest time", () => {
  const places = new Places<Guest>(3, ({ done }) => done);
  const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(guest) as [Guest, Guest, Guest, Guest, Guest];
  for (const each of [a, b, c]) places.take(each);
  a.done = 1;
  assert.equal(places.take(d), b);
  // It got on once, and not since.
  assert.equal(places.take(e), c);
  assert.equal(places.take(b), a);
  assert.equal(places.size, 3);
});

test("when all got on the one that comes must wait for its turn", () => {
  const places = new Places<Guest>(2, ({ done }) => done);
  const [a, b, c] = ["a", "b", "c"].map(guest) as [Guest, Guest, Guest];
  places.take(a);
  places.take(b);
  a.done = b.done = 1;
  assert.equal(places.take(c), c);
  assert.equal(places.size, 2);
  places.leave(a);
  assert.equal(places.take(c), undefined);
});

test("any number of those that only hold places never keeps one out that gets on", () => {
  const places = new Places<Guest>(10, ({ done }) => done);
  const good = guest("good");
  places.take(good);
  for (let index = 0; index < 1000; index += 1) {
    good.done += 1;
    assert.notEqual(places.take(guest(`silent ${index}`)), good);
    assert.ok(places.size <= 10);
  }
});
