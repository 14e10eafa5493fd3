// SPDX-License-Identifier: Apache-2.0
// What only the store of simulated hosts does: several doors, and faults.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drivenClock } from "../../host/memory/clock.ts";
import { change, fails, follow, put, texts } from "../contract.test-support.ts";
import { memoryCluster } from "./index.ts";

const never = (): AbortSignal => new AbortController().signal;

test("hosts see what others put", async () => {
  const whole = memoryCluster(drivenClock());
  const [a, b] = [whole.door(), whole.door()];
  const watch = follow(b, { prefix: "/" });
  await watch.next();
  await change(a, put("/k", "1"));
  assert.equal(await watch.next(), "/k=1");
  assert.deepEqual(await texts(b, { prefix: "/" }), ["/k=1"]);
  await watch.stop();
});

test("a host that is cut off reaches nothing, and its keys go after their time", async () => {
  const clock = drivenClock();
  const whole = memoryCluster(clock);
  const [a, b] = [whole.door(), whole.door()];
  const session = await a.openSession(5000, never());
  await change(a, put("/mine", "1", session));
  const watch = follow(a, { prefix: "/" });
  await watch.next();
  const broken = watch.next();
  a.cutOff();
  await fails("unreachable", broken);
  await fails("unreachable", a.read({ prefix: "/" }, never()));
  await clock.advance(4000);
  a.heal();
  await clock.advance(4000);
  assert.deepEqual(await texts(a, { prefix: "/" }), ["/mine=1"], "it came back in time");
  a.cutOff();
  await clock.advance(5000);
  assert.deepEqual(await texts(b, { prefix: "/" }), []);
  assert.equal(session.over.aborted, true);
  a.heal();
  await fails("not-found", a.commit({ conditions: [], changes: [put("/mine", "1", session)] }, never()));
});

test("a host whose store is stalled waits until it answers, or until it is told to stop", async () => {
  const whole = memoryCluster(drivenClock());
  const door = whole.door();
  door.stall();
  const waiting = door.read({ prefix: "/" }, never());
  const stopping = new AbortController();
  const stopped = door.read({ prefix: "/" }, stopping.signal);
  stopping.abort();
  await assert.rejects(stopped);
  door.heal();
  assert.deepEqual((await waiting).entries, []);
});

test("a lost answer does not say whether it was done", async () => {
  const whole = memoryCluster(drivenClock());
  const door = whole.door();
  door.loseAnswers(1);
  await fails("unreachable", door.commit({ conditions: [], changes: [put("/k", "1")] }, never()));
  assert.deepEqual(await texts(door, { prefix: "/" }), ["/k=1"]);
});

test("a crashed host never comes back", async () => {
  const clock = drivenClock();
  const whole = memoryCluster(clock);
  const [a, b] = [whole.door(), whole.door()];
  const session = await a.openSession(5000, never());
  await change(a, put("/mine", "1", session));
  a.crash();
  a.heal();
  await fails("unreachable", a.read({ prefix: "/" }, never()));
  await clock.advance(5000);
  assert.deepEqual(await texts(b, { prefix: "/" }), []);
});
