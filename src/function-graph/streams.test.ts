// SPDX-License-Identifier: Apache-2.0
// Values that come from the world: when a program has an output, when streams begin and end, what failing does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { quiet, start } from "./running.test-support.ts";

test("nothing is put out before every necessary value is there", async () => {
  const running = await start(
    `test "a" {
      int64 => feed.number("x"),
    }
    test "b" {
      int64 => feed.number("y"),
    }
    if feed.flag("on") {
      test "c" {
        int64 => feed.number("z"),
      }
    }`,
    { x: 1n, on: false },
  );
  assert.equal(running.deltas.length, 0);
  running.feeds.set("y", 2n);
  await quiet();
  assert.deepEqual(running.lines, ["test[a] int64=1", "test[b] int64=2"]);
  running.feeds.set("on", true);
  running.feeds.set("x", 10n);
  await quiet();
  assert.equal(running.deltas.length, 1, "the new branch has a value that is not there yet");
  running.feeds.set("z", 3n);
  await quiet();
  assert.equal(running.deltas.length, 2);
  assert.deepEqual(running.lines, ["test[a] int64=10", "test[b] int64=2", "test[c] int64=3"]);
  await running.stop();
});

test("several values that come in one turn are one round and one delta", async () => {
  const names = Array.from({ length: 100 }, (_, index) => `x${index}`);
  const fields = names.map((name) => `test "${name}" {\n int64 => feed.number("${name}"),\n}`);
  const running = await start(fields.join("\n"), Object.fromEntries(names.map((name) => [name, 0n])));
  const { rounds } = running.graph.counts;
  for (const value of [1n, 2n]) for (const name of names) running.feeds.set(name, value);
  await quiet();
  assert.equal(running.graph.counts.rounds - rounds, 1);
  assert.equal(running.deltas.length, 2);
  assert.equal(running.deltas[1]?.changed.size, 100);
  await running.stop();
});

test("a stream begins anew when an argument changes, and has no value until its first item", async () => {
  const running = await start('test "a" {\n int64 => feed.number(feed.text("which")),\n}', { which: "x", x: 1n });
  assert.deepEqual(running.lines, ["test[a] int64=1"]);
  running.feeds.set("which", "y");
  await quiet();
  assert.equal(running.deltas.length, 1);
  assert.deepEqual([running.feeds.running.get("x"), running.feeds.running.get("y")], [0, 1]);
  running.feeds.set("x", 5n);
  await quiet();
  assert.equal(running.deltas.length, 1, "the former stream has nothing to say");
  running.feeds.set("y", 2n);
  await quiet();
  assert.deepEqual(running.lines, ["test[a] int64=2"]);
  running.feeds.set("which", "y");
  await quiet();
  assert.equal(running.feeds.begun.get("y"), 1, "the same argument again is no change");
  await running.stop();
});

test("a stream that ends keeps its last value", async () => {
  const running = await start('test "a" {\n int64 => feed.number("x") + feed.number("y"),\n}', { x: 1n, y: 1n });
  assert.equal(running.graph.streams.active, 2);
  running.feeds.end("x");
  await quiet();
  assert.equal(running.graph.streams.active, 1);
  running.feeds.set("y", 5n);
  await quiet();
  assert.deepEqual(running.lines, ["test[a] int64=6"]);
  assert.equal(running.hasEnded, false);
  running.feeds.end("y");
  await quiet();
  assert.equal(running.graph.streams.active, 0);
  await running.stop();
});

test("a stream ends when nothing needs it, and begins when something does", async () => {
  const running = await start(
    `$x = feed.number("x")
    if feed.flag("on") {
      test "a" {
        int64 => $x,
      }
    }`,
    { on: false, x: 1n },
  );
  assert.equal(running.feeds.begun.get("x"), undefined);
  for (const turn of [1, 2, 3]) {
    running.feeds.set("on", true);
    await quiet();
    assert.equal(running.feeds.begun.get("x"), turn);
    assert.equal(running.feeds.running.get("x"), 1);
    assert.deepEqual(running.lines, ["test[a] int64=1"]);
    running.feeds.set("on", false);
    await quiet();
    assert.equal(running.feeds.running.get("x"), 0);
    assert.deepEqual(running.lines, []);
  }
  await running.stop();
});

