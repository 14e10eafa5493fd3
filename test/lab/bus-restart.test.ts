// SPDX-License-Identifier: Apache-2.0
// What becomes of services while the system bus is away, and when it is back.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run, until } from "./inside.ts";

const mgmt = join(import.meta.dirname, "../../mgmt");
const program = `svc "kept" { state => "running", }`;

const mainPid = () => {
  try {
    return Number(readFileSync("/run/kept.pid", "utf8"));
  } catch {
    return 0;
  }
};

test("a service is kept over a restart of the bus, and of systemd itself", async () => {
  const script = "/bin/sh -c 'echo $$$$ > /run/kept.pid; exec sleep 1000'";
  writeFileSync("/etc/systemd/system/kept.service", `[Service]\nExecStart=${script}\n`);
  const agent = spawn(mgmt, ["run", "--tmp-prefix", program], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    await until("it runs", () => mainPid() > 0);
    for (const disturb of [["restart", "dbus"], ["daemon-reexec"]]) {
      await run("systemctl", ...disturb);
      await until("systemd answers", () => spawnSync("busctl", ["status", "org.freedesktop.systemd1"]).status === 0);
      const before = mainPid();
      process.kill(before, "SIGKILL");
      await until("it runs again", () => mainPid() !== before && mainPid() > 0, 30_000);
    }
    assert.equal(agent.exitCode, null);
  } finally {
    agent.kill();
  }
});

test("without a bus the failure says what to do", async () => {
  await run("systemctl", "stop", "dbus.socket", "dbus.service");
  const { status, stderr } = spawnSync(mgmt, ["run", "--once", "--tmp-prefix", program], { encoding: "utf8" });
  assert.equal(status, 3, stderr);
  assert.match(stderr, /there is no system bus: nothing answers at unix:path=\/run\/dbus\/system_bus_socket/);
  assert.match(stderr, /install and start D-Bus/i);
  await run("systemctl", "start", "dbus.socket");
});
