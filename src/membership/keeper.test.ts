// SPDX-License-Identifier: Apache-2.0
// Hosts that keep the store together: they come, go, and die at any word that they say.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { seal } from "../exchange/envelope.ts";
import { leavingKey, olderIdealSizeKey } from "../exchange/keys.ts";
import { type Death, KeptStore } from "./store.test-support.ts";

const names = ["a", "b", "c", "d"];
const minute = 60_000;

async function withStore(hosts: readonly string[], ideal: number, body: (store: KeptStore) => Promise<void>) {
  const store = await KeptStore.begin(hosts, ideal);
  try {
    await body(store);
  } finally {
    await store.stop();
  }
}

describe("hosts that keep the store", () => {
  test("become as many as are wanted, follow the number, and throw away what they do not keep any more", () =>
    withStore(names, 3, async (store) => {
      await store.pass(minute);
      assert.equal(store.names, "a b c");
      store.start("e");
      await store.size(5);
      await store.pass(minute);
      assert.equal(store.names, "a b c d e");
      await store.size(1);
      await store.pass(minute);
      assert.equal(store.voters.length, 1);
      const [keeper = ""] = store.voters.map(({ name }) => name);
      for (const [name, host] of store.hosts) assert.equal(host.data === undefined, name !== keeper, name);
    }));

  test("end the store when none are wanted: the last one keeps what is in it, and begins it again with its next start", () =>
    withStore(names, 3, async (store) => {
      await store.pass(minute);
      await store.size(0);
      await store.pass(2 * minute);
      assert.equal(store.running.size, 0);
      const [last = ""] = store.voters.map(({ name }) => name);
      assert.equal(store.names, last);
      const host = store.hosts.get(last);
      assert.match(host?.troubles.join() ?? "", /the store is ended, for no host is to keep it/);
      assert.notEqual(host?.data, undefined);
      await store.pass(10 * minute);
      assert.equal(store.running.size, 0, "nobody begins it by itself");
      host?.crash();
      store.start(last, host?.data);
      await store.pass(2 * minute);
      assert.equal(store.hasQuorum, true);
      assert.equal(store.names, last, "alone, until somebody says another number");
      await store.size(3, olderIdealSizeKey);
      await store.pass(minute);
      assert.equal(store.voters.length, 3, "also by the key that it had first");
      await store.size(0);
      await store.pass(2 * minute);
      assert.equal(store.running.size, 0, "once more");
    }));

  test("are replaced when they are lost, and make room when they are back", () =>
    withStore(names, 3, async (store) => {
      await store.pass(minute);
      const b = store.hosts.get("b");
      b?.crash();
      await store.pass(minute / 2);
      assert.equal(store.names, "a b c", "it may be back soon");
      await store.pass(2 * minute);
      assert.equal(store.names, "a c d");
      const back = store.start("b", b?.data);
      await store.pass(minute);
      assert.equal(store.names, "a c d");
      assert.equal(back.data, undefined);
      assert.match(back.troubles.join(), /does not keep the store any more/);
    }));

  test("come back with what they had, when nobody could replace them", () =>
    withStore(["a", "b", "c"], 3, async (store) => {
      await store.pass(minute);
      const a = store.hosts.get("a");
      a?.crash();
      await store.pass(5 * minute);
      assert.equal(store.names, "a b c");
      const before = store.changes.length;
      const back = store.start("a", a?.data);
      await store.pass(minute);
      assert.equal(back.server.state, "ready");
      assert.equal(store.changes.length, before);
    }));

  test("go when they want to, or when a person says that they have gone, and are kept out of it then", () =>
    withStore([...names, "e"], 3, async (store) => {
      await store.pass(minute);
      const b = store.hosts.get("b");
      b?.crash();
      store.start("b", b?.data, { isLeaving: true });
      await store.pass(minute);
      assert.equal(store.names, "a c d");
      store.hosts.get("c")?.crash();
      await store.hosts.get("a")?.door.commit({ conditions: [], changes: [{ do: "put", key: leavingKey("c"), value: seal({}) }] }, new AbortController().signal); // biome-ignore format: one line
      await store.pass(minute / 2);
      assert.equal(store.names, "a d e", "nobody waits for it");
    }));

  test("go on when the one that leads hangs, and only its server does what it should", () =>
    withStore(names, 3, async (store) => {
      await store.pass(minute);
      const leading = store.members.get(store.leader ?? "")?.name ?? "";
      store.hosts.get(leading)?.hang();
      await store.size(1);
      await store.pass(minute);
      assert.notEqual(store.members.get(store.leader ?? "")?.name, leading);
      assert.equal(store.voters.length, 1, store.names);
    }));

  test("go on when the one that leads is answered by no other, though it holds on to deciding", () =>
    withStore(names, 3, async (store) => {
      await store.pass(minute);
      const leading = store.hosts.get(store.members.get(store.leader ?? "")?.name ?? "");
      assert.ok(leading !== undefined);
      leading.isRefused = true;
      await store.pass(10_000);
      await store.size(1);
      await store.pass(minute);
      assert.equal(store.voters.length, 1, store.names);
      assert.match(leading.news.join(), /is to lead the store: this host hears nothing of the others/);
    }));

  for (const isAble of [true, false]) {
    test(`do not wait for the one that leads and was removed, though it ${isAble ? "can" : "cannot"} act`, () =>
      withStore(names, 3, async (store) => {
        await store.pass(minute);
        const leading = store.hosts.get(store.members.get(store.leader ?? "")?.name ?? "");
        assert.ok(leading !== undefined);
        if (isAble) leading.isRefused = true;
        else leading.hang();
        const others = [...store.hosts.values()].filter((host) => host !== leading);
        await others[0]?.door.commit({ conditions: [], changes: [{ do: "put", key: leavingKey(leading.name), value: seal({}) }] }, new AbortController().signal); // biome-ignore format: one line
        await store.pass(5000);
        assert.equal(store.names, others.map(({ name }) => name).join(" "));
      }));
  }

  test("begin once more when all of them have died", () =>
    withStore(names, 3, async (store) => {
      await store.pass(minute);
      const former = [...store.hosts.values()];
      for (const host of former) host.crash();
      await store.pass(10 * minute);
      for (const { name, data } of former) store.start(name, data);
      await store.pass(minute);
      assert.equal(store.names, "a b c");
      assert.ok(store.hasQuorum);
    }));
});

