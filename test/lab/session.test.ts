// SPDX-License-Identifier: Apache-2.0
// `svc` and `cron` in the sessions of users, each with a systemd and a bus of its own: the cases of every machine in that of
// root, and a program that an ordinary user keeps running.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { spawn, spawnSync } from "node:child_process";
import { linuxHost } from "../../src/host/linux/index.ts";
import { cronCases } from "../../src/resources/services/cron.cases.test-support.ts";
import { svcCases } from "../../src/resources/services/svc.cases.test-support.ts";
import { svc } from "../../src/resources/services/svc.ts";
import { drive } from "../resource.ts";
import { install, run, until } from "./inside.ts";
import { mgmt } from "./program.ts";

const slowMs = 60_000;

async function beginSession(user: string): Promise<string> {
  const id = await run("id", "-u", user);
  await run("loginctl", "enable-linger", user);
  await until("the session is there", () => spawnSync("test", ["-S", `/run/user/${id}/bus`]).status === 0, slowMs);
  return `/run/user/${id}`;
}

await install("dbus-user-session");
process.env["XDG_RUNTIME_DIR"] = await beginSession("root");

const textAt = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : undefined);
const own = "/root/.config/systemd/user";
mkdirSync(own, { recursive: true });

const bench = async () => ({
  host: linuxHost(),
  isSession: true,
  directory: own,
  define: async (file: string, text: string) => {
    const place = file.startsWith("lib/") ? "/usr/lib/systemd/user" : own;
    writeFileSync(`${place}/${file.replace("lib/", "")}`, text);
  },
  kill: async (unit: string) => void (await run("systemctl", "--user", "kill", "--signal=KILL", unit)),
  others: async (verb: string, unit: string) => void (await run("systemctl", "--user", verb, unit)),
  reloads: async (name: string) => Number(await run("sh", "-c", `cat /run/${name}.reloads 2>/dev/null | wc -l`)),
  read: async (path: string) => textAt(path),
  remove: async (path: string) => rmSync(path),
});

svcCases("a session of root with systemd", bench);
cronCases("a session of root with systemd", bench);

test("a service of a session is none of the machine, and says why it failed", async () => {
  const { host, define } = await bench();
  // Of a program that has ended before journald looks at it, journald does not know to which service it belongs.
  const script = "echo no such word >&2; sleep 2; exit 4";
  await define("talks.service", `[Service]\nType=oneshot\nExecStart=/bin/sh -c '${script}'\n`);
  await assert.rejects(drive(svc, "talks", { state: "running", session: true }, host).settle(), {
    message: "could not start talks.service: its program ended with an error",
    hint: /its last words:\n(?:.*\n)* {2}no such word/,
  });
  await assert.rejects(drive(svc, "talks", { state: "running" }, host).settle(), { code: "not-found" });
});

test("an ordinary user keeps services and timers of the session as they are to be", async () => {
  await run("useradd", "--create-home", "--home-dir=/srv/ann", "ann");
  const runtime = await beginSession("ann");
  const as = ["--reuid=ann", "--regid=ann", "--init-groups", "env", "HOME=/srv/ann", `XDG_RUNTIME_DIR=${runtime}`];
  const systemctl = (...args: readonly string[]) =>
    spawnSync("setpriv", [...as, "systemctl", "--user", ...args], { encoding: "utf8", cwd: "/" }).stdout.trim();
  const units = "/srv/ann/.config/systemd/user";
  const text = "[Service]\\nExecStart=/bin/sleep 1000\\n[Install]\\nWantedBy=default.target\\n";
  const program = (isWanted: boolean) => `
    file "/srv/ann/.config/systemd/user/mine.service" { state => "exists", content => "${text}", }
    svc "mine" {
      session => true,
      state => "${isWanted ? "running" : "stopped"}",
      startup => "${isWanted ? "enabled" : "disabled"}",
    }
    cron "mine" {
      session => true,
      state => "${isWanted ? "exists" : "absent"}",
      trigger => "OnCalendar",
      time => "daily",
    }
    file "/srv/ann/.config/systemd/user/" { state => "exists", }
    file "/srv/ann/.config/systemd/" { state => "exists", }
    file "/srv/ann/.config/" { state => "exists", }
  `;
  const args = [...as, mgmt, "run", "--tmp-prefix"];
  const agent = spawn("setpriv", [...args, program(true)], { cwd: "/srv/ann", stdio: "ignore" });
  const stateOf = (unit: string) =>
    systemctl("show", "-P", "ActiveState", "-P", "UnitFileState", unit).split(/\s+/).join(" ");
  const isWritten = () => /OnCalendar=daily/.test(textAt(`${units}/mine.timer`) ?? "");
  const rightAgain = async (after: string) => {
    const isRight = () =>
      stateOf("mine.service") === "active enabled" && stateOf("mine.timer") === "active enabled" && isWritten();
    await until(`all is right after ${after}`, isRight, slowMs);
  };
  try {
    await rightAgain("the start");
    const changes: Readonly<Record<string, () => unknown>> = {
      "a stop": () => systemctl("stop", "mine.service"),
      "a kill": () => systemctl("kill", "--signal=KILL", "mine.service"),
      "a disable": () => systemctl("disable", "mine.service"),
      "a stop of the timer": () => systemctl("stop", "mine.timer"),
      "a disable of the timer": () => systemctl("disable", "mine.timer"),
      "a removal of the timer": () => rmSync(`${units}/mine.timer`),
      "an edit of the timer": () => writeFileSync(`${units}/mine.timer`, "[Timer]\nOnCalendar=hourly\n"),
    };
    for (const [name, change] of Object.entries(changes)) {
      change();
      await rightAgain(name);
    }
    // All of the session ends, its bus as well, and comes again without what the program wants.
    systemctl("disable", "mine.service", "mine.timer");
    await run("systemctl", "restart", `user@${await run("id", "-u", "ann")}`);
    await rightAgain("a new start of the session");
  } finally {
    const ended = new Promise((resolve) => agent.once("exit", resolve));
    agent.kill();
    await ended;
  }
  await run("setpriv", ...args, "--once", program(false));
  assert.equal(stateOf("mine.service"), "inactive disabled");
  assert.equal(systemctl("show", "-P", "LoadState", "mine.timer"), "not-found");
  assert.equal(textAt(`${units}/mine.timer`), undefined);
});
