// SPDX-License-Identifier: Apache-2.0
// What only a store in a file does: it outlives the process, and leaves nothing where nobody keeps anything.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Cluster } from "../../contract/cluster.ts";
import { drivenClock, type DrivenClock } from "../../host/memory/clock.ts";
import { seededRandom } from "../../host/memory/random.ts";
import { change, fails, follow, put, remove, texts } from "../contract.test-support.ts";
import { embeddedCluster } from "./index.ts";

interface Disk {
  readonly path: string;
  readonly clock: DrivenClock;
  readonly troubles: readonly string[];
  readonly open: (options?: { readonly readOnly?: boolean }) => Cluster;
}

async function check(run: (disk: Disk) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-store-"));
  const path = join(directory, "state/cluster.db");
  const clock = drivenClock();
  const troubles: string[] = [];
  const opened: Cluster[] = [];
  let seed = 0;
  const open: Disk["open"] = ({ readOnly = false } = {}) => {
    const random = seededRandom((seed += 1));
    const cluster = embeddedCluster({ path, clock, random, readOnly, onTrouble: (text) => troubles.push(text) });
    opened.push(cluster);
    return cluster;
  };
  try {
    await run({ path, clock, troubles, open });
  } finally {
    for (const cluster of opened) await cluster.close();
    rmSync(directory, { recursive: true });
  }
}

const never = (): AbortSignal => new AbortController().signal;

test("what was kept is there after a restart, with its revisions", () =>
  check(async ({ path, open }) => {
    const before = open();
    await change(before, put("/k", "1"), put("/gone", ""));
    const revision = await change(before, put("/k", "2"), remove("/gone"));
    const snapshot = await before.read({ prefix: "/" }, never());
    await before.close();
    const after = open();
    assert.deepEqual(await after.read({ prefix: "/" }, never()), snapshot);
    assert.equal(await change(after, put("/l", "")), revision + 1);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  }));

test("a kill loses nothing that was answered", () =>
  check(async ({ open }) => {
    const killed = open();
    await change(killed, put("/k", "1"));
    // Not closed: another one opens what stands on the disk.
    assert.deepEqual(await texts(open(), { prefix: "/" }), ["/k=1"]);
  }));

test("whoever only looks leaves nothing behind", () =>
  check(async ({ path, open }) => {
    for (const readOnly of [false, true]) {
      const cluster = open({ readOnly });
      assert.deepEqual(await texts(cluster, { prefix: "/" }), []);
      const watch = follow(cluster, { prefix: "/" });
      assert.equal(await watch.next(), "");
      await watch.stop();
      await cluster.close();
    }
    assert.equal(existsSync(join(path, "..")), false);
  }));

test("one that may only look sees what another has kept, and refuses to keep anything", () =>
  check(async ({ path, clock, open }) => {
    const writer = open();
    const session = await writer.openSession(1000, never());
    await change(writer, put("/k", "1", session));
    const reader = open({ readOnly: true });
    assert.deepEqual(await texts(reader, { prefix: "/" }), ["/k=1"]);
    await fails("read-only", reader.commit({ conditions: [], changes: [put("/k", "2")] }, never()));
    await fails("read-only", reader.openSession(1000, never()));
    await clock.advance(10_000);
    assert.deepEqual(await texts(writer, { prefix: "/" }), ["/k=1"], "the session of another is not ended");
    await reader.close();
    await writer.close();
    assert.deepEqual(readdirSync(join(path, "..")), ["cluster.db"]);
  }));

test("sessions of a process that is gone end their time after the next start", () =>
  check(async ({ clock, open }) => {
    const killed = open();
    const session = await killed.openSession(3000, never());
    await change(killed, put("/mine", "1", session), put("/again", "1", session), put("/other", ""));
    await killed.close();
    await clock.advance(60_000);
    const next = open();
    assert.deepEqual(await texts(next, { prefix: "/" }), ["/again=1", "/mine=1", "/other="]);
    const anew = await next.openSession(3000, never());
    await change(next, put("/again", "2", anew));
    await clock.advance(3000);
    assert.deepEqual(await texts(next, { prefix: "/" }), ["/again=2", "/other="]);
  }));

test("a file that cannot be used is put aside, and that is told", () =>
  check(async ({ path, troubles, open }) => {
    await change(open(), put("/k", "1"));
    writeFileSync(path, "no database at all, but long enough to look at: ".repeat(100));
    rmSync(`${path}-wal`, { force: true });
    const cluster = open();
    assert.deepEqual(await texts(cluster, { prefix: "/" }), []);
    await change(cluster, put("/k", "2"));
    assert.deepEqual(await texts(cluster, { prefix: "/" }), ["/k=2"]);
    assert.equal(troubles.length, 1);
    assert.match(
      troubles[0] ?? "",
      /cannot be used, because it is damaged; it was moved to .*aside and a new one begun/,
    );
  }));

test("a disk that refuses is a failure, and nothing has changed", () =>
  check(async ({ path, open }) => {
    const cluster = open();
    await change(cluster, put("/k", "1"));
    // Somebody else holds the file, so the write is refused.
    const { DatabaseSync } = await import("node:sqlite");
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const watch = follow(cluster, { prefix: "/" });
    assert.equal(await watch.next(), "");
    await fails("busy", cluster.commit({ conditions: [], changes: [put("/k", "2")] }, never()));
    assert.deepEqual(await texts(cluster, { prefix: "/" }), ["/k=1"]);
    other.exec("ROLLBACK");
    other.close();
    await change(cluster, put("/k", "3"));
    assert.equal(await watch.next(), "/k=3");
    await watch.stop();
  }));
