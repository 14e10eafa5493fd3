// SPDX-License-Identifier: Apache-2.0
// The store of one machine, on its disk and in memory: both are held to the same.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LocalStore } from "../contract/local-store.ts";
import { MapValue } from "../values/value.ts";
import { fails, never } from "./bench.test-support.ts";
import { createLocalStore } from "./local-store.ts";
import { memoryHost } from "./memory/index.ts";
import { memoryLocalStore } from "./memory/local-store.ts";

function contract(name: string, makeStore: () => LocalStore): void {
  describe(`the local store ${name}`, () => {
    test("a value is there until it is forgotten", async () => {
      const { values } = makeStore();
      assert.equal(await values.get("key", never()), undefined);
      const value = new MapValue([["a", [1n, 2n]]]);
      await values.set("key", value, never());
      assert.deepEqual(await values.get("key", never()), value);
      await values.set("key", undefined, never());
      assert.equal(await values.get("key", never()), undefined);
    });

    test("two keys may be the first at the same time", async () => {
      const { values } = makeStore();
      await Promise.all([values.set("a", 1n, never()), values.set("b", 2n, never())]);
      assert.deepEqual([await values.get("a", never()), await values.get("b", never())], [1n, 2n]);
    });

    test("any text but the empty one is a key", async () => {
      const { values } = makeStore();
      const long = "k".repeat(1000);
      const keys = ["a/b", "..", "é\udcff", " ", long, `${long}x`, long.slice(0, 150), "A", "a"];
      for (const key of keys) await values.set(key, key, never());
      for (const key of keys) assert.equal(await values.get(key, never()), key);
      await fails("invalid", values.get("", never()));
      await fails("invalid", values.set("", 1n, never()));
    });

    test("changes of a key are told, and of no other", async () => {
      const { values } = makeStore();
      const stopping = new AbortController();
      const changes = values.changes("key", stopping.signal);
      assert.deepEqual(await changes.next(), { done: false, value: undefined });
      let told = false;
      const next = changes.next().then((result) => {
        told = true;
        return result;
      });
      await values.set("other", 1n, never());
      assert.equal(told, false);
      await values.set("key", 1n, never());
      assert.deepEqual(await next, { done: false, value: undefined });
      stopping.abort();
      assert.equal((await changes.next()).done, true);
    });

    test("numbers count up in each space and stay", async () => {
      const store = makeStore();
      const number = (space: string, own: string) => store.number(space, own, never());
      const both = await Promise.all([number("vms", "web1"), number("vms", "web2"), number("vms", "web1")]);
      assert.deepEqual(both, [1n, 2n, 1n]);
      assert.equal(await number("disks", "web2"), 1n);
      assert.equal(await number("vms", "web3"), 3n);
      for (const wrong of ["", "a/b", ".", "..", "n".repeat(201)]) {
        await fails("invalid", number(wrong, "a"));
        await fails("invalid", number("a", wrong));
      }
      assert.equal(await number("vms", "web4"), 4n);
    });

    test("a token belongs to its name, and is no other's", async () => {
      const store = makeStore();
      const token = (own: string) => store.token(own, never());
      const [first, second, again] = await Promise.all([token("web1"), token("a/b é"), token("web1")]);
      assert.match(first ?? "", /^[0-9a-f]{32}$/);
      assert.equal(again, first);
      assert.notEqual(second, first);
      await fails("invalid", token(""));
    });

    test("a directory is absolute and ends with a slash", async () => {
      const directory = await makeStore().directory("a/b/", never());
      assert.match(directory, /^\/.*\/local\/vardir\/functions\/a\/b\/$/);
    });

    test("so is the copy of a directory", async () => {
      const copy = await makeStore().mirror("/srv", "/a//b/", never());
      assert.match(copy, /^\/.*\/local\/vardir\/directory\/a\/b\/$/);
    });
  });
}

contract("on a disk", () => {
  const host = memoryHost();
  host.outside.makeDirectory("/srv");
  return createLocalStore(host, "/var/lib/mgmt");
});
contract("in memory", memoryLocalStore);

test("what is on the disk is there for the next run, for nobody else to read", async () => {
  const host = memoryHost();
  const before = createLocalStore(host, "/var/lib/mgmt");
  await before.values.set("key", [true], never());
  await before.number("vms", "web1", never());
  assert.equal(host.outside.read("/var/lib/mgmt/local/pool/vms/web1.uid"), "1\n");
  const path = "/var/lib/mgmt/local/value/a2V5.value";
  assert.equal((await host.files.inspect(path, never()))?.mode, 0o600);
  assert.equal((await host.files.inspect("/var/lib/mgmt/local/value", never()))?.mode, 0o750);
  const token = await before.token("web1", never());
  const [file = ""] = await host.files.list("/var/lib/mgmt/local/token", never());
  assert.equal((await host.files.inspect(`/var/lib/mgmt/local/token/${file}`, never()))?.mode, 0o600);
  const after = createLocalStore(host, "/var/lib/mgmt");
  assert.equal(await after.token("web1", never()), token);
  host.outside.write(`/var/lib/mgmt/local/token/${file}`, "x\n");
  await fails("invalid", createLocalStore(host, "/var/lib/mgmt").token("web1", never()), "is damaged");
  assert.deepEqual(await after.values.get("key", never()), [true]);
  assert.equal(await after.number("vms", "web2", never()), 2n);
  assert.equal(await after.directory("x/", never()), "/var/lib/mgmt/local/vardir/functions/x/");
  assert.ok(host.outside.exists("/var/lib/mgmt/local/vardir/functions/x"));
});

test("what is damaged on the disk is told, not replaced", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/p/local/value");
  host.outside.makeDirectory("/p/local/pool/vms");
  host.outside.write("/p/local/value/a2V5.value", "{");
  host.outside.write("/p/local/pool/vms/web1.uid", "0\n");
  const store = createLocalStore(host, "/p");
  await fails("invalid", store.values.get("key", never()), "/p/local/value/a2V5.value is damaged");
  await fails("invalid", store.number("vms", "web2", never()), "/p/local/pool/vms/web1.uid is damaged");
});
