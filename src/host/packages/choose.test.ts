// SPDX-License-Identifier: Apache-2.0
// Which package manager is taken on machines that have the databases and the programs of one, of several, or of none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../bench.test-support.ts";
import { memoryHost } from "../memory/index.ts";
import { choosePackages } from "./choose.ts";

const apt = { "/var/lib/dpkg/status": "Package: dash\n", "/usr/bin/apt-get": "" };
const pacman = { "/var/lib/pacman/local/ALPM_DB_VERSION": "9\n", "/usr/bin/pacman": "" };
const dnf = { "/usr/lib/sysimage/rpm/rpmdb.sqlite": "x", "/usr/bin/dnf": "" };
const apk = { "/lib/apk/db/installed": "P:musl\n", "/sbin/apk": "" };

function machine(files: Readonly<Record<string, string>>) {
  const host = memoryHost();
  for (const [path, content] of Object.entries(files)) {
    host.outside.makeDirectory(path.slice(0, path.lastIndexOf("/")));
    host.outside.write(path, content);
  }
  const { processes, clock, buses } = host;
  const parts = { files: host.files, processes, clock, environment: new Map<string, string>(), root: "" };
  return { host, packages: choosePackages(parts, buses.system) };
}

async function check(files: Readonly<Record<string, string>>, name: string): Promise<void> {
  assert.equal((await machine(files).packages.manager(never())).name, name);
}

test("a machine has the manager whose database is in use and whose program is there", async () => {
  await check(apt, "apt");
  await check(pacman, "pacman");
  await check(dnf, "dnf");
  await check(apk, "apk");
});

test("apk is found wherever its program is", async () => {
  for (const program of ["/usr/sbin/apk", "/usr/bin/apk"]) {
    await check({ "/lib/apk/db/installed": "P:musl\n", [program]: "" }, "apk");
  }
});

test("the database tells which of several it is", async () => {
  await check({ ...apk, "/usr/bin/apt-get": "", "/usr/bin/dnf": "", "/usr/bin/pacman": "" }, "apk");
  await check({ ...apk, "/usr/bin/apt-get": "", "/var/lib/dpkg/status": "" }, "apk");
  await check({ ...apt, "/sbin/apk": "" }, "apt");
  await check({ ...dnf, "/lib/apk/db/installed": "P:musl\n" }, "dnf");
});

test("a machine without one is told so, and has it as soon as it is there", async () => {
  const { host, packages } = machine({ "/lib/apk/db/installed": "P:musl\n" });
  await assert.rejects(packages.manager(never()), { code: "unsupported", message: /no package manager/ });
  host.outside.makeDirectory("/sbin");
  host.outside.write("/sbin/apk", "");
  assert.equal((await packages.manager(never())).name, "apk");
});