test("a stream that one part gives up and another takes on in the same round goes on", async () => {
  const running = await start(
    `$x = feed.number("x")
    for $i, $v in feed.numbers("list") {
      if $v > 0 {
        test [fmt.printf("n%d", $i)] {
          int64 => if $v > 1 { $x } else { $x + 1 },
        }
      }
    }`,
    { list: [1n, 0n], x: 1n },
  );
  for (const list of [
    [0n, 1n],
    [1n, 0n],
    [0n, 2n],
    [2n, 0n],
    [1n, 0n],
  ]) {
    running.feeds.set("list", list);
    await quiet();
  }
  assert.deepEqual(running.lines, ["test[n0] int64=2"]);
  assert.equal(running.feeds.begun.get("x"), 1);
  assert.equal(running.deltas.length, 6);
  await running.stop();
});

test("what runs in a turn of a loop goes on when other items come and go", async () => {
  const running = await start(
    `for $i, $v in feed.numbers("list") {
      $x = feed.number(fmt.printf("x%d", $v))
      test [fmt.printf("n%d", $v)] {
        int64 => $x,
      }
    }`,
    { list: [2n, 4n], x1: 10n, x2: 20n, x3: 30n, x4: 40n },
  );
  for (const list of [[1n, 2n, 3n, 4n], [4n, 3n, 2n], [4n, 2n, 1n], [2n, 4n]]) { running.feeds.set("list", list); await quiet(); } // biome-ignore format: one line
  assert.deepEqual(running.lines, ["test[n2] int64=20", "test[n4] int64=40"]);
  assert.deepEqual([running.feeds.begun.get("x2"), running.feeds.begun.get("x4")], [1, 1]);
  assert.deepEqual([running.feeds.begun.get("x1"), running.feeds.begun.get("x3")], [2, 1]);
  running.feeds.set("x2", 21n);
  await quiet();
  assert.deepEqual(running.lines, ["test[n2] int64=21", "test[n4] int64=40"]);
  running.check();
  await running.stop();
});

test("a failing value is caught, and what is beyond `<|>` recovers with it", async () => {
  const running = await start(
    `$x = feed.number("x")
    test "a" {
      int64 => $x + 1 <|> feed.number("y"),
    }
    test [if $x > 0 { "is" } else { "is not" } <|> "fails"] {}`,
    { x: 1n, y: 100n },
  );
  assert.deepEqual(running.lines, ["test[a] int64=2", "test[is]"]);
  assert.equal(running.feeds.begun.get("y"), undefined, "the fallback does not run");
  running.feeds.fail("x", "lost");
  await quiet();
  assert.deepEqual(running.lines, ["test[a] int64=100", "test[fails]"]);
  running.feeds.fail("x", "lost for another reason");
  running.feeds.set("y", 101n);
  await quiet();
  assert.deepEqual(running.lines, ["test[a] int64=101", "test[fails]"]);
  running.feeds.set("x", -3n);
  await quiet();
  assert.deepEqual(running.lines, ["test[a] int64=-2", "test[is not]"]);
  assert.equal(running.feeds.running.get("y"), 0);
  running.check();
  await running.stop();
});

test("a failure passes through lists, loops and functions to the `<|>` that catches it", async () => {
  const running = await start(
    `$e = [feed.number("x"), 2]
    $f = func($l) { $l[1] }
    $caught = $f($e) <|> 7
    for $i, $v in $e <|> [9] {
      test [fmt.printf("n%d", $i)] {
        int64 => $v + $caught,
      }
    }`,
    { x: 1n },
  );
  assert.deepEqual(running.lines, ["test[n0] int64=3", "test[n1] int64=4"]);
  running.feeds.fail("x", "lost");
  await quiet();
  assert.deepEqual(running.lines, ["test[n0] int64=16"]);
  running.feeds.set("x", 5n);
  await quiet();
  assert.deepEqual(running.lines, ["test[n0] int64=7", "test[n1] int64=4"]);
  await running.stop();
});

test("a failure that nothing catches ends the run, with its place", async () => {
  const running = await start(
    `$x = feed.number("x")
    $y = $x + 1
    test "caught" {
      int64 => $y <|> 0,
    }
    test "a" {
      int64 => $y,
    }
    test "b" {
      int64 => $x,
    }`,
    { x: 1n },
  );
  assert.equal(running.deltas.length, 1);
  running.feeds.fail("x", "the value is lost");
  await running.ended;
  assert.deepEqual(running.wrong, ["no-value: The value is lost"], "once, though it reaches two outputs");
  const at = running.problems.all[0]?.at;
  assert.equal(at?.file.text.slice(at.start, at.end), 'feed.number("x")');
  assert.equal(running.feeds.running.get("x"), 0);
  assert.equal(running.graph.counts.necessary, 0);
});

