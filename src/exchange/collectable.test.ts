// SPDX-License-Identifier: Apache-2.0
// Whatever hosts export and take back, whoever follows knows what there is, and hears of nothing that is not asked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Exported, ExportKey } from "../contract/exchange.ts";
import { storedTextOf } from "../values/stored.ts";
import { StructValue } from "../values/value.ts";
import { collect, never, withFleet } from "./fleet.test-support.ts";

const names = ["/a", "/a/b", "a b", "/é", "/c"];
const hosts = ["a", "b", "c"];

const change = fc.record({
  host: fc.nat({ max: hosts.length - 1 }),
  name: fc.constantFrom(...names),
  to: fc.constantFrom("*", "c", "b"),
  content: fc.option(fc.constantFrom("1", "2"), { nil: undefined }),
  /** Whether all that happened is heard of before the next. */
  isLast: fc.boolean(),
});

function dataOf(content: string): string {
  return storedTextOf(new StructValue(["content"], [content]));
}

/** What stands in the store at the end, by rules alone: what is for the host by name wins. */
function expectedAt(
  host: string,
  present: ReadonlyMap<string, ExportKey & { readonly by: string; readonly data: string }>,
): readonly string[] {
  // biome-ignore format: one line
  const seen = new Map<string, string>();
  for (const to of ["*", host]) {
    for (const each of present.values()) if (each.to === to) seen.set(`${each.name} of ${each.by}`, each.data);
  }
  return [...seen].map(([what, data]) => `${what}: ${data}`).sort();
}

function shown(exported: readonly Exported[] | undefined): readonly string[] {
  return (exported ?? []).map(({ name, host, data }) => `${name} of ${host}: ${data}`).sort();
}

test("after any changes each follower knows what it asks for, and was told only what is another", () =>
  fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 20 }), fc.subarray(names), (changes, asked) =>
      withFleet(async (fleet) => {
        const running = hosts.map((name) => fleet.start(name));
        const c = running[2];
        assert.ok(c !== undefined);
        const all = collect(c.exchange.exports.follow("file", c.signal));
        const some = collect(c.exchange.exports.follow("file", c.signal, new Set(asked)));
        const many = new Set([...asked, ...Array.from({ length: 20 }, (_, at) => `other ${at}`)]);
        const listed = collect(c.exchange.exports.follow("file", c.signal, many));
        const present = new Map<string, ExportKey & { readonly by: string; readonly data: string }>();
        for (const { host: at, name, to, content, isLast } of changes) {
          const host = running[at];
          assert.ok(host !== undefined);
          const key = { to, kind: "file", name };
          const place = `${host.name} ${to} ${name}`;
          if (content === undefined) {
            present.delete(place);
            await host.exchange.exports.keepOnly((each) => each.name !== name || each.to !== to, never());
          } else {
            present.set(place, { ...key, by: host.name, data: dataOf(content) });
            await host.exchange.exports.publish([key], { data: dataOf(content), expire: 0 }, never());
          }
          if (isLast) await fleet.settle();
        }
        await fleet.settle();
        const expected = expectedAt("c", present);
        const wanted = expected.filter((line) => asked.some((name) => line.startsWith(`${name} of `)));
        assert.deepEqual(shown(all.last), expected);
        for (const follower of [some, listed]) {
          assert.deepEqual(shown(follower.last), wanted);
          const told = follower.all.map((each) => each);
          told.slice(1).forEach((each, index) => {
            const former = told[index] ?? [];
            const isSame = each.length === former.length && each.every((exported, place) => exported === former[place]);
            assert.ok(!isSame, "it is told only when it is another");
          });
        }
        const places = (all.last ?? []).map(({ name, host }) => `${name} ${host}`);
        assert.deepEqual(
          some.last?.map(({ name, host }) => `${name} ${host}`),
          places.filter((place) => asked.some((name) => hosts.some((host) => place === `${name} ${host}`))),
          "in the same order",
        );
      }),
    ),
    { numRuns: 60 },
  ));

test("what is followed by name is woken by that name alone, and read once however many follow", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const publish = (name: string, content: string): Promise<void> =>
      a.exchange.exports.publish([{ to: "*", kind: "file", name }], { data: dataOf(content), expire: 0 }, never());
    const [x, y] = ["x", "y"].map((name) => collect(b.exchange.exports.follow("file", b.signal, new Set([name]))));
    await fleet.settle();
    assert.deepEqual([x?.all, y?.all], [[[]], [[]]]);
    await publish("x", "1");
    await fleet.settle();
    assert.deepEqual([x?.all.length, y?.all.length], [2, 1]);
    const again = collect(b.exchange.exports.follow("file", b.signal, new Set(["x"])));
    await fleet.settle();
    assert.equal(again.last?.[0], x?.last?.[0], "the very same");
  }));

test("who begins again after everybody has left knows what happened meanwhile", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const first = new AbortController();
    const before = collect(b.exchange.exports.follow("file", first.signal, new Set(["x"])));
    await fleet.settle();
    first.abort();
    await fleet.settle();
    assert.equal(before.end, "ended");
    await a.exchange.exports.publish([{ to: "*", kind: "file", name: "x" }], { data: dataOf("1"), expire: 0 }, never());
    const after = collect(b.exchange.exports.follow("file", b.signal, new Set(["x"])));
    await fleet.settle();
    assert.deepEqual(shown(after.last), [`x of a: ${dataOf("1")}`]);
  }));
