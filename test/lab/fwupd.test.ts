// SPDX-License-Identifier: Apache-2.0
// The real fwupd, with the device and the firmware that its own tests have.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { proves } from "../proofs.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { fwupdDevice } from "../../src/resources/fwupd/device.ts";
import { fwupdRemote } from "../../src/resources/fwupd/remote.ts";
import { fwupdSystem } from "../../src/resources/fwupd/system.ts";
import { converge, drive } from "../resource.ts";
import { install, run } from "./inside.ts";

const webcam = "08d460be0f1f9f128413f816022a6439e0078018";

test("a device gets other firmware, the machine the newest, and a remote is switched off and on", async () => {
  await install("fwupd", "fwupd-tests");
  writeFileSync("/etc/fwupd/fwupd.conf", "[fwupd]\nTestDevices=true\n");
  mkdirSync("/etc/systemd/system/fwupd.service.d", { recursive: true });
  writeFileSync("/etc/systemd/system/fwupd.service.d/lab.conf", "[Unit]\nConditionVirtualization=\n");
  await run("systemctl", "daemon-reload");
  await run("systemctl", "restart", "fwupd");
  const host = linuxHost();
  const stateDirectory = "/var/tmp/fwupd-remote";
  assert.deepEqual(await converge(fwupdDevice, webcam, { version: "1.2.3" }, host), ["~ install 1.2.3 (was 1.2.2)"]);
  assert.deepEqual(await converge(fwupdSystem, "all", { state: "newest" }, host), [
    "~ install 1.2.4 on Integrated Webcam™ (was 1.2.3)",
  ]);
  await assert.rejects(drive(fwupdDevice, webcam, { version: "1.2.3" }, host).settle(), { code: "conflict" });
  await assert.rejects(drive(fwupdDevice, webcam, { version: "9" }, host).settle(), {
    hint: "There are 1.2.4, 1.2.3.",
  });
  const stop = new AbortController();
  const resource = drive(fwupdRemote, "lvfs", { enabled: false }, host, { stateDirectory, signal: stop.signal });
  assert.deepEqual(await resource.settle(), ["~ use it no longer"]);
  assert.deepEqual(await resource.plan(), []);
  const watch = resource.watch();
  await watch.next();
  await run("fwupdmgr", "enable-remote", "lvfs", "--assume-yes");
  while ((await resource.plan()).length === 0) await watch.next();
  assert.deepEqual(await resource.settle(), ["~ use it no longer"]);
  stop.abort();
});

proves("fwupd:device", "real part");
proves("fwupd:remote", "real part");
proves("fwupd:system", "real part");
