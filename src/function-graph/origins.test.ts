// SPDX-License-Identifier: Apache-2.0
// What is told of a change: which calls have brought it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "../base/span.ts";
import { quiet, type Running, start } from "./running.test-support.ts";

/** The origins of the last delta: of each changed statement `line: function@line=value, …`. */
function lastOrigins({ deltas }: Running): readonly string[] {
  const lineOf = ({ at }: { readonly at: Parameters<typeof place>[0] }): number => place(at);
  return [...(deltas.at(-1)?.origins ?? [])]
    .map(([key, origins]) => {
      const shown = origins.map(
        (each) => `${each.function}@${lineOf(each)}${each.value === undefined ? "" : `=${each.value}`}`,
      );
      return `${lineOf(key)}: ${shown.join(", ")}`;
    })
    .sort();
}

function place(at: {
  readonly file: { readonly path: string; readonly text: string };
  readonly start: number;
}): number {
  return placeOf(at.file, at.start).line - 3; // After the imports.
}

test("the first output has no origins, for everything in it is new", async () => {
  const running = await start('test "a" {\n int64 => feed.number("x"),\n}', { x: 1n });
  assert.equal(running.deltas[0]?.origins, undefined);
  await running.stop();
});

test("a change names the calls whose values made it, however far away, and no others", async () => {
  const running = await start(
    `$n = feed.number("x") + 1
    $t = fmt.printf("%s %d", feed.text("t"), feed.number("y"))
    test "a" {
      int64 => $n * 2,
    }
    test "b" {
      anotherstr => $t,
    }`,
    { x: 1n, y: 2n, t: "secret" },
  );
  running.feeds.set("x", 5n);
  await quiet();
  assert.deepEqual(lastOrigins(running), ["3: feed.number@1=5"]);
  running.feeds.set("t", "other");
  await quiet();
  assert.deepEqual(lastOrigins(running), ["6: feed.text@2"], "a text is not told: it may be a secret");
  running.feeds.set("x", 6n);
  running.feeds.set("y", 7n);
  running.feeds.set("t", "more");
  await quiet();
  assert.deepEqual(lastOrigins(running), ["3: feed.number@1=6", "6: feed.text@2, feed.number@2=7"]);
  await running.stop();
});

test("a statement that comes to life names what its condition or its loop depends on", async () => {
  const running = await start(
    `if feed.flag("on") {
      test "a" {}
    }
    for $i, $name in feed.texts("names") {
      test [$name] {}
    }`,
    { on: false, names: ["p"] },
  );
  running.feeds.set("on", true);
  await quiet();
  assert.deepEqual(lastOrigins(running), ["2: feed.flag@1=true"]);
  running.feeds.set("names", ["p", "q"]);
  await quiet();
  assert.deepEqual(lastOrigins(running), ["5: feed.texts@4"]);
  await running.stop();
});

test("what a choice depends on is an origin only where another branch is taken", async () => {
  const running = await start(
    `test "a" {
      int64 => if feed.number("x") > 5 { 1 } else { feed.number("y") },
    }`,
    { x: 1n, y: 2n },
  );
  running.feeds.set("x", 2n);
  running.feeds.set("y", 3n);
  await quiet();
  assert.deepEqual(lastOrigins(running), ["1: feed.number@2=3"]);
  running.feeds.set("x", 9n);
  await quiet();
  assert.deepEqual(lastOrigins(running), ["1: feed.number@2=9"]);
  await running.stop();
});
