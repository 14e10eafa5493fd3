// SPDX-License-Identifier: Apache-2.0
// What every store must do, as cases that run on each.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type {
  Change,
  Cluster,
  Entry,
  KeyRange,
  Revision,
  Session,
  Snapshot,
  Transaction,
  WatchItem,
} from "../contract/cluster.ts";
import { Failure, type FailureCode } from "../contract/failure.ts";

/** A store without anything in it. */
export interface Bench {
  /** That of one host; the same one each time. */
  readonly cluster: Cluster;
  /** Until this time has passed. */
  readonly pass: (ms: number) => Promise<void>;
  /** Makes the store forget what has happened so far, but not what there is. Returns a way in. */
  readonly forget: () => Promise<Cluster>;
  readonly close: () => Promise<void>;
}

const never = (): AbortSignal => new AbortController().signal;

export function put(key: string, value: string, session?: Session): Change {
  return { do: "put", key, value, ...(session === undefined ? {} : { session: session.id }) };
}

export function remove(key: string): Change {
  return { do: "delete", key };
}

export async function change(cluster: Cluster, ...changes: readonly Change[]): Promise<Revision> {
  const { held, revision } = await cluster.commit({ conditions: [], changes }, never());
  assert.ok(held);
  return revision;
}

export async function texts(cluster: Cluster, range: KeyRange): Promise<readonly string[]> {
  return textsOf(await cluster.read(range, never()));
}

function textsOf({ entries }: Snapshot): readonly string[] {
  return entries.map(({ key, value }) => `${key}=${value}`);
}

/** Begins at once to read; `next` waits for an item. */
export function follow(cluster: Cluster, range: KeyRange, after?: Revision) {
  const stopping = new AbortController();
  const items = cluster.watch(range, after, stopping.signal);
  return {
    async next(): Promise<string> {
      const item = await items.next();
      return item.done === true ? "end" : shown(item.value);
    },
    async stop(): Promise<void> {
      stopping.abort();
      while ((await items.next()).done !== true);
    },
  };
}

function shown(item: WatchItem): string {
  if (item.kind === "compacted") return "compacted";
  return item.changes.map(({ key, entry }) => (entry === undefined ? `-${key}` : `${key}=${entry.value}`)).join(" ");
}

export async function fails(code: FailureCode, task: Promise<unknown>): Promise<void> {
  const failed = (reason: unknown): boolean => reason instanceof Failure && reason.code === code;
  await assert.rejects(task, failed);
}

