// SPDX-License-Identifier: Apache-2.0
// What a lab host promises to the tests that run in it.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { install, run, until } from "./inside.ts";

test("systemd is process 1, nothing has failed, and the system bus answers", async () => {
  assert.equal((await readFile("/proc/1/comm", "utf8")).trim(), "systemd");
  assert.equal(await run("systemctl", "is-system-running", "--wait"), "running");
  const answer = await run("busctl", "call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId");
  assert.match(answer, /^s "[0-9a-f]{32}"$/);
});

test("the sources cannot be written, and the pinned runtime runs them", async () => {
  assert.equal(process.getuid?.(), 0);
  assert.match(process.version, /^v26\./);
  await assert.rejects(writeFile(import.meta.filename, ""), { code: "EROFS" });
});

test("the network is its own, and apt installs through the mirror", async () => {
  assert.match(await run("ip", "-4", "-o", "address", "show", "dev", "eth0"), /inet 10\.\d+\.\d+\.\d+\/24/);
  await install("hello");
  assert.equal(await run("hello"), "Hello, world!");
});

test("a service that is killed is seen to be gone", async () => {
  await run("systemd-run", "--unit=sleeper", "sleep", "1000");
  await run("systemctl", "kill", "sleeper");
  await until(
    "it is gone",
    async () => (await run("systemctl", "show", "-P", "ActiveState", "sleeper")) === "inactive",
  );
});
