// SPDX-License-Identifier: Apache-2.0
// The functions that show how programs are evaluated.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../../host/memory/index.ts";
import { MapValue } from "../../values/value.ts";
import { check } from "../check.test-support.ts";
import { follow } from "../stream.test-support.ts";

test("one_instance_a to one_instance_h say hello", () => {
  for (const letter of "abcdefgh") check(`test.one_instance_${letter}`, [], "hello");
});

test("the loops come every five seconds", async () => {
  const host = memoryHost();
  const [list, map] = [follow(host, "test.forloop", []), follow(host, "test.forkvloop", [])];
  await host.clock.advance(10_000);
  assert.deepEqual(await list.take(), [["foo"], ["bar"], ["bar"]]);
  const [first, , third] = await map.take();
  assert.ok(first instanceof MapValue && third instanceof MapValue);
  assert.deepEqual([...third.entries()], [["foo", "bar"]]);
});

test("slow_string takes five seconds", async () => {
  const host = memoryHost();
  const slow = follow(host, "test.slow_string", []);
  await host.clock.advance(4999);
  assert.deepEqual(await slow.take(), []);
  await host.clock.advance(1);
  assert.deepEqual(await slow.take(), ["five seconds has elapsed"]);
});

test("one_stream ends the program when its number changes", async () => {
  const host = memoryHost();
  const stream = follow(host, "test.one_stream", [3n]);
  assert.deepEqual(await stream.take(), ["xxx"]);
  await stream.change([3n]);
  assert.deepEqual(await stream.take(), ["xxx"]);
  await stream.change([4n]);
  await stream.take();
  assert.match(String(stream.end), /was 3 and has become 4/);
});

test("one_stream takes no number below zero", async () => {
  const stream = follow(memoryHost(), "test.one_stream", [-1n]);
  await stream.take();
  assert.match(String(stream.end), /not -1/);
});

test("fastcount counts as fast as it is read", async () => {
  const host = memoryHost();
  const count = follow(host, "test.fastcount", []);
  const abort = count.take();
  await abort;
  await count.stop();
  assert.equal(count.end, "stopped");
});
