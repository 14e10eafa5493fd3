// SPDX-License-Identifier: Apache-2.0
// Texts that hosts share.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../contract/failure.ts";
import { collect, never, withFleet } from "./fleet.test-support.ts";

test("a text of all hosts is the same everywhere, and one of each host is its own", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const common = { key: "k" };
    const seen = collect(b.exchange.texts.follow(common, b.signal));
    const table = collect(b.exchange.texts.followTable("k", b.signal));
    await fleet.settle();
    assert.deepEqual(seen.all, [undefined]);
    await a.exchange.texts.update(common, () => "1", never());
    await a.exchange.texts.update({ ...common, host: "a" }, () => "of a", never());
    await b.exchange.texts.update({ ...common, host: "b" }, () => "of b", never());
    await fleet.settle();
    assert.deepEqual(seen.all, [undefined, "1"]);
    assert.deepEqual([...(table.last ?? [])], [["a", "of a"], ["b", "of b"]]); // biome-ignore format: one line
    await a.exchange.texts.update(common, () => undefined, never());
    await a.exchange.texts.update({ ...common, host: "a" }, () => undefined, never());
    await fleet.settle();
    assert.equal(seen.last, undefined);
    assert.deepEqual([...(table.last ?? [])], [["b", "of b"]]);
    assert.equal(await b.exchange.texts.get(common, never()), undefined);
  }));

test("any texts are keys and names of hosts, and none is taken for another", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a/b");
    const slots = [
      { key: "k" },
      { key: "k/a" },
      { key: "k", host: "a" },
      { key: "k%2fa" },
      { key: "é\udcff \n" },
      { key: "*" },
      { key: "k", host: "a/b" },
    ];
    for (const [at, slot] of slots.entries()) await a.exchange.texts.update(slot, () => `${at}`, never());
    for (const [at, slot] of slots.entries()) assert.equal(await a.exchange.texts.get(slot, never()), `${at}`);
    const table = collect(a.exchange.texts.followTable("k", a.signal));
    await fleet.settle();
    assert.deepEqual([...(table.last ?? [])], [["a", "2"], ["a/b", "6"]]); // biome-ignore format: one line
  }));

test("of two hosts that update at once none overwrites what it has not seen", () =>
  withFleet(async (fleet) => {
    const hosts = Array.from({ length: 5 }, (_, at) => fleet.start(`h${at}`));
    const add = (present: string | undefined): string => `${Number(present ?? 0) + 1}`;
    await Promise.all(hosts.map(({ exchange }) => exchange.texts.update({ key: "count" }, add, never())));
    assert.equal(await hosts[0]?.exchange.texts.get({ key: "count" }, never()), "5");
  }));

test("what nobody follows any more before it begins ends at once", () =>
  withFleet(async (fleet) => {
    const { texts } = fleet.start("a").exchange;
    const over = AbortSignal.abort();
    for await (const _ of texts.changes({ key: "k" }, over)) assert.fail("nothing comes");
    for await (const _ of texts.follow({ key: "k" }, over)) assert.fail("nothing comes");
  }));

test("an update to what is there changes nothing", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    await a.exchange.texts.update({ key: "k" }, () => "1", never());
    const { revision } = fleet.cluster;
    await a.exchange.texts.update({ key: "k" }, () => "1", never());
    await a.exchange.texts.update({ key: "other" }, () => undefined, never());
    assert.equal(fleet.cluster.revision, revision);
  }));

test("while the store is lost the last text stays in force, and what came meanwhile comes when it is back", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    await a.exchange.texts.update({ key: "k" }, () => "1", never());
    const seen = collect(b.exchange.texts.follow({ key: "k" }, b.signal));
    const changes = collect(b.exchange.texts.changes({ key: "k" }, b.signal));
    await fleet.settle();
    b.door.cutOff();
    await a.exchange.texts.update({ key: "k" }, () => "2", never());
    await a.exchange.texts.update({ key: "k" }, () => "3", never());
    await fleet.clock.advance(60_000);
    assert.deepEqual(seen.all, ["1"]);
    assert.equal(b.troubles.length, 1);
    assert.match(b.troubles[0] ?? "", /does not answer: what was known of other hosts stays in force until it does/);
    b.door.heal();
    await fleet.clock.advance(10_000);
    assert.deepEqual(seen.all, ["1", "3"]);
    assert.deepEqual(b.troubles.slice(1), ["the cluster's store answers again"]);
    const count = changes.all.length;
    b.door.breakWatches();
    await fleet.clock.advance(1000);
    assert.equal(changes.all.length, count + 1, "whoever may have missed something is told");
    assert.equal(seen.end, undefined);
    assert.equal(b.troubles.length, 2, "a break that is over at once is no trouble");
  }));

test("a follower survives that the store forgets", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const seen = collect(b.exchange.texts.follow({ key: "k" }, b.signal));
    await fleet.settle();
    b.door.cutOff();
    await a.exchange.texts.update({ key: "k" }, () => "1", never());
    fleet.cluster.compact();
    b.door.heal();
    await fleet.clock.advance(1000);
    assert.deepEqual(seen.all, [undefined, "1"]);
  }));

test("what is not answered within five seconds is refused", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    a.door.stall();
    const refused = assert.rejects(
      a.exchange.texts.get({ key: "k" }, never()),
      (reason) => reason instanceof Failure && reason.code === "timed-out",
    );
    const changes = collect(a.exchange.texts.changes({ key: "k" }, a.signal));
    const seen = collect(a.exchange.texts.follow({ key: "k" }, a.signal));
    await fleet.clock.advance(5000);
    await refused;
    assert.ok(changes.end instanceof Failure);
    assert.equal(seen.end, undefined, "who follows waits");
    a.door.heal();
    await fleet.clock.advance(20_000);
    assert.deepEqual(seen.all, [undefined]);
  }));

test("many who follow the same range cost one watch, and none when they have ended", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    let watches = 0;
    const watch = a.door.watch.bind(a.door);
    a.door.watch = (range, after, signal) => {
      watches += 1;
      signal.addEventListener("abort", () => (watches -= 1), { once: true });
      return watch(range, after, signal);
    };
    const stopping = new AbortController();
    for (let each = 0; each < 10; each += 1) collect(a.exchange.texts.follow({ key: "k" }, stopping.signal));
    await fleet.settle();
    assert.equal(watches, 1);
    stopping.abort();
    await fleet.settle();
    assert.equal(watches, 0);
  }));

test("what a later version has written is not there for this one", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const changes = [{ do: "put", key: "/_mgmt/texts/k", value: '{"version":2,"value":"x"}' }] as const;
    await a.door.commit({ conditions: [], changes }, never());
    assert.equal(await a.exchange.texts.get({ key: "k" }, never()), undefined);
  }));
