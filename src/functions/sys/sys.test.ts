// SPDX-License-Identifier: Apache-2.0
// The machine as a whole, with a driven clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../../host/memory/index.ts";
import { MapValue, StructValue } from "../../values/value.ts";
import { check, checkFails } from "../check.test-support.ts";
import { follow } from "../stream.test-support.ts";

test("getenv and hasenv read the environment", () => {
  const environment = { EDITOR: "vi", EMPTY: "" };
  check("sys.getenv", ["EDITOR"], "vi", { environment });
  check("sys.getenv", ["EMPTY"], "", { environment });
  checkFails("sys.getenv", ["NONE"], "catchable", /no variable "NONE"/, { environment });
  check("sys.hasenv", ["EMPTY"], true, { environment });
  check("sys.hasenv", ["NONE"], false, { environment });
});

test("env is the whole environment", () => {
  const environment = { A: "1", B: "" };
  check("sys.env", [], new MapValue(Object.entries(environment)), { environment });
  check("sys.env", [], new MapValue(), { environment: {} });
});

test("reboot_needed follows the firmware daemon", async () => {
  const host = memoryHost();
  let state = 2;
  let tell: (line: string) => void = () => {};
  host.outside.install("busctl", async ({ argv, print, clock, signal }) => {
    if (argv.includes("monitor")) {
      tell = print;
      await clock.sleep(86_400_000, signal);
      return 0;
    }
    const devices = [{ Name: { type: "s", data: "disk" } }, { UpdateState: { type: "u", data: state } }];
    print(JSON.stringify({ type: "aa{sv}", data: [devices] }));
    return 0;
  });
  const needed = follow(host, "sys/fwupd.reboot_needed", []);
  assert.deepEqual(await needed.take(), [false]);
  state = 4;
  tell("{}\n");
  assert.deepEqual(await needed.take(), [true]);
  await needed.stop();
  assert.equal(needed.end, "stopped");
});

test("without a firmware daemon no reboot is needed", async () => {
  const host = memoryHost();
  const nobody = follow(host, "sys/fwupd.reboot_needed", []);
  assert.deepEqual(await nobody.take(), [false]);
  host.outside.install("busctl", () => 1);
  const failing = follow(host, "sys/fwupd.reboot_needed", []);
  assert.deepEqual(await failing.take(), [false]);
  host.outside.install("busctl", ({ print }) => {
    print("nonsense");
    return 0;
  });
  const strange = follow(host, "sys/fwupd.reboot_needed", []);
  assert.equal((await strange.take()).at(-1), false);
});

test("hostname is new when the machine is renamed", async () => {
  const host = memoryHost({ hostname: "web1" });
  const hostname = follow(host, "sys.hostname", []);
  assert.deepEqual(await hostname.take(), ["web1"]);
  host.outside.setHostname("web2");
  host.outside.write("/etc/hostname", "web2\n");
  assert.equal((await hostname.take()).at(-1), "web2");
});

test("load is new every five seconds", async () => {
  const host = memoryHost();
  const load = follow(host, "sys.load", []);
  const [idle] = await load.take();
  assert.deepEqual(idle, new StructValue(["x1", "x5", "x15"], [0, 0, 0]));
  host.outside.setLoad([1.5, 1, 0.5]);
  await host.clock.advance(4999);
  assert.deepEqual(await load.take(), []);
  await host.clock.advance(1);
  assert.deepEqual(await load.take(), [new StructValue(["x1", "x5", "x15"], [1.5, 1, 0.5])]);
});

test("uptime counts seconds", async () => {
  const host = memoryHost();
  const uptime = follow(host, "sys.uptime", []);
  await host.clock.advance(2000);
  assert.deepEqual(await uptime.take(), [0n, 1n, 2n]);
});

test("cpu_count counts the processors that are on", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/sys/devices/system/cpu");
  host.outside.write("/sys/devices/system/cpu/online", "0-3,5\n");
  const count = follow(host, "sys.cpu_count", []);
  assert.deepEqual(await count.take(), [5n]);
  host.outside.write("/sys/devices/system/cpu/online", "0\n");
  await host.clock.advance(5000);
  assert.deepEqual(await count.take(), [1n]);
  host.outside.write("/sys/devices/system/cpu/online", "all\n");
  await host.clock.advance(5000);
  await count.take();
  assert.match(String(count.end), /should list processors/);
});
