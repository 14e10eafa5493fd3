// SPDX-License-Identifier: Apache-2.0
// Who is alive, as every host sees it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, withFleet } from "./fleet.test-support.ts";

test("hosts that are there are seen, and go at once when they stop and after ten seconds when they are lost", () =>
  withFleet(async (fleet) => {
    const [a, b, c] = [fleet.start("a"), fleet.start("b"), fleet.start("c")];
    for (const { exchange } of [a, b, c]) exchange.announce();
    const seen = collect(a.exchange.hosts.follow(a.signal));
    await fleet.settle();
    assert.deepEqual(seen.last, ["a", "b", "c"]);
    await b.stop();
    await fleet.settle();
    assert.deepEqual(seen.last, ["a", "c"]);
    c.crash();
    await fleet.clock.advance(9999);
    assert.deepEqual(seen.last, ["a", "c"]);
    await fleet.clock.advance(1);
    assert.deepEqual(seen.last, ["a"]);
    fleet.start("c").exchange.announce();
    await fleet.settle();
    assert.deepEqual(seen.last, ["a", "c"]);
  }));

test("a host that was cut off for long is there again when it is back", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    for (const { exchange } of [a, b]) exchange.announce();
    const seen = collect(a.exchange.hosts.follow(a.signal));
    b.door.cutOff();
    await fleet.clock.advance(20_000);
    assert.deepEqual(seen.last, ["a"]);
    b.door.heal();
    await fleet.clock.advance(20_000);
    assert.deepEqual(seen.last, ["a", "b"]);
  }));

test("whoever asks is alive, and told so to others", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const seenByA = collect(a.exchange.hosts.follow(a.signal));
    await fleet.settle();
    const seenByB = collect(b.exchange.hosts.follow(b.signal));
    await fleet.settle();
    assert.deepEqual(seenByA.all, [["a"], ["a", "b"]]);
    assert.deepEqual(seenByB.last, ["a", "b"]);
  }));
