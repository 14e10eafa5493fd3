// SPDX-License-Identifier: Apache-2.0
// What becomes of those who write and follow while real servers are killed, stopped and started: nothing that was said to
// be done is lost, and followers are told everything, once and in order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster, Revision } from "../../src/contract/cluster.ts";
import { Failure } from "../../src/contract/failure.ts";
import { change, fails, follow, put, texts } from "../../src/cluster/contract.test-support.ts";
import type { EtcdCluster } from "../../src/cluster/etcd/index.ts";
import { EtcdLab, missing, type LabOptions } from "./etcd.test-support.ts";

const never = (): AbortSignal => new AbortController().signal;

/** Somebody who writes one key after the other, as fast as it goes. */
class Writer {
  readonly done: string[] = [];
  readonly refused: Failure[] = [];
  longestMs = 0;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(cluster: Cluster, name: string) {
    this.#ended = this.#write(cluster, name);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  /** Until it has written so many more. */
  async writes(count: number): Promise<void> {
    const { length } = this.done;
    const until = Date.now() + 60_000;
    while (this.done.length < length + count) {
      assert.ok(Date.now() < until, `it wrote ${this.done.length - length}: ${this.refused.at(-1)?.message}`);
      await sleep(5);
    }
  }

  async #write(cluster: Cluster, name: string): Promise<void> {
    for (let next = 0; !this.#stopping.signal.aborted; next += 1) {
      const key = `/w/${name}/${String(next).padStart(6, "0")}`;
      const began = performance.now();
      try {
        await cluster.commit({ conditions: [{ key, changed: 0 }], changes: [put(key, `${next}`)] }, never());
        this.done.push(key);
        this.longestMs = Math.max(this.longestMs, performance.now() - began);
      } catch (reason) {
        assert.ok(reason instanceof Failure && reason.code === "unreachable", String(reason));
        this.refused.push(reason);
      }
    }
  }
}

/** Somebody who follows everything and begins anew, behind what it was told, whenever that breaks. */
class Follower {
  readonly keys: string[] = [];
  readonly revisions: Revision[] = [];
  breaks = 0;
  compacted = 0;
  #after: Revision = 0;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(cluster: Cluster) {
    this.#ended = this.#follow(cluster);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async comesTo(revision: Revision): Promise<void> {
    const until = Date.now() + 60_000;
    while (this.#after < revision) {
      assert.ok(Date.now() < until, `it came to ${this.#after} of ${revision}`);
      await sleep(5);
    }
  }

  async #follow(cluster: Cluster): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        for await (const item of cluster.watch({ prefix: "/w/" }, this.#after, signal)) {
          if (item.kind === "compacted") {
            this.compacted += 1;
            this.#after = (await cluster.read({ prefix: "/w/" }, never())).revision;
            break;
          }
          assert.ok(item.revision >= this.#after, "revisions only grow");
          this.#after = item.revision;
          for (const { key, entry } of item.changes) {
            this.keys.push(key);
            this.revisions.push(entry?.changed ?? 0);
          }
        }
      } catch (reason) {
        assert.ok(reason instanceof Failure && reason.code === "unreachable", String(reason));
        this.breaks += 1;
        await sleep(50);
      }
    }
  }
}

interface Story {
  readonly lab: EtcdLab;
  readonly cluster: EtcdCluster;
  readonly writer: Writer;
  readonly follower: Follower;
}

function check(title: string, options: LabOptions, run: (story: Story) => Promise<void>): void {
  test(title, async (context) => {
    if (missing !== undefined) return context.diagnostic(missing);
    const lab = await EtcdLab.start(options);
    const cluster = lab.open();
    const [writer, follower] = [new Writer(cluster, "a"), new Follower(lab.open())];
    try {
      await writer.writes(50);
      await run({ lab, cluster, writer, follower });
      await writer.writes(50);
      await writer.stop();
      const { revision, entries } = await cluster.read({ prefix: "/w/" }, never());
      const kept = new Set(entries.map(({ key }) => key));
      assert.deepEqual(
        writer.done.filter((key) => !kept.has(key)),
        [],
        "nothing that was done is lost",
      );
      await follower.comesTo(revision);
      assert.deepEqual(
        follower.revisions,
        [...follower.revisions].sort((left, right) => left - right),
        "in order",
      );
      // A write whose end nobody knew may have been done late, by a member that was silent: behind what was written after it.
      if (follower.compacted === 0) assert.deepEqual(follower.keys.toSorted(), [...kept], "each once, and all");
      context.diagnostic(
        `${writer.done.length} written, ${writer.refused.length} refused, longest ${Math.round(writer.longestMs)} ms; ${follower.breaks} breaks`,
      );
    } finally {
      await writer.stop();
      await follower.stop();
      await lab.stop();
    }
  });
}

