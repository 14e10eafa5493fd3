// SPDX-License-Identifier: Apache-2.0
// Deploys on a store in memory: ids, commits, contents, and what happens between two who deploy at the same time.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Failure } from "../contract/failure.ts";
import type { Publication } from "./deploys.ts";
import { blobsPrefix, deployKey } from "./keys.ts";
import { collect, type FleetHost, never, withFleet } from "./fleet.test-support.ts";

function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

function publication(files: Readonly<Record<string, string | Uint8Array>>, more: Partial<Publication["record"]> = {}) {
  const contents = new Map(Object.values(files).map((file) => [sha256(file), Buffer.from(file)]));
  const manifest = Object.entries(files)
    .map(([path, file]) => `${JSON.stringify({ path, sha256: sha256(file), size: file.length })}\n`)
    .join("");
  const record = {
    bundle: sha256(manifest),
    frontend: "mcl",
    name: "site",
    settings: { noop: false, autoedges: true, autogroups: true },
    atMs: 0,
    by: "you@laptop",
    ...more,
  } as const;
  return { record, manifest, contents, checksParent: true };
}

async function conflicts(task: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(task, (reason: unknown) => {
    assert.ok(reason instanceof Failure && reason.code === "conflict", String(reason));
    assert.match(reason.message, message);
    return true;
  });
}

const ids = async ({ exchange }: FleetHost) => (await exchange.deploys.list(never())).map(({ record }) => record.id);

test("ids begin at 1 and grow by one, and every host is told", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const seen = collect(b.exchange.deploys.follow(b.signal));
    await fleet.settle();
    assert.deepEqual(seen.last, []);
    const first = await a.exchange.deploys.publish(publication({ "/main.mcl": "1" }), never());
    const second = await b.exchange.deploys.publish(publication({ "/main.mcl": "2" }), never());
    assert.deepEqual([first.record.id, second.record.id], [1, 2]);
    await fleet.settle();
    assert.deepEqual(seen.last, await a.exchange.deploys.list(never()));
    const content = await b.exchange.deploys.content(sha256("2"), never());
    assert.equal(Buffer.from(content ?? []).toString(), "2");
  }));

test("a large content is kept in parts, and what is there is not sent again", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const large = new Uint8Array(1_300_000).map((_, at) => (at * 7) % 251);
    await a.exchange.deploys.publish(publication({ "/main.mcl": "1", "/files/large": large }), never());
    const content = await a.exchange.deploys.content(sha256(large), never());
    assert.equal(Buffer.compare(content ?? new Uint8Array(), large), 0);
    const { revision } = fleet.cluster;
    await a.exchange.deploys.publish(publication({ "/main.mcl": "1", "/files/large": large }), never());
    assert.equal(fleet.cluster.revision, revision + 1, "the deploy alone");
    assert.equal(await a.exchange.deploys.content(sha256("absent"), never()), undefined);
  }));

test("of two who deploy at the same time one is told that the other came first", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const attempts = [a, b].map(({ name, exchange }) =>
      exchange.deploys.publish(publication({ "/main.mcl": name }, { by: name }), never()),
    );
    const [first, second] = await Promise.allSettled(attempts);
    assert.notEqual(first?.status, second?.status);
    const refused = [first, second].find((each) => each?.status === "rejected") as PromiseRejectedResult;
    assert.match(String(refused.reason), /Somebody else deployed at the same time: deploy 1 by [ab]/);
    assert.deepEqual(await ids(a), [1]);
  }));

test("a commit must follow that of the newest deploy", () =>
  withFleet(async (fleet) => {
    const { deploys } = fleet.start("a").exchange;
    const at = (commit: string | undefined, parent?: string, checksParent = true) =>
      deploys.publish(
        {
          ...publication(
            { "/main.mcl": commit ?? "" },
            { ...(commit && { commit }), ...(parent === undefined ? {} : { parent }) },
          ),
          checksParent,
        },
        never(),
      );
    await at("c1", "c0");
    await conflicts(at("c1", "c0"), /nothing new to deploy: deploy 1 is of this commit, c1/);
    await conflicts(at("c3", "c2"), /c3 does not follow the newest deploy, 1, which is of commit c1/);
    await at("c2", "c1");
    await at("x", "y", false);
    await at(undefined);
    await conflicts(at("z", "x"), /does not follow the newest deploy, 4, which is of no commit/);
    await at("z", "x", false);
  }));

test("old deploys go with the contents that no other has", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const { deploys } = a.exchange;
    for (const each of ["1", "2", "3", "4"]) await deploys.publish(publication({ "/main.mcl": each, "/same": "same" }), never()); // biome-ignore format: one line
    assert.deepEqual(await deploys.prune(2, new Set([1]), never()), [2]);
    assert.deepEqual(await ids(a), [1, 3, 4]);
    assert.equal(await deploys.content(sha256("2"), never()), undefined);
    for (const each of ["1", "3", "4", "same"]) assert.ok(await deploys.content(sha256(each), never()), each);
    assert.equal((await a.door.read({ prefix: blobsPrefix }, never())).entries.length, 4 + 3);
    const next = await deploys.publish(publication({ "/main.mcl": "2" }), never());
    assert.equal(next.record.id, 5, "ids are not used twice");
  }));

test("a content that is pruned while somebody relies on it is sent again", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    await a.exchange.deploys.publish(publication({ "/main.mcl": "1", "/old": "old" }), never());
    await a.exchange.deploys.publish(publication({ "/main.mcl": "2" }), never());
    let pruning: Promise<unknown> | undefined;
    const wanted = publication({ "/main.mcl": "3", "/old": "old" });
    const published = b.exchange.deploys.publish(
      {
        ...wanted,
        sign: () => {
          // It has looked at the contents by now, and has not made its deploy.
          pruning ??= a.exchange.deploys.prune(1, new Set(), never());
          return { key: "k", value: "v" };
        },
      },
      never(),
    );
    const { record } = await published;
    await pruning;
    for (const each of ["3", "old"]) assert.ok(await b.exchange.deploys.content(sha256(each), never()), each);
    assert.equal(record.id, 3);
    assert.equal((await ids(a)).at(-1), 3);
  }));

test("what stands under another key than its own, was only proposed, or is of a later version, is no deploy", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    await a.exchange.deploys.publish(publication({ "/main.mcl": "1" }), never());
    const [entry] = (await a.door.read({ key: deployKey(1) }, never())).entries;
    const put = (id: number, value: string) =>
      a.door.commit({ conditions: [], changes: [{ do: "put", key: deployKey(id), value }] }, never());
    await put(2, entry?.value ?? "");
    await put(3, JSON.stringify({ version: 2 }));
    await put(0, (entry?.value ?? "").replace('\\"id\\":1', '\\"id\\":0'));
    assert.deepEqual(await ids(a), [1]);
  }));
