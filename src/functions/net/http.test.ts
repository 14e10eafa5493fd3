// SPDX-License-Identifier: Apache-2.0
// What the program sees of answers that resources have got.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../../host/memory/index.ts";
import { memoryLocalStore } from "../../host/memory/local-store.ts";
import { StructValue } from "../../values/value.ts";
import { follow } from "../stream.test-support.ts";

const answer = (status: bigint, output: string) => new StructValue(["status", "output"], [status, output]);

test("an answer comes with what is in the file then", async () => {
  const [host, local] = [memoryHost(), memoryLocalStore()];
  const response = follow(host, "net/http.response", ["motd"], { local });
  assert.deepEqual(await response.take(), [answer(0n, "")]);
  host.outside.write("/etc/motd", "hello");
  local.responses.set("motd", { status: 200, path: "/etc/motd" });
  assert.deepEqual(await response.take(), [answer(200n, "hello")]);
  local.responses.set("other", { status: 404, path: "/etc/other" });
  assert.deepEqual(await response.take(), []);
  local.responses.set("motd", { status: -1, path: "/etc/none" });
  assert.deepEqual(await response.take(), [answer(-1n, "")]);
  await response.stop();
  assert.equal(response.end, "stopped");
});

test("the name is one, and stays", async () => {
  const nameless = follow(memoryHost(), "net/http.response", [""]);
  await nameless.take();
  assert.match(String(nameless.end), /must not be empty/);
  const renamed = follow(memoryHost(), "net/http.response", ["a"]);
  await renamed.take();
  await renamed.change(["b"]);
  await renamed.take();
  assert.match(String(renamed.end), /it cannot change/);
});
