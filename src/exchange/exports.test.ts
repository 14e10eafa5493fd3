// SPDX-License-Identifier: Apache-2.0
// Exported resources, as the hosts that collect them see them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exported, ExportKey, Shown } from "../contract/exchange.ts";
import { storedTextOf } from "../values/stored.ts";
import { StructValue, type Value } from "../values/value.ts";
import { collect, never, withFleet } from "./fleet.test-support.ts";

function data(content: Value): string {
  return storedTextOf(new StructValue(["content"], [content]));
}

function forGood(text: string): Shown {
  return { data: text, expire: 0 };
}

function file(name: string, to = "*"): ExportKey {
  return { to, kind: "file", name };
}

function shown(exported: readonly Exported[] | undefined): readonly string[] | undefined {
  return exported?.map(({ name, host, data: text }) => `${name} of ${host}: ${text}`);
}

test("hosts see what is exported to them or to all, of the kind they ask for, their own too", () =>
  withFleet(async (fleet) => {
    const [a, b, c] = [fleet.start("a"), fleet.start("b"), fleet.start("c")];
    const [atB, atC] = [b, c].map(({ exchange, signal }) => collect(exchange.exports.follow("file", signal)));
    await fleet.settle();
    assert.deepEqual(atB?.all, [[]]);
    await a.exchange.exports.publish([file("/all"), file("/b", "b")], forGood(data("1")), never());
    await b.exchange.exports.publish([file("/all")], forGood(data(2n)), never());
    await b.exchange.exports.publish([{ to: "*", kind: "svc", name: "x" }], forGood(data("no")), never());
    await fleet.settle();
    assert.deepEqual(shown(atB?.last), [`/all of a: ${data("1")}`, `/all of b: ${data(2n)}`, `/b of a: ${data("1")}`]);
    assert.deepEqual(shown(atC?.last), [`/all of a: ${data("1")}`, `/all of b: ${data(2n)}`]);
    assert.equal(atC?.all.length, 3, "another kind wakes nobody");
  }));

test("what is for a host by name wins over what is for all", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    await a.exchange.exports.publish([file("/f")], forGood(data("all")), never());
    await a.exchange.exports.publish([file("/f", "b")], forGood(data("b")), never());
    const seen = collect(b.exchange.exports.follow("file", b.signal));
    await fleet.settle();
    assert.deepEqual(shown(seen.last), [`/f of a: ${data("b")}`]);
  }));

test("only a host itself takes back what it has exported, and all that it does not keep", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const keys = Array.from({ length: 200 }, (_, at) => file(`/${at}`, at % 2 === 0 ? "*" : "b"));
    for (const key of keys) await a.exchange.exports.publish([key], forGood(data("x")), never());
    await b.exchange.exports.publish([file("/b")], forGood(data("x")), never());
    await a.stop();
    const again = fleet.start("a");
    const dropped = await again.exchange.exports.keepOnly(({ name }) => name === "/7", never());
    assert.equal(dropped.length, 199);
    const seen = collect(b.exchange.exports.follow("file", b.signal));
    await fleet.settle();
    assert.deepEqual(
      seen.last?.map(({ name }) => name),
      ["/7", "/b"],
    );
    assert.deepEqual(await again.exchange.exports.keepOnly(({ name }) => name === "/7", never()), []);
  }));

test("a host that stops or crashes leaves what it has exported", () =>
  withFleet(async (fleet) => {
    const [a, b, c] = [fleet.start("a"), fleet.start("b"), fleet.start("c")];
    await a.exchange.exports.publish([file("/a")], forGood(data("x")), never());
    await b.exchange.exports.publish([file("/b")], forGood(data("x")), never());
    await a.stop();
    b.crash();
    await fleet.clock.advance(60_000);
    const seen = collect(c.exchange.exports.follow("file", c.signal));
    await fleet.settle();
    assert.deepEqual(seen.last?.map(({ host }) => host), ["a", "b"]); // biome-ignore format: one line
  }));

test("what was exported is known to the one who did", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    assert.equal(await a.exchange.exports.published(file("/f"), never()), undefined);
    await a.exchange.exports.publish([file("/f")], forGood(data("é\udcff")), never());
    const published = await a.exchange.exports.published(file("/f"), never());
    assert.deepEqual(published, { ...forGood(data("é\udcff")), isHeld: true });
    assert.equal(await a.exchange.exports.published(file("/f", "b"), never()), undefined);
  }));

test("large exports go in several transactions, and one that is too large is refused", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const keys = Array.from({ length: 5 }, (_, at) => file("/f", `h${at}`));
    await a.exchange.exports.publish(keys, forGood(data("x".repeat(300_000))), never());
    for (const key of keys) assert.ok((await a.exchange.exports.published(key, never())) !== undefined);
    await assert.rejects(
      a.exchange.exports.publish([file("/g")], forGood(data("x".repeat(1_100_000))), never()),
      /KiB at once/,
    );
  }));

test("what cannot be read here is not there", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const values = ["", "{", "[]", '{"version":2,"fields":["s"]}', '{"version":1,"fields":"x"}', '{"version":1}'];
    const changes = values.map((value, at) => ({ do: "put", key: `/_mgmt/exported/*/file/${at}/b`, value }) as const);
    await a.door.commit({ conditions: [], changes }, never());
    const seen = collect(a.exchange.exports.follow("file", a.signal));
    await fleet.settle();
    assert.deepEqual(seen.all, [[]]);
  }));

test("what expires goes with its host, unless that comes back in time; the rest stays", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const seen = collect(b.exchange.exports.follow("file", b.signal));
    const names = (): readonly string[] | undefined => seen.last?.map(({ name }) => name);
    const expiring = { data: data("x"), expire: 20 };
    await a.exchange.exports.publish([file("/expires")], expiring, never());
    await a.exchange.exports.publish([file("/stays")], forGood(data("x")), never());
    await fleet.clock.advance(60_000);
    assert.deepEqual(names(), ["/expires", "/stays"], "as long as its host lives");
    await a.stop();
    await fleet.clock.advance(15_000);
    const again = fleet.start("a");
    const found = await again.exchange.exports.published(file("/expires"), never());
    assert.deepEqual(found, { ...expiring, isHeld: false });
    await again.exchange.exports.publish([file("/expires")], expiring, never());
    assert.equal((await again.exchange.exports.published(file("/expires"), never()))?.isHeld, true);
    await fleet.clock.advance(60_000);
    assert.deepEqual(names(), ["/expires", "/stays"]);
    again.crash();
    await fleet.clock.advance(19_000);
    assert.deepEqual(names(), ["/expires", "/stays"]);
    await fleet.clock.advance(2000);
    assert.deepEqual(names(), ["/stays"]);
  }));

test("who was taken for lost is told, so that what has expired is exported again", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    let calls = 0;
    a.exchange.exports.onReachable(() => (calls += 1));
    await a.exchange.exports.publish([file("/f")], { data: data("x"), expire: 3 }, never());
    a.door.cutOff();
    await fleet.clock.advance(4000);
    assert.match(a.troubles.join(), /nothing was heard of this host for 3 seconds/);
    assert.equal(calls, 1);
    a.door.heal();
    assert.equal(await a.exchange.exports.published(file("/f"), never()), undefined);
    await a.exchange.exports.publish([file("/f")], forGood(data("x")), never());
    await a.exchange.exports.publish([file("/g")], { data: data("x"), expire: 3 }, never());
    assert.equal((await a.exchange.exports.published(file("/f"), never()))?.isHeld, true);
    assert.equal((await a.exchange.exports.published(file("/g"), never()))?.isHeld, true);
  }));
