// SPDX-License-Identifier: Apache-2.0
// Several processes with one file: each has a connection of its own, as a process has.

import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { linuxHost } from "../../host/linux/index.ts";
import { drivenClock } from "../../host/memory/clock.ts";
import { seededRandom } from "../../host/memory/random.ts";
import { change, fails, follow, put, texts } from "../contract.test-support.ts";
import { sharedFileCluster, type SharedFileCluster } from "./index.ts";

interface Place {
  readonly path: string;
  readonly open: (options?: Partial<Parameters<typeof sharedFileCluster>[0]>) => SharedFileCluster;
}

async function check(run: (place: Place) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-store-"));
  const path = join(directory, "state/cluster.db");
  const { clock, random } = linuxHost();
  const opened: SharedFileCluster[] = [];
  const open: Place["open"] = (options) => {
    const cluster = sharedFileCluster({ path, clock, random, readOnly: false, onTrouble: () => {}, ...options });
    opened.push(cluster);
    return cluster;
  };
  try {
    await run({ path, open });
  } finally {
    for (const cluster of opened) await cluster.close();
    rmSync(directory, { recursive: true });
  }
}

const never = (): AbortSignal => new AbortController().signal;

test("what one writes the others see, and are told", () =>
  check(async ({ path, open }) => {
    const [one, other] = [open(), open()];
    const watch = follow(other, { prefix: "/" });
    assert.equal(await watch.next(), "");
    await change(one, put("/k", "1"));
    assert.equal(await watch.next(), "/k=1");
    await change(other, put("/k", "2"));
    assert.equal(await watch.next(), "/k=2");
    assert.deepEqual(await texts(one, { prefix: "/" }), ["/k=2"]);
    await watch.stop();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(`${path}-bell`).mode & 0o777, 0o600);
  }));

test("a session of one whose process is gone is ended by the others after its time", () =>
  check(async ({ open }) => {
    const clock = drivenClock();
    const [gone, other] = [open({ clock }), open({ clock, random: seededRandom(7) })];
    const session = await gone.openSession(3000, never());
    await change(gone, put("/mine", "1", session));
    const alive = await other.openSession(3000, never());
    await change(other, put("/other", "1", alive));
    await clock.advance(10_000);
    assert.deepEqual(await texts(other, { prefix: "/" }), ["/mine=1", "/other=1"], "both are alive");
    await gone.close();
    await clock.advance(2_900);
    assert.deepEqual(await texts(other, { prefix: "/" }), ["/mine=1", "/other=1"]);
    await clock.advance(1_200);
    assert.deepEqual(await texts(other, { prefix: "/" }), ["/other=1"]);
    assert.equal(alive.over.aborted, false);
  }));

test("one that may only look sees what others keep, and refuses to keep anything", () =>
  check(async ({ open }) => {
    await change(open(), put("/k", "1"));
    const reader = open({ readOnly: true });
    assert.deepEqual(await texts(reader, { prefix: "/" }), ["/k=1"]);
    await fails("read-only", reader.commit({ conditions: [], changes: [put("/k", "2")] }, never()));
    await fails("read-only", reader.openSession(1000, never()));
  }));

test("processes that write at the same time lose nothing of each other, and one of them may be killed", () =>
  check(async ({ path, open }) => {
    const writer = new URL("writer.test-support.ts", import.meta.url);
    const children = ["a", "b", "c"].map((name) => fork(writer, [path, name], { stdio: "inherit" }));
    const cluster = open();
    const ended = children.map((child) => new Promise<number | null>((resolve) => child.once("exit", resolve)));
    const watch = follow(cluster, { prefix: "/killed/" });
    assert.equal(await watch.next(), "");
    await until(async () => (await texts(cluster, { prefix: "/c/" })).length > 5);
    (children[2] as ChildProcess).kill("SIGKILL");
    assert.deepEqual(await Promise.all(ended), [0, 0, null]);
    const [count] = (await cluster.read({ key: "/count" }, never())).entries;
    const all = await texts(cluster, { prefix: "/" });
    const steps = all.filter((text) => /^\/[abc]\//.test(text)).length;
    assert.equal(Number(count?.value), steps, "every step was counted once");
    assert.equal(all.filter((text) => text.startsWith("/a/")).length, 40);
    assert.equal(all.filter((text) => text.startsWith("/b/")).length, 40);
    await watch.stop();
  }));

async function until(probe: () => Promise<boolean>): Promise<void> {
  const started = performance.now();
  while (!(await probe())) {
    if (performance.now() - started > 30_000) throw new Error("not within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
