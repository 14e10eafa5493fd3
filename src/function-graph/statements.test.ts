// SPDX-License-Identifier: Apache-2.0
// What statements put out, how they live and end, and what a change costs. Programs are mcl; their inputs are feeds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MapValue } from "../values/value.ts";
import { quiet, start } from "./running.test-support.ts";

/** The program puts out these lines, whatever their order. */
async function check(program: string, ...expected: readonly string[]): Promise<void> {
  const running = await start(program);
  assert.deepEqual(running.wrong, []);
  assert.equal(running.deltas.length, 1);
  assert.deepEqual(running.lines, [...expected].sort());
  await running.stop();
}

/** The program ends with these problems and puts nothing out. */
async function checkEnds(program: string, ...expected: readonly string[]): Promise<void> {
  const running = await start(program);
  await running.ended;
  assert.deepEqual(running.wrong, expected);
  assert.deepEqual(running.deltas, []);
}

const mapOf = (entries: Readonly<Record<string, bigint>>): MapValue => new MapValue(Object.entries(entries));

test("a program without statements puts out nothing, once", async () => {
  await check("");
  await check("$x = 1");
});

test("a field is set only while its condition holds", async () => {
  await check(
    `test "a" {
      int64 => 1,
      anotherstr => true ?: "on",
      sendvalue => false ?: "off",
      Meta:noop => true,
      Meta:retry => false ?: 3,
      Meta:poll => true ?: 5,
    }`,
    "test[a] int64=1 anotherstr=on Meta:noop=true Meta:poll=5",
  );
});

test("a field comes and goes with its condition, as one change of one statement", async () => {
  const running = await start(
    `$on = feed.flag("on")
    test "a" {
      int64 => $on ?: 1,
      Before => $on ?: Test["b"],
    }
    test "b" {}`,
    { on: false },
  );
  assert.deepEqual(running.lines, ["test[a]", "test[b]"]);
  const { changed, removed } = await running.cost(() => running.feeds.set("on", true));
  assert.deepEqual([changed, removed], [1, 0]);
  assert.deepEqual(running.lines, ["test[a] -> test[b]", "test[a] int64=1", "test[b]"]);
  await running.stop();
});

test("a value that fails ends the run even where its condition does not hold", async () => {
  await checkEnds(
    `$l = [1]
    test "a" {
      int64 => false ?: $l[3],
    }`,
    "no-value: There is no element 3 in a list of 1; positions count from 0",
  );
});

test("a list of names is one resource for each different name", async () => {
  await check('test ["a", "b", "a"] {\n int64 => 1,\n}', "test[a] int64=1", "test[b] int64=1");
  await check("test [] {}");
});

test("each name of a list has the edges of the statement, to each name of a list", async () => {
  await check(
    `test ["a", "b"] {
      Before => Test[["x", "y", "x"]],
      Notify => Test["x"],
      Depend => Test["x"],
      Listen => Test["y"],
    }`,
    "test[a]",
    "test[b]",
    "test[a] -> test[x]",
    "test[a] -> test[y]",
    "test[b] -> test[x]",
    "test[b] -> test[y]",
    "test[a] -> test[x] notifies",
    "test[b] -> test[x] notifies",
    "test[x] -> test[a]",
    "test[x] -> test[b]",
    "test[y] -> test[a] notifies",
    "test[y] -> test[b] notifies",
  );
});

test("a chain of edges joins neighbours, and all names of both", async () => {
  await check(
    'Test["a"] -> Test[["b", "c"]] -> Noop["d"]',
    "test[a] -> test[b]",
    "test[a] -> test[c]",
    "test[b] -> noop[d]",
    "test[c] -> noop[d]",
  );
  await check('Test["a"].hello -> Test["b"].anotherstr', "test[a] -> test[b] sends hello into anotherstr");
});

const metaStruct = `struct{noop => true, retry => 1, retryreset => false, delay => 0, timeout => 0, poll => 0,
    limit => 1.0, burst => 1, reset => false, sema => [], rewatch => false, realize => false, dollar => false,
    hidden => false, export => [], reverse => false, autoedge => true, autogroup => true}`.replace(/\s+/g, " ");

