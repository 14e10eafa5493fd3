// SPDX-License-Identifier: Apache-2.0
// `install_deps` of `remote`: a machine that lacks the library which mgmt needs gets it from apt, dnf or yum, which are real ones
// on a machine of its own with a real sshd. What is copied there is Node.js in the place of mgmt: it needs the same library,
// and its arguments `version` and `run` are files there.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Failure } from "../../src/contract/failure.ts";
import type { Host } from "../../src/contract/host.ts";
import { exchangeAlone } from "../../src/exchange/alone.test-support.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { remote } from "../../src/resources/remote/remote.ts";
import { makeKey } from "../machine/sshd.test-support.ts";
import { type DrivenResource, drive } from "../resource.ts";
import { install, run, until } from "./inside.ts";

const real = linuxHost();
const host: Host = {
  ...real,
  system: { ...real.system, process: { ...real.system.process, executable: process.execPath } },
};
const top = "/srv/machine";
const root = `${top}/root`;
/** What the package managers need of the library stands here, so that they go on when the machine has lost it. */
const aside = "/opt/aside";
const library = "libstdc++.so.6";
const keys = "/root/keys";
const servers: ChildProcess[] = [];
let libraries = "";
let hostKey = "";
/** Where it is on the other machine. */
let copied: string | undefined;

/** On the other machine. */
function there(...words: readonly string[]): string {
  const env = {
    PATH: `${aside}/apt:${aside}/dnf:/usr/sbin:/usr/bin:/sbin:/bin`,
    LC_ALL: "C",
    DEBIAN_FRONTEND: "noninteractive",
  };
  return execFileSync("chroot", [root, ...words], { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
}

function hasLibrary(): boolean {
  return existsSync(`${root}${libraries}/${library}`);
}

/** A package manager that finds the library aside, and notes each call. */
function putAside(directory: string, name: string, program: string): void {
  mkdirSync(`${root}${aside}/${directory}`, { recursive: true });
  const text = `#!/bin/sh\necho "${name} $*" >> ${aside}/calls\nLD_LIBRARY_PATH=${aside}/lib exec ${program} "$@"\n`;
  writeFileSync(`${root}${aside}/${directory}/${name}`, text, { mode: 0o755 });
}

function calls(): readonly string[] {
  const path = `${root}${aside}/calls`;
  const lines = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
  rmSync(path, { force: true });
  return lines;
}

/** An sshd of the other machine, whose users find these programs. */
async function serve(port: number, directory: string): Promise<void> {
  const lines = [
    `Port ${port}`,
    `ListenAddress 127.0.0.1`,
    `HostKey ${keys}/host_key`,
    `AuthorizedKeysFile ${keys}/client_key.pub`,
    "PidFile none",
    "UsePAM no",
    "StrictModes no",
    "PermitRootLogin prohibit-password",
    `SetEnv PATH=${aside}/${directory}:/usr/sbin:/usr/bin:/sbin:/bin`,
  ];
  writeFileSync(`${root}/root/sshd_${port}`, `${lines.join("\n")}\n`);
  servers.push(spawn("chroot", [root, "/usr/sbin/sshd", "-D", "-e", "-f", `/root/sshd_${port}`], { stdio: "ignore" }));
  await until(`port ${port} answers`, () => answers(port), 60_000);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.once("connect", () => socket.end());
  });
}

/** The package `libstdc++` as the family of Red Hat has it, with the library of this machine. */
async function publishRpm(): Promise<void> {
  const work = "/root/rpm";
  mkdirSync(`${work}/files${libraries}`, { recursive: true });
  copyFileSync(`${libraries}/${library}`, `${work}/files${libraries}/${library}`);
  const spec = `Name: libstdc++\nVersion: 99\nRelease: 1\nSummary: test\nLicense: none\nAutoReqProv: no\n%description\ntest\n%install\nmkdir -p %{buildroot}\ncp -a ${work}/files/. %{buildroot}/\n%files\n"${libraries}/${library}"\n`;
  writeFileSync(`${work}/spec`, spec);
  const defines = [`_topdir ${work}/top`, `_rpmdir ${root}/srv/source`, "__os_install_post %{nil}"];
  await run("rpmbuild", "-bb", "--quiet", ...defines.flatMap((text) => ["--define", text]), `${work}/spec`);
  await run("createrepo_c", "-q", `${root}/srv/source`);
  const repository = "[test]\nname=test\nbaseurl=file:///srv/source\ngpgcheck=0\n";
  mkdirSync(`${root}/etc/yum.repos.d`, { recursive: true });
  writeFileSync(`${root}/etc/yum.repos.d/test.repo`, repository);
}

