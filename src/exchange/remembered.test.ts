// SPDX-License-Identifier: Apache-2.0
// A host that begins while the store is away goes by what it knew last.

import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, never, withFleet } from "./fleet.test-support.ts";

test("a host that begins without the store has what it knew, and then what there is", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const first = fleet.start("b");
    const seen = collect(first.exchange.texts.follow({ key: "k" }, first.signal));
    await a.exchange.texts.update({ key: "k" }, () => "1", never());
    await fleet.settle();
    assert.equal(seen.last, "1");
    assert.deepEqual(first.exchange.state, { isShared: true });
    await first.stop();
    const stoppedMs = fleet.clock.now();
    await fleet.clock.advance(60_000);
    await a.exchange.texts.update({ key: "k" }, () => "2", never());
    const again = fleet.start("b", { cutOff: true });
    const known = collect(again.exchange.texts.follow({ key: "k" }, again.signal));
    const other = collect(again.exchange.texts.follow({ key: "never seen" }, again.signal));
    await fleet.clock.advance(1000);
    assert.deepEqual(known.all, [], "the store may answer yet");
    await fleet.clock.advance(1500);
    assert.deepEqual(known.all, ["1"]);
    assert.deepEqual(other.all, [], "of what was never looked at nothing is known");
    const { lostMs, rememberedFromMs } = again.exchange.state;
    assert.equal(rememberedFromMs, stoppedMs);
    assert.ok(lostMs !== undefined);
    again.door.heal();
    await fleet.clock.advance(11_000);
    assert.deepEqual(known.all, ["1", "2"]);
    assert.deepEqual(other.all, [undefined]);
    assert.deepEqual(again.exchange.state, { isShared: true });
  }));

test("a store that answers in time is not preceded by what was known", () =>
  withFleet(async (fleet) => {
    const first = fleet.start("b");
    await first.exchange.texts.update({ key: "k" }, () => "1", never());
    collect(first.exchange.texts.follow({ key: "k" }, first.signal));
    await fleet.settle();
    await first.stop();
    const a = fleet.start("a");
    await a.exchange.texts.update({ key: "k" }, () => "2", never());
    const again = fleet.start("b");
    const known = collect(again.exchange.texts.follow({ key: "k" }, again.signal));
    await fleet.clock.advance(10_000);
    assert.deepEqual(known.all, ["2"]);
  }));