test("the struct form sets every meta parameter", async () => {
  await check(
    `test "a" {\n Meta => ${metaStruct},\n}`,
    "test[a] Meta:noop=true Meta:retry=1 Meta:retryreset=false Meta:delay=0 Meta:timeout=0 Meta:poll=0 Meta:limit=1 " +
      "Meta:burst=1 Meta:reset=false Meta:sema=[] Meta:rewatch=false Meta:realize=false Meta:dollar=false " +
      "Meta:hidden=false Meta:export=[] Meta:reverse=false Meta:autoedge=true Meta:autogroup=true",
  );
  await check(`test "a" {\n Meta => false ?: ${metaStruct},\n}`, "test[a]");
});

test("beside the struct form no meta parameter is given, unless the statement is never reached", async () => {
  const both = `test "a" {\n Meta => ${metaStruct},\n Meta:poll => 1,\n}`;
  await checkEnds(both, "meta-given-twice: The meta parameter `Meta:poll` is given twice");
  await checkEnds(
    `test "a" {\n Meta => ${metaStruct},\n Meta => ${metaStruct},\n}`,
    "meta-given-twice: The meta parameter `Meta:noop` is given twice",
  );
  await check(`if false {\n${both}\n}`);
});

test("an unknown kind ends the run only when it is reached", async () => {
  await checkEnds('nosuch "a" {}', "unknown-kind-reached: There is no kind of resource called `nosuch`");
  await check('if false {\n nosuch "a" {}\n}');
  const running = await start('if feed.flag("on") {\n nosuch "a" {}\n}', { on: false });
  assert.equal(running.hasEnded, false);
  running.feeds.set("on", true);
  await running.ended;
  assert.deepEqual(running.wrong, ["unknown-kind-reached: There is no kind of resource called `nosuch`"]);
});

test("a panic ends the run only when it is reached", async () => {
  await checkEnds('panic("no")', "panic: The program asked to stop here: no");
  await checkEnds("panic(true)", "panic: The program asked to stop here");
  await checkEnds('panic(true, "really")', "panic: The program asked to stop here: really");
  await check('panic("")\npanic(false)\npanic(false, "no")\nif false {\n panic(true)\n}\ntest "a" {}', "test[a]");
  await checkEnds(
    `$m = {"a" => "b"}
    $e = $m["x"] <|> "lost"
    panic($e)`,
    "panic: The program asked to stop here: lost",
  );
});

test("only the branch that is taken is there", async () => {
  const program = `if feed.flag("on") {
      test "yes" {}
      Test["yes"] -> Test["base"]
    } else {
      test "no" {}
    }
    test "base" {}`;
  const running = await start(program, { on: true });
  assert.deepEqual(running.lines, ["test[base]", "test[yes]", "test[yes] -> test[base]"]);
  const { changed, removed } = await running.cost(() => running.feeds.set("on", false));
  assert.deepEqual([changed, removed], [1, 2]);
  assert.deepEqual(running.lines, ["test[base]", "test[no]"]);
  await running.stop();
});

test("what lives inside of a branch ends with it, at any depth", async () => {
  const running = await start(
    `if feed.flag("outer") {
      if feed.flag("inner") {
        for $i, $v in feed.numbers("list") {
          if $v > 0 {
            test [fmt.printf("n%d", $i)] {
              int64 => $v,
            }
          }
        }
      } else {
        test "not" {}
      }
    }`,
    { outer: true, inner: true, list: [1n, 0n, 3n] },
  );
  assert.deepEqual(running.lines, ["test[n0] int64=1", "test[n2] int64=3"]);
  const { necessary } = running.graph.counts;
  running.check();
  running.feeds.set("outer", false);
  await quiet();
  assert.deepEqual(running.lines, []);
  assert.equal(running.graph.counts.necessary, 2, "the condition and the `if` are all that is left");
  assert.equal(running.feeds.running.get("list"), 0);
  running.feeds.set("outer", true);
  await quiet();
  running.check();
  assert.deepEqual(running.lines, ["test[n0] int64=1", "test[n2] int64=3"]);
  assert.equal(running.graph.counts.necessary, necessary);
  await running.stop();
  assert.equal(running.graph.counts.necessary, 0);
});

