// SPDX-License-Identifier: Apache-2.0
// A machine on which mgmt starts by itself, under a real systemd.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { run, until } from "./inside.ts";
import { mgmt } from "./program.ts";

/** What it says. */
async function setup(...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(mgmt, ["setup", ...args, `--binary-path=${mgmt}`])).stderr;
}

test("a service keeps the machine as a program says, comes back when it is killed, and follows other options", async () => {
  mkdirSync("/root/site", { recursive: true });
  writeFileSync("/root/site/main.mcl", 'file "/root/kept" {\n\tstate => "exists",\n\tcontent => "kept",\n}\n');
  const all = ["svc", "--install", "--enable", "--start", "--program=/root/site/"];
  assert.equal(
    await setup(...all),
    "mgmt: wrote /etc/systemd/system/mgmt.service\nmgmt: mgmt.service starts with this machine\nmgmt: started mgmt.service\n",
  );
  const isKept = () => existsSync("/root/kept") && readFileSync("/root/kept", "utf8") === "kept";
  await until("it is kept", isKept, 60_000);
  assert.equal(await run("systemctl", "is-enabled", "mgmt"), "enabled");
  assert.equal(await setup(...all), "mgmt: mgmt.service is so already\n");
  await run("systemctl", "kill", "--signal=KILL", "mgmt");
  rmSync("/root/kept");
  await until("it is kept again", isKept, 60_000);
  await run("systemd-analyze", "verify", "/etc/systemd/system/mgmt.service");
  writeFileSync("/root/site/other file.mcl", 'file "/root/other" {\n\tstate => "exists",\n\tcontent => "100%",\n}\n');
  assert.match(
    await setup("svc", "--install", "--start", "--program=/root/site/other file.mcl"),
    /^mgmt: wrote .*\nmgmt: started mgmt.service\n$/,
  );
  await until("the other program runs", () => existsSync("/root/other"), 60_000);
  await run("systemctl", "disable", "--now", "mgmt");
});

test("what is left for the first start runs with the machine's next start", async () => {
  assert.match(await setup("firstboot", "--install", "--enable", "--mkdir", "--done-dir=/root/done/"), /^mgmt: wrote /);
  writeFileSync("/var/lib/mgmt/firstboot/hello", "#!/bin/sh\necho hello > /root/hello\n", { mode: 0o755 });
  await run("systemctl", "start", "mgmt-firstboot");
  assert.equal(readFileSync("/root/hello", "utf8"), "hello\n");
  assert.ok(existsSync("/root/done/hello"));
  assert.match(await run("journalctl", "-u", "mgmt-firstboot", "-o", "cat"), /firstboot\/hello is done/);
});

test("in a system that is just being installed, it is enabled for its first start", async () => {
  // Without /run there is no sign of the systemd that runs.
  const offline = (...args: readonly string[]) =>
    promisify(execFile)("unshare", [
      ...["--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh", mgmt, "setup", ...args],
      `--binary-path=${mgmt}`,
    ]);
  const all = ["svc", "--install", "--enable", "--program=/root/site/"];
  assert.match((await offline(...all)).stderr, /mgmt: mgmt.service starts with this machine\n$/);
  assert.equal((await offline(...all)).stderr, "mgmt: mgmt.service is so already\n");
  await assert.rejects(offline("svc", "--start"), /mgmt.service cannot be started: systemd does not run here/);
  assert.equal(await run("systemctl", "is-enabled", "mgmt"), "enabled");
  await run("systemctl", "disable", "mgmt");
});