before(async () => {
  await install("dnf", "rpm", "createrepo-c");
  libraries = (await run("sh", "-c", `ldconfig -p | sed -n 's|.*=> \\(.*\\)/libstdc++.so.6$|\\1|p' | head -n 1`)).replace(/^\/lib\//, "/usr/lib/"); // biome-ignore format: one line
  mkdirSync(top);
  await run("mount", "-t", "tmpfs", "own", top);
  for (const name of ["root", "upper", "work"]) mkdirSync(join(top, name));
  await run("mount", "-t", "overlay", "overlay", "-o", `lowerdir=/,upperdir=${top}/upper,workdir=${top}/work`, root);
  await run("mount", "-t", "proc", "proc", `${root}/proc`);
  await run("mount", "--rbind", "/dev", `${root}/dev`);
  await run("mount", "-t", "tmpfs", "own", `${root}/run`);
  mkdirSync(`${root}/run/sshd`);
  mkdirSync(keys, { mode: 0o700 });
  hostKey = makeKey(`${keys}/host_key`);
  makeKey(`${keys}/client_key`);
  cpSync(keys, `${root}${keys}`, { recursive: true });
  writeFileSync(`${root}/root/version`, "process.exit(0);\n");

  mkdirSync(`${root}${aside}/lib`, { recursive: true });
  copyFileSync(`${libraries}/${library}`, `${root}${aside}/lib/${library}`);
  mkdirSync(`${root}${aside}/real`);
  for (const name of ["dnf", "dnf-3"]) {
    if (existsSync(`${root}/usr/bin/${name}`)) there("mv", `/usr/bin/${name}`, `${aside}/real/${name}`);
  }
  putAside("apt", "apt-get", "/usr/bin/apt-get");
  const dnf = `/usr/bin/python3 ${aside}/real/${existsSync(`${root}${aside}/real/dnf-3`) ? "dnf-3" : "dnf"}`;
  putAside("dnf", "dnf", dnf);
  putAside("yum", "yum", dnf);
  await publishRpm();
  for (const [index, directory] of ["apt", "dnf", "yum"].entries()) await serve(2201 + index, directory);
});

after(() => {
  for (const server of servers) server.kill("SIGKILL");
});

function machine(port: number, fields: Readonly<Record<string, unknown>> = {}): DrivenResource {
  const alone = exchangeAlone(host.clock, "laptop");
  const door = { here: { host: "127.0.0.1", port: 9 }, urls: ["http://127.0.0.1:9"], isSecure: false };
  const exchange = { ...alone, doors: { ...alone.doors, now: () => door } };
  const name = `root@127.0.0.1:${port}`;
  const id = createHash("sha256").update(`remote:${name}`).digest("hex").slice(0, 10);
  const place = `${root}/var/lib/mgmt/remote/${id}`;
  mkdirSync(place, { recursive: true, mode: 0o700 });
  writeFileSync(`${place}/run`, 'console.log("it runs");\n');
  // It is large, and that it is copied is shown once.
  if (copied !== undefined && !existsSync(`${place}/mgmt`)) copyFileSync(copied, `${place}/mgmt`);
  copied ??= `${place}/mgmt`;
  const reached = { hostkey: hostKey, ssh_id: `${keys}/client_key`, tunnel_addr: "127.0.0.1:0" };
  return drive(remote, name, { ...reached, ...fields }, host, { exchange });
}

/** The library is gone, and its package: no package manager of its own takes both away, as they need it themselves. */
function lose(): void {
  there("dpkg", "--remove", "--force-all", "libstdc++6");
  assert.ok(!hasLibrary());
}

test("without it the machine is told to lack the library, and nothing is installed", async () => {
  lose();
  await assert.rejects(machine(2201).settle(), (reason) => {
    assert.ok(reason instanceof Failure);
    assert.match(reason.message, /cannot run mgmt.*libstdc\+\+\.so\.6/s);
    assert.match(reason.hint ?? "", /install_deps => true/);
    return true;
  });
  assert.deepEqual(calls(), []);
  assert.ok(!hasLibrary());
});

test("apt that finds nothing is told in its own words", async () => {
  const list = `${root}/etc/apt/sources.list`;
  const before = readFileSync(list, "utf8");
  const kept = `${root}/var/lib/apt/lists`;
  rmSync(kept, { recursive: true });
  mkdirSync(kept);
  writeFileSync(list, "");
  try {
    await assert.rejects(machine(2201, { install_deps: true }).settle(), /libstdc\+\+6/);
    assert.deepEqual(calls(), ["apt-get update -q", "apt-get install -qy --no-install-recommends libstdc++6"]);
  } finally {
    writeFileSync(list, before);
  }
});

for (const { manager, port, asked } of [
  {
    manager: "apt",
    port: 2201,
    asked: ["apt-get update -q", "apt-get install -qy --no-install-recommends libstdc++6"],
  },
  { manager: "dnf", port: 2202, asked: ["dnf -y install libstdc++"] },
  { manager: "yum", port: 2203, asked: ["yum -y install libstdc++"] },
]) {
  test(`${manager} installs it, mgmt runs there, and the next time nobody is asked`, async () => {
    const resource = machine(port, { install_deps: true });
    assert.ok(!hasLibrary());
    await resource.settle();
    assert.deepEqual(calls(), asked);
    assert.ok(hasLibrary());
    assert.deepEqual(resource.said, ["it runs"]);
    const next = machine(port, { install_deps: true });
    await next.settle();
    assert.deepEqual(calls(), []);
    assert.deepEqual(next.said, ["it runs"]);
    if (manager === "apt") {
      assert.equal(there("dpkg-query", "-W", "-f", "${Status}", "libstdc++6"), "install ok installed");
      lose();
    } else {
      assert.equal(there("rpm", "-q", "--qf", "%{VERSION}", "libstdc++"), "99");
      there("rpm", "-e", "libstdc++");
    }
  });
}
