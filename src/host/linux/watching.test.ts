// SPDX-License-Identifier: Apache-2.0
// What only a real kernel does: queues that overflow, and limits.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import os from "node:os";
import { after, describe, it } from "node:test";
import { Failure } from "../../contract/failure.ts";
import { linuxWatching, type WatchingParts } from "./watching.ts";

const directory = mkdtempSync(`${os.tmpdir()}/mgmt-test-`);
after(() => rmSync(directory, { recursive: true }));

describe("watching with a real kernel", () => {
  it("events that the kernel drops are noticed, and everything is told", { timeout: 60_000 }, async () => {
    const limit = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
    const stopping = new AbortController();
    const overflow = Promise.withResolvers<void>();
    const watching = linuxWatching({ onOverflow: overflow.resolve });
    mkdirSync(`${directory}/busy`);
    mkdirSync(`${directory}/quiet`);
    const pulses = watching.watch([{ path: `${directory}/quiet/deep/file` }], stopping.signal);
    const busy = watching.watch([{ path: `${directory}/busy` }], stopping.signal);
    await pulses.next();
    await busy.next();
    // All in one turn of the loop: the queue is full long before the one change that counts.
    writeFileSync(`${directory}/busy/0`, "1");
    for (let moves = 0; moves <= limit; moves += 1) {
      renameSync(`${directory}/busy/${moves % 2}`, `${directory}/busy/${(moves + 1) % 2}`);
    }
    mkdirSync(`${directory}/quiet/deep`);
    writeFileSync(`${directory}/quiet/deep/file`, "1");
    await pulses.next();
    await overflow.promise;
    await new Promise((resolve) => setImmediate(resolve));
    // What was armed in passing is armed for good: the next change is told by itself.
    const next = pulses.next();
    await Promise.race([next, new Promise((resolve) => setImmediate(resolve))]);
    writeFileSync(`${directory}/quiet/deep/file`, "2");
    assert.deepEqual(await next, { done: false, value: undefined });
    stopping.abort();
    assert.equal((await pulses.next()).done, true);
  });

  for (const [code, advice] of [
    ["ENOSPC", "max_user_watches"],
    ["EMFILE", "max_user_instances"],
  ] as const) {
    it(`a kernel that gives no more watches (${code}) is said which limit to raise`, async () => {
      const refusing = refusingAfter(2, code);
      const watching = linuxWatching({ open: refusing.open });
      const failure = await failureOf(watching.watch([{ path: `${directory}/a/b/c` }], refusing.signal));
      assert.equal(failure.code, "full");
      assert.equal(failure.retry, "backoff");
      assert.match(failure.hint ?? "", new RegExp(advice));
      refusing.stop();
    });
  }

  it("a watch that runs into the limit later fails then, and others go on", async () => {
    const refusing = refusingAfter(Number.POSITIVE_INFINITY, "ENOSPC");
    const watching = linuxWatching({ open: refusing.open });
    mkdirSync(`${directory}/limited`);
    const below = watching.watch([{ path: `${directory}/limited/new/file` }], refusing.signal);
    const beside = watching.watch([{ path: `${directory}/limited/other` }], refusing.signal);
    await below.next();
    await beside.next();
    refusing.from = 0;
    mkdirSync(`${directory}/limited/new`);
    const failure = await failureOf(below);
    assert.equal(failure.code, "full");
    assert.match(failure.message, /limited\/new/);
    writeFileSync(`${directory}/limited/other`, "1");
    assert.equal((await beside.next()).done, false);
    refusing.stop();
  });
});

/** Opens watches, until it has opened so many. */
function refusingAfter(count: number, code: string) {
  const stopping = new AbortController();
  const refusing = {
    from: count,
    signal: stopping.signal,
    stop: () => stopping.abort(),
    open: ((path: string, options: object, listener: () => void) => {
      refusing.from -= 1;
      if (refusing.from < 0) throw Object.assign(new Error("refused"), { code });
      return watch(path, options, listener);
    }) as NonNullable<WatchingParts["open"]>,
  };
  return refusing;
}

async function failureOf(pulses: AsyncIterableIterator<void>): Promise<Failure> {
  try {
    for await (const _ of pulses) continue;
  } catch (reason) {
    assert.ok(reason instanceof Failure);
    return reason;
  }
  throw new assert.AssertionError({ message: "the watch ended without a failure" });
}
