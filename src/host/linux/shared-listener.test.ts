// SPDX-License-Identifier: Apache-2.0
// One program listens for all, and ends with the last of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../memory/index.ts";
import { SharedListener } from "./shared-listener.ts";

const everMs = 1_000_000_000;

function machine() {
  const host = memoryHost();
  const told = { running: 0, started: 0, print: (_line: string) => {}, end: () => {} };
  host.outside.install("monitor", async ({ print, clock, signal }) => {
    told.running += 1;
    told.started += 1;
    told.print = print;
    const { promise, resolve } = Promise.withResolvers<void>();
    told.end = resolve;
    try {
      await Promise.race([clock.sleep(everMs, signal), promise]);
      return 0;
    } finally {
      told.running -= 1;
    }
  });
  return { host, told, listener: new SharedListener(host.processes, host.clock, { argv: ["monitor"] }) };
}

test("however many listen, one program runs, until the last one leaves", async () => {
  const { host, told, listener } = machine();
  const stops = [new AbortController(), new AbortController(), new AbortController()];
  const all = stops.map(({ signal }) => listener.changes(signal));
  for (const one of all) assert.equal((await one.next()).done, false);
  await host.clock.advance(500);
  for (const one of all) assert.equal((await one.next()).done, false, "it may have begun to listen late");
  const woken = all.map((one) => one.next());
  told.print("something\n");
  for (const one of woken) assert.equal((await one).done, false);
  assert.deepEqual([told.running, told.started], [1, 1]);
  for (const [at, stop] of stops.entries()) {
    assert.equal(told.running, 1);
    const last = all[at]?.next();
    stop.abort();
    assert.equal((await last)?.done, true);
  }
  assert.equal(told.running, 0);
  const again = listener.changes(new AbortController().signal);
  await again.next();
  await host.clock.settle();
  assert.deepEqual([told.running, told.started], [1, 2]);
  await again.return?.(undefined);
  assert.equal(told.running, 0);
});

test("a program that ends by itself fails all who listen, and is started again for the next", async () => {
  const { host, told, listener } = machine();
  const { signal } = new AbortController();
  const both = [listener.changes(signal), listener.changes(signal)];
  for (const one of both) await one.next();
  await host.clock.settle();
  const failing = both.map((one) => assert.rejects(one.next(), { code: "unexpected", message: "`monitor` has ended" }));
  told.end();
  await Promise.all(failing);
  const next = listener.changes(signal);
  assert.equal((await next.next()).done, false);
  await host.clock.settle();
  assert.equal(told.started, 2);
  await next.return?.(undefined);
});

test("a program that is missing is told to all", async () => {
  const host = memoryHost();
  const listener = new SharedListener(host.processes, host.clock, { argv: ["none"] });
  const changes = listener.changes(new AbortController().signal);
  await assert.rejects(
    async () => {
      for await (const _ of changes) await host.clock.settle();
    },
    { code: "not-found" },
  );
});
