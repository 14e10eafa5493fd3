// SPDX-License-Identifier: Apache-2.0
// How long a program is waited for, on a clock that the test drives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Problems } from "../base/problem.ts";
import { Failure } from "../contract/failure.ts";
import { memoryHost } from "../host/memory/index.ts";
import { compile } from "../program/compile.ts";
import { catalogFor } from "./catalog.ts";
import { evaluateProgram } from "./evaluate-program.ts";

const catalog = catalogFor("here");

/** What it prints, or the message of the failure, and the seconds that have passed. */
async function evaluated(text: string, timeoutMs: number): Promise<{ outcome: string; seconds: number }> {
  const program = compile({ path: "main.mcl", text }, catalog, new Problems());
  assert.ok(program !== undefined);
  const host = memoryHost();
  const started = host.clock.monotonicMs();
  const options = { program, name: "main", catalog, host, hostname: "here", timeoutMs };
  let isDone = false;
  const work = evaluateProgram(options, new AbortController().signal)
    .then(({ graph }) => graph?.text ?? "no graph")
    .catch((reason: unknown) => {
      assert.ok(reason instanceof Failure);
      return reason.message;
    })
    .finally(() => {
      isDone = true;
    });
  for (await host.clock.settle(); !isDone; await host.clock.settle()) {
    await host.clock.advance(host.clock.nextTimerInMs ?? 0);
  }
  return { outcome: await work, seconds: (host.clock.monotonicMs() - started) / 1000 };
}

const slow = 'import "test"\n$text = test.slow_string()\ntest "${text}" {}\n';
const endless = 'import "sys"\nimport "fmt"\ntest [fmt.printf("%d", sys.uptime() * 0)] {}\n';

test("a program without streams is there at once", async () => {
  assert.deepEqual(await evaluated('test "a" {}\n', 5000), { outcome: "Vertex: test[a]\n", seconds: 0 });
});

test("the first result is waited for twice as long as rest", async () => {
  assert.match((await evaluated(slow, 5000)).outcome, /five seconds has elapsed/);
  assert.match((await evaluated(slow, 3000)).outcome, /five seconds has elapsed/);
  const { outcome, seconds } = await evaluated(slow, 2000);
  assert.match(outcome, /no value after 4 seconds/);
  assert.equal(seconds, 4);
});

test("streams that are silent for a moment have come to rest", async () => {
  const { outcome, seconds } = await evaluated(endless, 5000);
  assert.equal(outcome, "Vertex: test[0]\n");
  assert.ok(seconds < 0.5, String(seconds));
});
