// SPDX-License-Identifier: Apache-2.0
// Numbers, directories and values of one machine.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../../host/memory/index.ts";
import { memoryLocalStore } from "../../host/memory/local-store.ts";
import { StructValue, type Value } from "../../values/value.ts";
import { checkRefused } from "../check.test-support.ts";
import { follow, type FollowOptions } from "../stream.test-support.ts";

async function checkOnce(
  name: string,
  args: readonly Value[],
  expected: Value | RegExp,
  options: FollowOptions = {},
): Promise<void> {
  const follower = follow(memoryHost(), name, args, options);
  const values = await follower.take();
  if (expected instanceof RegExp) assert.match(String(follower.end), expected);
  else assert.deepEqual(values, [expected]);
  await follower.stop();
}

test("pool gives each name a number of its own", async () => {
  const local = memoryLocalStore();
  await checkOnce("local.pool", ["vms", "web1"], 1n, { local });
  await checkOnce("local.pool", ["vms", "web2"], 2n, { local });
  await checkOnce("local.pool", ["vms", "web1"], 1n, { local });
  await checkOnce("local.pool", ["vms", "a/b"], /cannot be a name/);
  await checkOnce("local.pool", ["", "web1"], /cannot be a name/);
});

test("token gives each name a text of its own", async () => {
  const local = memoryLocalStore();
  const first = "0".repeat(31);
  await checkOnce("local.token", ["web1"], `${first}1`, { local });
  await checkOnce("local.token", ["web2"], `${first}2`, { local });
  await checkOnce("local.token", ["web1"], `${first}1`, { local });
  await checkOnce("local.token", [""], /must not be empty|not empty/, { local });
});

test("vardir makes a directory below mgmt's own", async () => {
  await checkOnce("local.vardir", ["backups/"], "/var/lib/mgmt/local/vardir/functions/backups/");
  await checkOnce("local.vardir", ["./a/./b/"], "/var/lib/mgmt/local/vardir/functions/a/b/");
  await checkOnce("local.vardir", ["/backups/"], /must not begin with a slash/);
  await checkOnce("local.vardir", ["backups"], /must end with a slash/);
  await checkOnce("local.vardir", [""], /must end with a slash/);
  await checkOnce("local.vardir", ["a/../../b/"], /must not lead out/);
});

const result = (value: Value, ready: boolean) => new StructValue(["value", "ready"], [value, ready]);

test("a value is there when a resource has set it, and new when it changes", async () => {
  const local = memoryLocalStore();
  const { signal } = new AbortController();
  const value = follow(memoryHost(), "value.get_int", ["port"], { local });
  assert.deepEqual(await value.take(), [result(0n, false)]);
  await local.values.set("port", 80n, signal);
  assert.deepEqual(await value.take(), [result(80n, true)]);
  await local.values.set("port", undefined, signal);
  assert.deepEqual(await value.take(), [result(0n, false)]);
  await local.values.set("port", "80", signal);
  await value.take();
  assert.match(String(value.end), /"port" is kept, but it is not int/);
});

test("each type has its function, and its empty value", async () => {
  await checkOnce("value.get_bool", ["x"], result(false, false));
  await checkOnce("value.get_str", ["x"], result("", false));
  await checkOnce("value.get_float", ["x"], result(0, false));
  const local = memoryLocalStore();
  await local.values.set("x", [[1n]], new AbortController().signal);
  const options = { local, result: "struct{value [][]int; ready bool}" };
  const definite = follow(memoryHost(), "value.get_str", ["x"], { local });
  await definite.take();
  assert.match(String(definite.end), /not str/);
  await checkOnce("value.get", ["x"], result([[1n]], true), options);
  await checkOnce("value.get", ["y"], result([], false), options);
});

test("functions cannot be kept, and the name of a value stays", async () => {
  checkRefused("value.get", ["x"], /cannot hold func\(\) int/, { result: "struct{value func() int; ready bool}" });
  await checkOnce("value.get_str", [""], /must not be empty/);
  const value = follow(memoryHost(), "value.get_str", ["a"]);
  await value.change(["b"]);
  await value.take();
  assert.match(String(value.end), /was "a" and has become "b"/);
});