test("an `if` flipped 10,000 times leaves nothing behind", async () => {
  const running = await start(
    `$on = feed.flag("on")
    $x = feed.number("x")
    if $on {
      $y = $x + 1
      for $i, $v in [$x, $y] {
        test [fmt.printf("a%d", $i)] {
          int64 => $v,
        }
      }
    } else {
      test "b" {
        int64 => if $on { 1 } else { $x },
      }
    }`,
    { on: true, x: 1n },
  );
  running.feeds.set("on", false);
  await quiet();
  const { necessary } = running.graph.counts;
  for (let flip = 0; flip < 10_000; flip += 1) {
    running.feeds.set("on", flip % 2 === 0);
    await quiet();
  }
  assert.equal(running.graph.counts.necessary, necessary);
  assert.deepEqual(running.lines, ["test[b] int64=1"]);
  assert.equal(running.deltas.length, 10_002);
  assert.equal(running.feeds.begun.get("x"), 1, "what both branches need goes on");
  running.check();
  await running.stop();
});

test("a loop over a list that grows and shrinks touches only its end", async () => {
  const running = await start(
    `for $i, $v in feed.numbers("list") {
      test [fmt.printf("n%d", $i)] {
        int64 => $v + 1,
      }
    }`,
    { list: Array.from({ length: 1000 }, (_, index) => BigInt(index)) },
  );
  const list = (length: number, change = -1): readonly bigint[] =>
    Array.from({ length }, (_, index) => BigInt(index === change ? 7777 : index));
  const grown = await running.cost(() => running.feeds.set("list", list(1001)));
  assert.deepEqual([grown.changed, grown.removed], [1, 0]);
  assert.ok(grown.computed < 15, String(grown.computed));
  const changed = await running.cost(() => running.feeds.set("list", list(1001, 500)));
  assert.deepEqual([changed.changed, changed.removed], [1, 0]);
  assert.ok(changed.computed < 10, String(changed.computed));
  assert.ok(running.lines.includes("test[n500] int64=7778"));
  const shrunk = await running.cost(() => running.feeds.set("list", list(999, 500)));
  assert.deepEqual([shrunk.changed, shrunk.removed], [0, 2]);
  assert.ok(shrunk.computed < 5, String(shrunk.computed));
  const emptied = await running.cost(() => running.feeds.set("list", []));
  assert.deepEqual([emptied.changed, emptied.removed], [0, 999]);
  assert.deepEqual(running.lines, []);
  const again = await running.cost(() => running.feeds.set("list", list(2)));
  assert.deepEqual([again.changed, again.removed], [2, 0]);
  running.check();
  await running.stop();
});

test("an item that comes, goes or moves costs its own turn, and what reads the index of the others", async () => {
  const names = (count: number): readonly bigint[] => Array.from({ length: count }, (_, index) => BigInt(index) * 10n);
  const running = await start(
    `for $i, $v in feed.numbers("list") {
      test [fmt.printf("v%d", $v)] {
        int64 => $v + 1,
      }
      if $v == 40 {
        test "place" {
          int64 => $i,
        }
      }
    }`,
    { list: names(1000) },
  );
  assert.ok(running.lines.includes("test[place] int64=4"));
  const inserted = await running.cost(() => running.feeds.set("list", [0n, 5n, ...names(1000).slice(1)]));
  assert.deepEqual([inserted.changed, inserted.removed], [2, 0]);
  assert.ok(inserted.computed < 20, String(inserted.computed));
  assert.ok(running.lines.includes("test[v5] int64=6"));
  assert.ok(running.lines.includes("test[place] int64=5"));
  const gone = await running.cost(() => running.feeds.set("list", names(1000)));
  assert.deepEqual([gone.changed, gone.removed], [1, 1]);
  const moved = await running.cost(() => running.feeds.set("list", [...names(1000).slice(1), 0n]));
  assert.deepEqual([moved.changed, moved.removed], [1, 0]);
  assert.ok(running.lines.includes("test[place] int64=3"));
  running.check();
  await running.stop();
});

