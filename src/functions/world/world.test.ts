// SPDX-License-Identifier: Apache-2.0
// What hosts tell each other, as programs see it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryCluster } from "../../cluster/memory/index.ts";
import { createExchange, type OwnExchange } from "../../exchange/index.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { printValue } from "../../values/print.ts";
import { storedTextOf } from "../../values/stored.ts";
import { StructValue, type Value } from "../../values/value.ts";
import { follow, type Follower } from "../stream.test-support.ts";

interface Two {
  readonly host: MemoryHost;
  readonly here: OwnExchange;
  readonly there: OwnExchange;
}

async function check(run: (two: Two) => Promise<void>): Promise<void> {
  const host = memoryHost();
  const { clock } = host;
  const cluster = memoryCluster(clock);
  const open = (hostname: string) => createExchange({ cluster: cluster.door(), hostname, clock, onTrouble: () => {} });
  const [here, there] = [open("here"), open("there")];
  await run({ host, here, there });
  await here.close();
  await there.close();
}

const never = new AbortController().signal;

function shown(values: readonly Value[]): readonly string[] {
  return values.map((value) => printValue([value]).slice(1, -1));
}

test("getval follows the text of all hosts", () =>
  check(async ({ host, here, there }) => {
    const follower = follow(host, "world.getval", ["k"], { exchange: here });
    assert.deepEqual(shown(await follower.take()), ['struct{value: ""; exists: false}']);
    await there.texts.update({ key: "k" }, () => "x", never);
    assert.deepEqual(shown(await follower.take()), ['struct{value: "x"; exists: true}']);
    await there.texts.update({ key: "k" }, () => "", never);
    assert.deepEqual(shown(await follower.take()), ['struct{value: ""; exists: true}']);
    await there.texts.update({ key: "k" }, () => undefined, never);
    assert.deepEqual(shown(await follower.take()), ['struct{value: ""; exists: false}']);
    await follower.stop();
    assert.equal(follower.end, "stopped");
  }));

test("kvlookup follows the texts of each host", () =>
  check(async ({ host, here, there }) => {
    const follower = follow(host, "world.kvlookup", ["k"], { exchange: here });
    assert.deepEqual(shown(await follower.take()), ["{}"]);
    await there.texts.update({ key: "k", host: "there" }, () => "1", never);
    await here.texts.update({ key: "k", host: "here" }, () => "2", never);
    assert.equal(shown(await follower.take()).at(-1), '{"here": "2", "there": "1"}');
    await follower.stop();
  }));

test("schedule follows who is chosen", () =>
  check(async ({ host, here, there }) => {
    const follower = follow(host, "world.schedule", ["ns"], { exchange: here });
    assert.deepEqual(shown(await follower.take()), ["[]"]);
    await there.schedules.enter("ns", { persist: false, max: 2 }, never);
    await here.schedules.enter("ns", { persist: false }, never);
    assert.equal(shown(await follower.take()).at(-1), '["here", "there"]');
    await there.schedules.withdraw("ns", never);
    assert.deepEqual(shown(await follower.take()), ['["here"]']);
    await follower.stop();
  }));

test("hosts follows who is alive", () =>
  check(async ({ host, here, there }) => {
    there.announce();
    const follower = follow(host, "world.hosts", [], { exchange: here });
    assert.equal(shown(await follower.take()).at(-1), '["here", "there"]');
    await there.close();
    assert.deepEqual(shown(await follower.take()), ['["here"]']);
    await follower.stop();
  }));

const data = storedTextOf(new StructValue(["content"], ["x"]));

async function publish(exchange: OwnExchange, name: string, to = "*"): Promise<void> {
  await exchange.exports.publish([{ to, kind: "file", name }], { data, expire: 0 }, never);
}

test("collect.res follows what can be collected", () =>
  check(async ({ host, here, there }) => {
    const follower = follow(host, "world/collect.res", ["file"], { exchange: here });
    assert.deepEqual(shown(await follower.take()), ["[]"]);
    await publish(there, "/b");
    await publish(here, "/a");
    await publish(there, "/c", "elsewhere");
    const found = 'struct{name: "/a"; host: "here"}, struct{name: "/b"; host: "there"}';
    assert.equal(shown(await follower.take()).at(-1), `[${found}]`);
    await follower.stop();
  }));

test("what collect stands for gives what is asked for, by names, or by names and hosts", () =>
  check(async ({ host, here, there }) => {
    await publish(there, "/a");
    await publish(here, "/a");
    await publish(there, "/b");
    const pair = (name: string, of: string): StructValue => new StructValue(["name", "host"], [name, of]);
    const names = async (asked: Value, type: string): Promise<readonly string[]> => {
      const types = ["str", type];
      const follower = follow(host, "_collect", ["file", asked], { exchange: here, constant: [0], types });
      const [found] = await follower.take();
      await follower.stop();
      assert.ok(Array.isArray(found));
      return (found as readonly StructValue[]).map(({ values }) => {
        const [name, by] = values as readonly string[];
        return `${name} of ${by}`;
      });
    };
    const pairs = "[]struct{name str; host str}";
    assert.deepEqual(await names("/a", "str"), ["/a of here", "/a of there"]);
    assert.deepEqual(await names(["/a", "/b", "/c"], "[]str"), ["/a of here", "/a of there", "/b of there"]);
    assert.deepEqual(await names([pair("/a", "here"), pair("/b", "here")], pairs), ["/a of here"]);
    assert.deepEqual(await names([pair("/a", ""), pair("/a", "here")], pairs), ["/a of here", "/a of there"]);
    assert.deepEqual(await names([], pairs), []);
  }));

function messageOf({ end }: Follower): string {
  return end instanceof Error ? end.message : String(end);
}

test("keys cannot change, nor be empty, and a kind is there", () =>
  check(async ({ host, here }) => {
    for (const [name, what] of [
      ["world.getval", "the key"],
      ["world.kvlookup", "the namespace"],
      ["world.schedule", "the namespace"],
      ["world/collect.res", "the kind"],
    ] as const) {
      const follower = follow(host, name, ["file"], { exchange: here });
      await follower.take();
      await follower.change(["file"]);
      await follower.take();
      assert.equal(follower.end, undefined, "the same one again is none");
      await follower.change(["svc"]);
      await follower.take();
      assert.equal(messageOf(follower), `${what} was "file" and has become "svc"; it cannot change`);
      const empty = follow(host, name, [""], { exchange: here });
      await empty.take();
      assert.equal(messageOf(empty), `${what} must not be empty`);
    }
    const unknown = follow(host, "world/collect.res", ["fil"], { exchange: here });
    await unknown.take();
    assert.equal(messageOf(unknown), "there is no kind of resource called `fil`");
  }));