const three = { members: 3 };

check("a member that is killed and comes back disturbs nobody for long", three, async ({ lab, writer }) => {
  for (const member of lab.members) {
    await lab.kill(member);
    await writer.writes(30);
    lab.begin(member);
    await lab.ready();
  }
});

check("when the leader is killed another one takes over", three, async ({ lab, writer }) => {
  await lab.kill(await lab.leader());
  await writer.writes(30);
});

check("a member that is silent is left for another one", three, async ({ lab, writer, cluster }) => {
  const silent = lab.members.find((member) => lab.url(member) === cluster.current);
  assert.ok(silent !== undefined);
  lab.pause(silent);
  await writer.writes(30);
  assert.notEqual(cluster.current, lab.url(silent));
  lab.resume(silent);
});

check("without a majority nothing is done, and everything goes on when it is back", three, async (story) => {
  const { lab, writer, cluster } = story;
  await Promise.all([lab.kill(1), lab.kill(2)]);
  await sleep(1000);
  const before = writer.done.length;
  await fails("unreachable", change(cluster, put("/other", "1")));
  assert.equal(writer.done.length, before);
  lab.begin(1);
  lab.begin(2);
});

check("all servers end and begin again", three, async ({ lab }) => {
  await Promise.all(lab.members.map((member) => lab.kill(member)));
  await sleep(500);
  for (const member of lab.members) lab.begin(member);
});

check(
  "who was away while the store forgot is told to read again",
  three,
  async ({ lab, writer, cluster, follower }) => {
    await follower.stop();
    const { revision } = await cluster.read({ key: "/none" }, never());
    await writer.writes(100);
    await cluster.members.compact(never());
    await writer.writes(10);
    const late = follow(cluster, { prefix: "/w/" }, revision);
    assert.equal(await late.next(), "compacted");
    assert.equal(await late.next(), "end");
    follower.compacted = 1; // It has not seen everything, and this is why.
    await lab.ready();
    const { revision: now } = await cluster.read({ key: "/none" }, never());
    Object.assign(follower, { comesTo: async () => {} });
    assert.ok(now > revision);
  },
);

test("sessions outlive a leader, and are over when nobody can be asked for their time", async (context) => {
  if (missing !== undefined) return context.diagnostic(missing);
  const lab = await EtcdLab.start(three);
  try {
    const cluster = lab.open();
    const session = await cluster.openSession(3000, never());
    await change(cluster, put("/mine", "1", session));
    const leader = await lab.leader();
    await lab.kill(leader);
    await sleep(6000);
    assert.equal(session.over.aborted, false);
    assert.deepEqual(await texts(cluster, { prefix: "/" }), ["/mine=1"]);
    lab.begin(leader);
    await lab.ready();
    for (const member of lab.members) lab.pause(member);
    const over = Promise.withResolvers<void>();
    session.over.addEventListener("abort", () => over.resolve());
    const began = performance.now();
    await over.promise;
    assert.ok(performance.now() - began < 3500, "it is over after its time, also when nobody says so");
    for (const member of lab.members) lab.resume(member);
    const again = await cluster.openSession(3000, never());
    await change(cluster, put("/mine", "2", again));
    await again.end(never());
  } finally {
    await lab.stop();
  }
});

test("a store that lost its data is read anew", async (context) => {
  if (missing !== undefined) return context.diagnostic(missing);
  const lab = await EtcdLab.start();
  try {
    const troubles: string[] = [];
    const cluster = lab.open({ onTrouble: (text) => troubles.push(text) });
    const session = await cluster.openSession(60_000, never());
    for (const value of ["1", "2", "3"]) await change(cluster, put("/k", value));
    const { revision } = await cluster.read({ key: "/k" }, never());
    await lab.kill(1);
    lab.loseData(1);
    lab.begin(1);
    await lab.ready();
    const again = await cluster.read({ key: "/k" }, never());
    assert.deepEqual(again.entries, []);
    assert.ok(again.revision > revision, "revisions go on growing");
    assert.equal(session.over.aborted, true);
    assert.equal(troubles.length, 1);
    const old = follow(cluster, { prefix: "/" }, revision);
    assert.equal(await old.next(), "compacted");
    const first = await change(cluster, put("/k", "new"));
    const refused = await cluster.commit({ conditions: [{ key: "/k", changed: revision }], changes: [] }, never());
    assert.equal(refused.held, false);
    const held = await cluster.commit({ conditions: [{ key: "/k", changed: first }], changes: [] }, never());
    assert.equal(held.held, true);
  } finally {
    await lab.stop();
  }
});
