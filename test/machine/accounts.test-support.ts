// SPDX-License-Identifier: Apache-2.0
// Run in a namespace of its own, where /etc, /home and /srv are ours: the contract of accounts with the programs of this
// machine, then without them, and the kinds that keep users.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { proves } from "../proofs.ts";
import { accountContract } from "../../src/host/accounts.contract.test-support.ts";
import { linuxAccounts } from "../../src/host/linux/accounts.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { createPasswords } from "../../src/host/passwords.ts";
import { group } from "../../src/resources/accounts/group.ts";
import { user } from "../../src/resources/accounts/user.ts";
import { converge, drive } from "../resource.ts";

const tables = ["passwd", "group", "shadow", "gshadow"].map((name) => `/etc/${name}`);
const before = new Map(tables.map((path) => [path, readFileSync(path)]));
const host = linuxHost();

function freshHost() {
  for (const [path, content] of before) writeFileSync(path, content);
  return host;
}

accountContract("the real machine", freshHost);
accountContract("a real machine without the programs for it", () => {
  freshHost();
  return { ...host, accounts: linuxAccounts({ ...host, programDirectories: [] }) };
});

/** Fails when the tables are not in order, as the system sees it. */
function expectSound(): void {
  execFileSync("grpck", ["-r"]);
  for (const line of readFileSync("/etc/passwd", "utf8").trimEnd().split("\n")) assert.equal(line.split(":").length, 7);
}

test("what is written without the programs is sound", async () => {
  freshHost();
  const accounts = linuxAccounts({ ...host, programDirectories: [] });
  const never = new AbortController().signal;
  await accounts.addUser("mia", { groups: ["adm"], shell: "/bin/sh" }, never);
  await accounts.addGroup("crew", {}, never);
  expectSound();
  assert.match(execFileSync("id", ["mia"], { encoding: "utf8" }), /\(mia\) .*\(adm\)/);
  await accounts.removeUser("mia", never);
  expectSound();
  assert.equal(statSync("/etc/shadow").mode & 0o777, 0o640);
});

test("no hash of a password is an argument of a process", async () => {
  freshHost();
  const commands: string[] = [];
  const processes = {
    ...host.processes,
    run: (...[command, signal]: Parameters<typeof host.processes.run>) => {
      commands.push(command.argv.join(" "));
      return host.processes.run(command, signal);
    },
  };
  const never = new AbortController().signal;
  const secret = "$6$abcdefgh$secret";
  await converge(user, "pia", { password: secret }, { ...host, accounts: linuxAccounts({ ...host, processes }) });
  await createPasswords(processes, host.random).hash("the-password", "yescrypt", 1, never);
  assert.equal(await host.accounts.passwordHash("pia", never), secret);
  assert.deepEqual(
    commands.filter((command) => /secret|the-password/.test(command)),
    [],
  );
  assert.ok(commands.some((command) => command.includes("chpasswd")));
});

test("a user comes to be, is repaired in each field, and goes", async () => {
  freshHost();
  mkdirSync("/srv/homes", { recursive: true });
  const fields = {
    uid: 7001,
    group: "staff2",
    groups: ["adm", "video"],
    homedir: "/srv/homes/noa/",
    shell: "/bin/sh",
    comment: "Noa",
    password: "$6$abcdefgh$0000000000",
    createhome: true,
  };
  await converge(group, "staff2", { gid: 7100 }, host);
  await converge(user, "noa", fields, host);
  assert.equal(
    execFileSync("getent", ["passwd", "noa"], { encoding: "utf8" }),
    "noa:x:7001:7100:Noa:/srv/homes/noa:/bin/sh\n",
  );
  const home = statSync("/srv/homes/noa");
  assert.deepEqual([home.mode & 0o777, home.uid, home.gid], [0o700, 7001, 7100]);
  assert.ok(existsSync("/srv/homes/noa/.profile"));
  assert.equal(statSync("/srv/homes/noa/.profile").uid, 7001);

  const stop = new AbortController();
  const resource = drive(user, "noa", fields, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  for (const [command, step] of [
    [["usermod", "-u", "7002", "noa"], "~ set the number 7001 (was 7002)"],
    [["usermod", "-g", "adm", "noa"], "~ set the primary group staff2 (was adm)"],
    [["usermod", "-G", "adm,audio", "noa"], "~ set the other groups adm, video (was adm, audio)"],
    [["usermod", "-d", "/srv/other", "noa"], "~ set the home directory /srv/homes/noa (was /srv/other)"],
    [["usermod", "-s", "/bin/false", "noa"], "~ set the shell /bin/sh (was /bin/false)"],
    [["usermod", "-c", "x", "noa"], '~ set the comment "Noa" (was "x")'],
    [["usermod", "-L", "noa"], "+ set the password"],
    [["rm", "-r", "/srv/homes/noa"], "+ make the home directory /srv/homes/noa"],
    [
      ["userdel", "noa"],
      "+ add the user: number 7001, group staff2, also in adm, video, home /srv/homes/noa, shell /bin/sh",
    ],
  ] as const) {
    const [program = "", ...rest] = command;
    const woken = watch.next();
    execFileSync(program, rest);
    await woken;
    const done = [...(await resource.settle()), ...(await resource.settle())];
    assert.ok(done.includes(step), `${command.join(" ")} is repaired by "${step}": ${done.join("; ")}`);
    assert.deepEqual(await resource.plan(), []);
  }
  stop.abort();
  expectSound();
  assert.deepEqual(await converge(user, "noa", { state: "absent", removehome: true }, host), [
    "- remove the user with the number 7001, and /srv/homes/noa with everything in it",
  ]);
  assert.equal(existsSync("/srv/homes/noa"), false);
  assert.deepEqual(await converge(group, "staff2", { state: "absent" }, host), [
    "- remove the group with the number 7100",
  ]);
});

proves("user", "real part");
proves("group", "real part");
