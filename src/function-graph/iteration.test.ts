// SPDX-License-Identifier: Apache-2.0
// Built-in functions that call a function for the elements of lists: their values, their lives and what a change costs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { printValue } from "../values/print.ts";
import { quiet, type Running, start } from "./running.test-support.ts";

/** The value that the variable `$x` has at the end of this program. */
function show(program: string): string {
  return `${program}\ntest "x" {\n interface => $x,\n}`;
}

function shown(running: Running): string | undefined {
  const [output] = running.present.values();
  const value = output?.resources[0]?.fields.get("interface");
  return value === undefined ? undefined : printValue(value);
}

async function check(program: string, expected: string): Promise<void> {
  // Once with constants, once with values that come.
  for (const source of [program, program.replace(/\$l = (.*)/, '$l = feed.numbers("l")')]) {
    const list = [...(program.match(/\$l = \[(.*)\]/)?.[1]?.matchAll(/-?\d+/g) ?? [])].map(([text]) => BigInt(text));
    const running = await start(show(source), { l: list });
    assert.deepEqual(running.wrong, []);
    assert.equal(shown(running), expected, source);
    await running.stop();
  }
}

test("map, filter, reduce and zip give what the function makes of the elements", async () => {
  await check("$l = [1, 2, 3]\n$x = iter.map($l, func($v) { $v * 10 })", "[10, 20, 30]");
  await check('$l = [1, 2]\n$x = iter.map($l, func($v) { fmt.printf("n%d", $v) })', '["n1", "n2"]');
  await check("$l = [5, 1, 7, 2]\n$x = iter.filter($l, func($v) { $v > 2 })", "[5, 7]");
  await check("$l = [5, 1]\n$x = iter.filter($l, func($v) { false })", "[]");
  await check("$l = [1, 2, 3]\n$x = iter.reduce($l, func($a, $b) { $a * 10 + $b })", "123");
  await check("$l = [1, 2, 3]\n$x = iter.reduce(9, $l, func($a, $b) { $a * 10 + $b })", "9123");
  await check("$l = [4]\n$x = iter.reduce($l, func($a, $b) { 0 })", "4");
  await check(
    '$l = [1, 2, 3]\n$x = iter.zip($l, ["a", "b"], func($a, $b) { fmt.printf("%d%s", $a, $b) })',
    '["1a", "2b"]',
  );
  await check("$l = []\n$x = iter.map($l, func($v) { $v + 1 })", "[]");
  await check("$l = []\n$x = iter.reduce(9, $l, func($a, $b) { $a + $b })", "9");
  await check("$l = [1, 2]\n$x = iter.map(iter.map($l, func($v) { [$v, $v] }), func($v) { len($v) })", "[2, 2]");
});

test("an empty list without a value to begin with ends the run, also inside of `<|>`", async () => {
  const running = await start(show('$l = feed.numbers("l")\n$x = iter.reduce($l, func($a, $b) { $a + $b }) <|> 5'), {
    l: [1n, 2n],
  });
  assert.equal(shown(running), "3");
  running.feeds.set("l", []);
  await running.ended;
  assert.deepEqual(running.wrong, [
    "no-value: An empty list has no value to begin with; give one as the first of three arguments",
  ]);
});

test("a changed element costs the one call that reads it", async () => {
  const size = 1000;
  const list = (change: number, value: bigint): readonly bigint[] =>
    Array.from({ length: size }, (_, index) => (index === change ? value : BigInt(index)));
  const running = await start(show('$x = iter.map(feed.numbers("l"), func($v) { $v + feed.number("add") })'), {
    l: list(0, 0n),
    add: 1n,
  });
  assert.equal(running.feeds.begun.get("add"), size);
  const { computed, changed } = await running.cost(() => running.feeds.set("l", list(500, 7n)));
  assert.equal(changed, 1);
  assert.ok(computed < 15, String(computed));
  const grown = await running.cost(() => running.feeds.set("l", [...list(500, 7n), 1n]));
  assert.ok(grown.computed < 25, String(grown.computed));
  assert.equal(running.feeds.begun.get("add"), size + 1, "no call was begun anew");
  running.feeds.set("l", [1n]);
  await quiet();
  assert.equal(running.feeds.running.get("add"), 1);
  assert.equal(shown(running), "[2]");
  running.check();
  await running.stop();
});

test("reduce keeps the calls before the end when the list grows", async () => {
  const running = await start(
    show('$x = iter.reduce(0, feed.numbers("l"), func($a, $b) { $a + $b + feed.number("n") })'),
    {
      l: [1n, 2n, 3n],
      n: 10n,
    },
  );
  assert.equal(shown(running), "36");
  running.feeds.set("l", [1n, 2n, 3n, 4n]);
  await quiet();
  assert.equal(shown(running), "50");
  assert.equal(running.feeds.begun.get("n"), 4);
  running.feeds.set("l", []);
  await quiet();
  assert.equal(shown(running), "0");
  assert.equal(running.feeds.running.get("n"), 0);
  running.check();
  await running.stop();
});

test("another function builds every call anew", async () => {
  const running = await start(
    show(`$y = feed.number("y")
    $f = if feed.flag("on") { func($v) { $v + $y } } else { func($v) { $v - feed.number("z") } }
    $x = iter.map(feed.numbers("l"), $f)`),
    { y: 1n, z: 2n, on: true, l: [10n, 20n] },
  );
  assert.equal(shown(running), "[11, 21]");
  running.feeds.set("on", false);
  await quiet();
  assert.equal(shown(running), "[8, 18]");
  assert.equal(running.feeds.running.get("y"), 0);
  running.feeds.set("l", [10n, 20n, 30n]);
  running.feeds.set("on", true);
  await quiet();
  assert.equal(shown(running), "[11, 21, 31]");
  assert.equal(running.feeds.running.get("z"), 0);
  running.check();
  await running.stop();
});

test("a call that fails is caught around the whole", async () => {
  const running = await start(
    show(`$m = {"a" => 1}
    $x = iter.map(feed.texts("keys"), func($k) { $m[$k] }) <|> [0]`),
    { keys: ["a", "b"] },
  );
  assert.equal(shown(running), "[0]");
  running.feeds.set("keys", ["a"]);
  await quiet();
  assert.equal(shown(running), "[1]");
  running.feeds.set("keys", ["a", "c"]);
  await quiet();
  assert.equal(shown(running), "[0]");
  running.check();
  await running.stop();
});

test("what is only used for a while leaves nothing behind", async () => {
  const running = await start(
    `if feed.flag("on") {
      test iter.map(feed.texts("l"), func($v) { $v + "!" }) {}
    }`,
    { on: true, l: ["a", "b"] },
  );
  for (const on of [false, true, false, true]) {
    running.feeds.set("on", on);
    await quiet();
    assert.deepEqual(running.lines, on ? ["test[a!]", "test[b!]"] : []);
    running.check();
  }
  await running.stop();
  assert.equal(running.graph.counts.necessary, 0);
});