export function contract(name: string, make: () => Promise<Bench>): void {
  const check = (title: string, run: (bench: Bench) => Promise<void>): void => {
    test(title, async () => {
      const bench = await make();
      try {
        await run(bench);
      } finally {
        await bench.close();
      }
    });
  };

  describe(`the store ${name}`, () => {
    check("there is nothing at first, at revision 0", async ({ cluster }) => {
      assert.deepEqual(await cluster.read({ prefix: "/" }, never()), { revision: 0, entries: [] });
    });

    check("a range is a key or a prefix, sorted by key", async ({ cluster }) => {
      await change(cluster, put("/b", "2"), put("/a/x", "1"), put("/a", "0"), put("/a~", "3"), put("/ab", "4"));
      assert.deepEqual(await texts(cluster, { prefix: "/a" }), ["/a=0", "/a/x=1", "/ab=4", "/a~=3"]);
      assert.deepEqual(await texts(cluster, { prefix: "/a/" }), ["/a/x=1"]);
      assert.deepEqual(await texts(cluster, { key: "/a" }), ["/a=0"]);
      assert.deepEqual(await texts(cluster, { key: "/c" }), []);
    });

    check("any str is a value", async ({ cluster }) => {
      for (const value of ["", "é\n", "a\udcffb", "𝄞"]) {
        await change(cluster, put("/k", value));
        assert.equal((await cluster.read({ key: "/k" }, never())).entries[0]?.value, value);
      }
    });

    check("an entry knows when it came and when it was put last", async ({ cluster }) => {
      const first = await change(cluster, put("/k", "1"), put("/other", ""));
      const second = await change(cluster, put("/k", "2"));
      const [entry] = (await cluster.read({ key: "/k" }, never())).entries;
      assert.deepEqual(entry, { key: "/k", value: "2", created: first, changed: second });
      await change(cluster, remove("/k"));
      const third = await change(cluster, put("/k", "3"));
      const [again] = (await cluster.read({ key: "/k" }, never())).entries;
      assert.deepEqual(again, { key: "/k", value: "3", created: third, changed: third });
    });

    check("revisions grow by what changes something, and by nothing else", async ({ cluster }) => {
      const first = await change(cluster, put("/k", "1"));
      assert.equal(await change(cluster, put("/k", "1")), first + 1, "the same value is a change");
      assert.equal(await change(cluster, remove("/absent")), first + 1);
      assert.equal(await change(cluster), first + 1);
    });

    check("a transaction is made when all its conditions hold, else nothing of it", async ({ cluster }) => {
      const revision = await change(cluster, put("/k", "1"));
      const attempt = (conditions: Transaction["conditions"], value: string) =>
        cluster.commit({ conditions, changes: [put("/k", value), put("/new", value)] }, never());
      assert.equal((await attempt([{ key: "/k", changed: revision - 1 }], "no")).held, false);
      assert.equal((await attempt([{ key: "/k", changed: 0 }], "no")).held, false);
      const refused = await attempt([{ key: "/k", changed: revision }, { key: "/absent", changed: 7 }], "no"); // biome-ignore format: one line
      assert.deepEqual(refused, { held: false, revision });
      assert.deepEqual(await texts(cluster, { prefix: "/" }), ["/k=1"]);
      const made = await attempt([{ key: "/k", changed: revision }, { key: "/absent", changed: 0 }], "2"); // biome-ignore format: one line
      assert.deepEqual(made, { held: true, revision: revision + 1 });
      assert.deepEqual(await texts(cluster, { prefix: "/" }), ["/k=2", "/new=2"]);
    });

    check("of several that want the same, one gets it", async ({ cluster }) => {
      const attempts = Array.from({ length: 10 }, (_, each) =>
        cluster.commit({ conditions: [{ key: "/k", changed: 0 }], changes: [put("/k", `${each}`)] }, never()),
      );
      const made = await Promise.all(attempts);
      assert.equal(made.filter(({ held }) => held).length, 1);
    });

    check("what is too large is refused", async ({ cluster }) => {
      const large = "x".repeat(1024 * 1024);
      await fails("too-large", cluster.commit({ conditions: [], changes: [put("/k", large)] }, never()));
      const many = Array.from({ length: 129 }, (_, each) => put(`/${each}`, ""));
      await fails("too-large", cluster.commit({ conditions: [], changes: many }, never()));
      await change(cluster, put("/k", large.slice(2)));
      await change(cluster, ...many.slice(1));
    });

    check("an aborted signal is refused with its reason", async ({ cluster }) => {
      const reason = new Error("enough");
      const aborted = AbortSignal.abort(reason);
      const isReason = (thrown: unknown): boolean => thrown === reason;
      await assert.rejects(cluster.read({ key: "/k" }, aborted), isReason);
      await assert.rejects(cluster.commit({ conditions: [], changes: [put("/k", "")] }, aborted), isReason);
      await assert.rejects(cluster.openSession(1000, aborted), isReason);
      assert.deepEqual(await texts(cluster, { prefix: "/" }), []);
    });

    check("a watch tells at once that nothing will be missed, then what changes", async ({ cluster }) => {
      await change(cluster, put("/a/1", "before"));
      const watch = follow(cluster, { prefix: "/a/" });
      assert.equal(await watch.next(), "");
      const next = watch.next();
      await change(cluster, put("/b", "elsewhere"));
      await change(cluster, put("/a/2", "x"), put("/b", "y"), remove("/a/1"));
      assert.equal(await next, "/a/2=x -/a/1");
      await change(cluster, put("/a/2", "z"));
      assert.equal(await watch.next(), "/a/2=z");
      await watch.stop();
    });

    check("a watch goes on after a revision", async ({ cluster }) => {
      const first = await change(cluster, put("/k", "1"));
      await change(cluster, put("/k", "2"));
      await change(cluster, put("/l", "3"));
      const watch = follow(cluster, { prefix: "/" }, first);
      assert.equal(await watch.next(), "/k=2 /l=3");
      await watch.stop();
      const late = follow(cluster, { prefix: "/" }, first + 2);
      assert.equal(await late.next(), "");
      await late.stop();
    });

    check("a watch whose revision is forgotten says so and ends", async ({ cluster, forget }) => {
      const first = await change(cluster, put("/k", "1"));
      const last = await change(cluster, put("/k", "2"));
      const again = await forget();
      const old = follow(again, { prefix: "/" }, first);
      assert.equal(await old.next(), "compacted");
      assert.equal(await old.next(), "end");
      assert.deepEqual(await texts(again, { prefix: "/" }), ["/k=2"]);
      const present = follow(again, { prefix: "/" }, last);
      assert.equal(await present.next(), "");
      await change(again, put("/k", "3"));
      assert.equal(await present.next(), "/k=3");
      await present.stop();
      const future = follow(again, { prefix: "/" }, last + 100);
      assert.equal(await future.next(), "compacted");
    });

    check("keys of a session go with it, others stay", async ({ cluster }) => {
      const session = await cluster.openSession(10_000, never());
      await change(cluster, put("/mine", "1", session), put("/kept", "2", session), put("/other", "3"));
      await change(cluster, put("/kept", "2"));
      const watch = follow(cluster, { prefix: "/" });
      await watch.next();
      assert.equal(session.over.aborted, false);
      await session.end(never());
      assert.equal(session.over.aborted, true);
      assert.equal(await watch.next(), "-/mine");
      assert.deepEqual(await texts(cluster, { prefix: "/" }), ["/kept=2", "/other=3"]);
      await fails("not-found", cluster.commit({ conditions: [], changes: [put("/k", "", session)] }, never()));
      await session.end(never());
      await watch.stop();
    });

    check("a session is kept alive by itself until it is left", async ({ cluster, pass }) => {
      const session = await cluster.openSession(2000, never());
      await change(cluster, put("/mine", "1", session));
      await pass(10_000);
      assert.deepEqual(await texts(cluster, { prefix: "/" }), ["/mine=1"]);
      session.leave();
      await pass(1500);
      assert.deepEqual(await texts(cluster, { prefix: "/" }), ["/mine=1"]);
      await pass(1000);
      assert.deepEqual(await texts(cluster, { prefix: "/" }), []);
      assert.equal(session.over.aborted, true);
    });

    check("a key can change from one session to another", async ({ cluster, pass }) => {
      const [first, second] = [await cluster.openSession(2000, never()), await cluster.openSession(2000, never())];
      await change(cluster, put("/k", "1", first));
      await change(cluster, put("/k", "2", second));
      assert.equal((await cluster.read({ key: "/k" }, never())).entries[0]?.session, second.id);
      first.leave();
      await pass(5000);
      assert.deepEqual(await texts(cluster, { prefix: "/" }), ["/k=2"]);
    });

    test("a follower that begins anywhere comes to what there is", async () => {
      const key = fc.constantFrom("/a", "/a/1", "/a/2", "/b");
      const one = fc.record({ key, value: fc.option(fc.string({ maxLength: 3 }), { nil: undefined }) });
      const transaction = fc.uniqueArray(one, { selector: (each) => each.key, maxLength: 4 });
      const run = async (transactions: readonly { key: string; value: string | undefined }[][], from: number) => {
        const bench = await make();
        const { cluster } = bench;
        const present = new Map<string, string>();
        let begin = 0;
        try {
          for (const [at, changes] of transactions.entries()) {
            if (at === from) {
              const { revision, entries } = await cluster.read({ prefix: "/" }, never());
              for (const entry of entries) present.set(entry.key, entry.value);
              begin = revision;
            }
            await change(
              cluster,
              ...changes.map(({ key: k, value }) => (value === undefined ? remove(k) : put(k, value))),
            );
          }
          const stopping = new AbortController();
          for await (const item of cluster.watch({ prefix: "/" }, begin, stopping.signal)) {
            assert.equal(item.kind, "changes");
            if (item.kind === "changes") apply(present, item.changes);
            break;
          }
          stopping.abort();
          const expected = (await cluster.read({ prefix: "/" }, never())).entries;
          assert.deepEqual(
            [...present].sort(([left], [right]) => (left < right ? -1 : 1)),
            expected.map((entry) => [entry.key, entry.value]),
          );
        } finally {
          await bench.close();
        }
      };
      const property = fc.asyncProperty(fc.array(transaction, { maxLength: 12 }), fc.nat(12), run);
      await fc.assert(property, { numRuns: 30 });
    });
  });
}

function apply(present: Map<string, string>, changes: readonly { key: string; entry: Entry | undefined }[]): void {
  for (const { key, entry } of changes) {
    if (entry === undefined) present.delete(key);
    else present.set(key, entry.value);
  }
}
