// SPDX-License-Identifier: Apache-2.0
// Long chains of values whose links are brought to life while a round runs, from either end: what it costs grows with their length and
// not with its square, and each link is computed once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { quiet, type Running, start } from "./running.test-support.ts";

/** The body of `func($a, $b)`, where `$a` is what the link before has given, and `$up` a function that may become another one. */
const links: Readonly<Record<string, string>> = {
  "what decides is known before the link below": "if $b > 0 { $a + $b } else { $a }",
  "what decides is the link below": "if $a > 5 { $a - $b } else { $a + $b }",
  "each has a list of its own": "len(iter.map([$a, $b], func($x) { $x + 1 })) + $b",
  "the function that is called may become another one": "$up($a) + $b",
  "one in the other": "if $b > 0 { if $a > 5 { $up($a) } else { $a + $b } } else { $a }",
  "a fallback": '{"n1" => 1}[fmt.printf("n%d", $a)] <|> $a + $b',
};

const length = 300;

function numbers(from: number): readonly bigint[] {
  return Array.from({ length }, (_, at) => BigInt(from + at));
}

async function begin(body: string): Promise<Running> {
  const program = `$up = if feed.flag("on") { func($v) { $v + 1 } } else { func($v) { $v + 2 } }
    test "x" {
      int64 => iter.reduce(0, feed.numbers("l"), func($a, $b) { ${body} }),
    }`;
  return start(program, { on: true, l: numbers(0) });
}

for (const [title, body] of Object.entries(links)) {
  test(`a chain costs what it is long: ${title}`, async () => {
    const running = await begin(body);
    assert.deepEqual(running.wrong, []);
    running.check();
    const costs = async (change: () => void): Promise<void> => {
      const { lifted, computed } = running.graph.counts;
      change();
      await quiet();
      running.check();
      const now = running.graph.counts;
      assert.ok(now.lifted - lifted <= 25 * length, `${now.lifted - lifted} were lifted`);
      assert.ok(now.computed - computed <= 20 * length, `${now.computed - computed} were computed`);
    };
    assert.ok(running.graph.counts.lifted <= 25 * length, `${running.graph.counts.lifted} were lifted`);
    assert.ok(running.graph.counts.computed <= 20 * length, `${running.graph.counts.computed} were computed`);
    await costs(() => running.feeds.set("l", numbers(1).slice(1)));
    await costs(() => running.feeds.set("l", numbers(0)));
    await costs(() => running.feeds.set("on", false));
    await costs(() => running.feeds.set("l", numbers(-length / 2)));
    await running.stop();
    assert.equal(running.graph.counts.necessary, 0);
  });
}

test("when a chain is built anew, nobody computes a link before the one below it", async () => {
  const running = await begin(links["what decides is known before the link below"] ?? "");
  running.feeds.set("l", numbers(1).slice(1));
  await quiet();
  const { computed } = await running.cost(() => running.feeds.set("l", numbers(0)));
  // Of each link: its element, what is asked of it, the decision, its sum and its result.
  assert.ok(computed <= 5 * length + 10, `${computed} were computed`);
  await running.stop();
});
