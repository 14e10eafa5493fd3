// SPDX-License-Identifier: Apache-2.0
// How many hosts keep the store, as a resource says it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { drive, problemsOf } from "../../../test/resource.ts";
import { memoryCluster } from "../../cluster/memory/index.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { createExchange } from "../../exchange/index.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { configEtcd } from "./config-etcd.ts";

const { signal } = new AbortController();

/** A host, and somebody else at the same store. */
function place() {
  const host = memoryHost();
  const cluster = memoryCluster(host.clock);
  const door = (hostname: string) =>
    createExchange({ cluster: cluster.door(), hostname, clock: host.clock, onTrouble: () => {} });
  const options = { exchange: door("here") };
  const elsewhere = door("there").idealSize;
  return { host, options, elsewhere, resource: (fields: AnyWant) => drive(configEtcd, "store", fields, host, options) };
}

test("the number of hosts is set, and what is right stays", async () => {
  const { resource, elsewhere } = place();
  const three = resource({ idealclustersize: 3 });
  assert.deepEqual(await three.settle(), ["~ let 3 hosts keep the store (was 5)"]);
  assert.deepEqual(await three.settle(), []);
  assert.equal(await elsewhere.get(signal), 3);
  assert.deepEqual(await resource({ idealclustersize: 1 }).settle(), ["~ let 1 host keep the store (was 3)"]);
});

test("a store that is to end is left alone, one that has ended begins again", async () => {
  const { resource, elsewhere } = place();
  const three = resource({ idealclustersize: 3 });
  await three.settle();
  await elsewhere.set(0, signal);
  assert.deepEqual(await three.settle(), []);
  assert.equal(await elsewhere.get(signal), 0);
  // In another run, which has seen it at nothing else.
  assert.deepEqual(await resource({ idealclustersize: 3 }).settle(), ["~ let 3 hosts keep the store (was 0)"]);
  const none = resource({ idealclustersize: 0, allow_size_shutdown: true });
  assert.deepEqual(await none.settle(), ["~ let no host keep the store (was 3)"]);
});

test("a change behind its back is told, and taken back", async () => {
  const { resource, elsewhere, host } = place();
  const three = resource({ idealclustersize: 3 });
  await three.settle();
  const watch = three.watch();
  const tells = async (): Promise<void> => {
    const next = watch.next();
    await host.clock.advance(1000);
    assert.equal((await next).done, false);
  };
  await tells();
  await elsewhere.set(4, signal);
  await tells();
  assert.deepEqual(await three.settle(), ["~ let 3 hosts keep the store (was 4)"]);
});

test("what makes no sense is refused", () => {
  const titles = (fields: AnyWant) => problemsOf(configEtcd, "store", fields);
  assert.deepEqual(titles({ idealclustersize: 5 }), []);
  assert.deepEqual(titles({}), ["with no host to keep it the store would end"]);
  assert.deepEqual(titles({ idealclustersize: 0, allow_size_shutdown: true }), []);
  assert.deepEqual(titles({ idealclustersize: -1, allow_size_shutdown: true }), [
    "so many hosts cannot keep a store: -1",
  ]);
  assert.deepEqual(titles({ idealclustersize: 100 }), ["so many hosts cannot keep a store: 100"]);
});

test("whatever was said, one pass settles it", async () => {
  const size = fc.integer({ min: 0, max: 99 });
  await fc.assert(
    fc.asyncProperty(fc.option(size), size, async (before, idealclustersize) => {
      const { resource, elsewhere } = place();
      if (before !== null) await elsewhere.set(before, signal);
      const wanted = resource({ idealclustersize, allow_size_shutdown: true });
      await wanted.settle();
      assert.deepEqual(await wanted.settle(), []);
      assert.equal(await elsewhere.get(signal), idealclustersize);
    }),
    { numRuns: 300 },
  );
});

proves("config:etcd", "twice", "outside change", "bad values", "random starts");

eachField("config:etcd", {
  machine: place,
  name: "store",
  fields: { idealclustersize: 3 },
  changes: {
    idealclustersize: {
      outside: ({ elsewhere }) => elsewhere.set(4, signal),
      repair: ["~ let 3 hosts keep the store (was 4)"],
    },
  },
  parameters: { allow_size_shutdown: "it says which number may be given" },
});