describe("whatever host dies at whatever word", () => {
  /** Grows to three, loses one, shrinks to one and grows again; somebody dies on the way and is back after a while. */
  async function life(death: Death): Promise<boolean> {
    const store = await KeptStore.begin(["a"], 3);
    let wasReached = false;
    try {
      store.death = death;
      const back = async (): Promise<void> => {
        await store.pass(2 * minute);
        const host = store.hosts.get(death.host);
        if (host?.isDead === true && !wasReached) {
          wasReached = true;
          store.start(death.host, host.data);
        }
        await store.pass(2 * minute);
      };
      for (const name of ["b", "c", "d"]) store.start(name);
      await back();
      assert.equal(store.voters.length, 3, store.names);
      await store.size(1);
      await back();
      assert.equal(store.names.split(" ").length, 1, store.names);
      await store.size(3);
      await back();
      assert.equal(store.voters.length, 3, store.names);
      for (const host of store.hosts.values()) {
        const isMember = store.voters.some(({ name }) => name === host.name);
        assert.equal(host.server.state, isMember ? "ready" : "stopped", host.name);
        assert.equal(host.data !== undefined, isMember, host.name);
      }
      return wasReached;
    } catch (reason) {
      throw new Error(`${JSON.stringify(death)}: ${store.changes.join(", ")}`, { cause: reason });
    } finally {
      await store.stop();
    }
  }

  for (const host of ["a", "b"]) {
    test(`${host} dies, and all is as it should be in the end`, async (context) => {
      let reached = 0;
      for (const isHeard of [false, true]) {
        for (let word = 1; await life({ host, word, isHeard }); word += 1) reached += 1;
      }
      context.diagnostic(`${reached} deaths`);
      assert.ok(reached >= 8);
    });
  }
});