test("a condition or a list that fails ends the run too", async () => {
  for (const program of [
    'if feed.flag("x") {\n}',
    'for $i, $v in feed.numbers("x") {\n}',
    'forkv $k, $v in feed.table("x") {\n}',
    'test feed.texts("x") {}',
    'Test["a"] -> Test[feed.texts("x")]',
    'panic(feed.flag("x"))',
  ]) {
    const running = await start(program);
    running.feeds.fail("x", "lost");
    await running.ended;
    assert.deepEqual(running.wrong, ["no-value: Lost"], program);
  }
});

test("a stream that throws ends the run, whether it is caught or not", async () => {
  const running = await start('test "a" {\n int64 => feed.number("x") <|> 1,\n}', { x: 1n });
  running.feeds.throwFrom("x", "the disk is on fire");
  await running.ended;
  assert.deepEqual(running.wrong, ["no-value: The disk is on fire"]);
});

test("a run ends only when every stream has let go", async () => {
  const running = await start(
    `test "a" {
      int64 => feed.number(feed.text("which")),
    }`,
    { which: "x", x: 1n, y: 2n },
  );
  running.feeds.isHolding = true;
  running.feeds.set("which", "y");
  await quiet();
  assert.deepEqual(running.lines, ["test[a] int64=2"], "a slow end holds up nothing else");
  let isStopped = false;
  const stopped = running.stop().then(() => {
    isStopped = true;
  });
  await quiet();
  assert.equal(isStopped, false);
  running.feeds.letGo();
  await stopped;
  assert.deepEqual([...running.feeds.running.values()], [0, 0, 0]);
});

test("no output ever shows a mixture of old and new values", async () => {
  const running = await start(
    `$t = feed.number("t")
    $u = if $t > 500 { $t + 0 } else { $t }
    $f = if $t > 700 { func($x) { $x - $t } } else { func($x) { $u - $x } }
    $l = iter.map([$t, $u], func($x) { $x - $t })
    $z = $t - $t
    if $z == 0 {
      test "zero" {
        int64 => $z + $f($t) + $l[0] + $l[1] + ($t - $u),
      }
    } else {
      panic("a mixture")
    }`,
    { t: 0n },
  );
  let state = 1;
  for (let update = 0; update < 5000; update += 1) {
    state = (state * 48271) % 2147483647;
    running.feeds.set("t", BigInt(state % 1000));
    await quiet();
  }
  assert.deepEqual(running.wrong, []);
  assert.equal(running.deltas.length, 1, "0 is what it always was");
  assert.deepEqual(running.lines, ["test[zero] int64=0"]);
  running.check();
  await running.stop();
});

test("a selector that is lost and comes back finds its branch as it was", async () => {
  const running = await start(
    `$c = feed.flag(feed.text("which"))
    test "a" {
      int64 => if $c { feed.number("x") } else { 0 },
    }`,
    { which: "p", p: true, x: 1n },
  );
  running.feeds.set("which", "q");
  await quiet();
  running.feeds.set("x", 2n);
  await quiet();
  assert.equal(running.deltas.length, 1);
  running.feeds.set("q", true);
  await quiet();
  assert.deepEqual(running.lines, ["test[a] int64=2"]);
  assert.equal(running.feeds.begun.get("x"), 1);
  running.feeds.set("q", false);
  await quiet();
  assert.deepEqual(running.lines, ["test[a] int64=0"]);
  assert.equal(running.feeds.running.get("x"), 0);
  running.check();
  await running.stop();
});

test("a value that nothing needed for a while is not shown as it was then", async () => {
  const running = await start(
    `$y = feed.number("x") + 1
    $z = feed.number("x") <|> feed.number("otherwise")
    if feed.flag("on") {
      test "a" {
        int64 => $y,
      }
    }
    if feed.flag("rescue") {
      test "b" {
        int64 => $z,
      }
    }`,
    { on: true, rescue: false, x: 1n, otherwise: 100n },
  );
  running.feeds.set("on", false);
  await quiet();
  running.feeds.set("x", 8n);
  running.feeds.set("on", true);
  await quiet();
  assert.equal(running.deltas.length, 3);
  assert.deepEqual(running.lines, ["test[a] int64=9"]);
  running.feeds.set("on", false);
  running.feeds.set("rescue", true);
  running.feeds.fail("x", "lost");
  await quiet();
  assert.deepEqual(running.lines, ["test[b] int64=100"]);
  running.feeds.set("rescue", false);
  await quiet();
  running.feeds.set("x", 5n);
  running.feeds.set("rescue", true);
  await quiet();
  assert.deepEqual(running.lines, ["test[b] int64=5"]);
  assert.equal(running.feeds.begun.get("otherwise"), 1, "nothing is to be rescued any more");
  await running.stop();
});