test("a loop over a map keeps the turns of the keys that stay", async () => {
  const running = await start(
    `forkv $k, $v in feed.table("map") {
      test [$k] {
        int64 => $v + feed.number("add"),
      }
    }`,
    { map: mapOf({ a: 1n, b: 2n }), add: 10n },
  );
  assert.deepEqual(running.lines, ["test[a] int64=11", "test[b] int64=12"]);
  assert.equal(running.feeds.begun.get("add"), 2);
  const { changed, removed } = await running.cost(() => running.feeds.set("map", mapOf({ c: 3n, b: 2n })));
  assert.deepEqual([changed, removed], [1, 1]);
  assert.deepEqual(running.lines, ["test[b] int64=12", "test[c] int64=13"]);
  assert.equal(running.feeds.begun.get("add"), 3, "the stream in the turn of b was not begun anew");
  assert.equal(running.feeds.running.get("add"), 2);
  running.check();
  await running.stop();
});

test("a turn that needs the last item does not fail when the list becomes shorter", async () => {
  const running = await start(
    `$l = feed.numbers("list")
    for $i, $v in $l {
      test [fmt.printf("n%d", $i)] {
        int64 => $l[$i],
      }
    }
    if len($l) > 1 {
      test "second" {
        int64 => $l[1],
      }
    }`,
    { list: [1n, 2n, 3n] },
  );
  running.feeds.set("list", [5n]);
  await quiet();
  assert.deepEqual(running.wrong, []);
  assert.deepEqual(running.lines, ["test[n0] int64=5"]);
  await running.stop();
});

test("among 10,000 statements a private input changes one of them", async () => {
  const size = 10_000;
  const statements = Array.from({ length: size }, (_, index) => {
    const value = index === 777 ? "$private" : String(index);
    return `test "n${index}" {\n int64 => $shared + ${value},\n}`;
  });
  const running = await start(
    `$shared = feed.number("shared")\n$private = feed.number("private")\n${statements.join("\n")}`,
    {
      shared: 0n,
      private: 1n,
    },
  );
  const one = await running.cost(() => running.feeds.set("private", 2n));
  assert.deepEqual([one.changed, one.removed], [1, 0]);
  assert.ok(one.computed <= 4, String(one.computed));
  const all = await running.cost(() => running.feeds.set("shared", 1n));
  assert.deepEqual([all.changed, all.removed], [size, 0]);
  const none = await running.cost(() => running.feeds.set("shared", 1n));
  assert.deepEqual(none, { changed: 0, removed: 0, computed: 1 });
  await running.stop();
});

test("a statement that comes back to what the reader knows is not a change", async () => {
  const running = await start(
    'test "a" {\n int64 => feed.number("x"),\n}\ntest "b" {\n int64 => feed.number("y"),\n}',
    {
      x: 1n,
      y: 1n,
    },
  );
  let release = (): void => {};
  running.busy = new Promise((resolve) => {
    release = resolve;
  });
  running.feeds.set("y", 2n);
  await quiet();
  assert.equal(running.deltas.length, 2);
  running.feeds.set("x", 2n);
  await quiet();
  running.feeds.set("x", 1n);
  running.feeds.set("y", 3n);
  await quiet();
  running.feeds.set("y", 4n);
  await quiet();
  assert.equal(running.deltas.length, 2, "the reader is busy");
  release();
  await quiet();
  assert.equal(running.deltas.length, 3, "what came meanwhile is one delta");
  assert.deepEqual(running.deltas.at(-1)?.changed.size, 1);
  assert.deepEqual(running.lines, ["test[a] int64=1", "test[b] int64=4"]);
  await running.stop();
});
