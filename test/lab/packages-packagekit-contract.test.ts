// SPDX-License-Identifier: Apache-2.0
// A real PackageKit, over apt, keeps the promises of a package manager: here it is asked in the place of apt.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { linuxHost } from "../../src/host/linux/index.ts";
import { createPackageKitManager } from "../../src/host/packages/packagekit/manager.ts";
import { packageContract } from "../../src/host/packages.contract.test-support.ts";
import { buildDebianPackage, indexDebianSource } from "../machine/debian-source.test-support.ts";
import { install, run } from "./inside.ts";

const source = "/srv/source";
const { buses, files, clock } = linuxHost();

await install("shared-mime-info"); // By which PackageKit knows an archive.
mkdirSync(source);

packageContract("PackageKit over apt", async () => {
  const published = new Set<string>();
  const index = () => indexDebianSource(source, "Debian");
  index();
  // What it remembers of its transactions goes with it.
  await run("systemctl", "stop", "packagekit");
  for (const name of ["transactions.db", "transactions.db-wal", "transactions.db-shm"])
    rmSync(`/var/lib/PackageKit/${name}`, { force: true });
  writeFileSync("/etc/apt/sources.list", `deb [trusted=yes] file:${source} ./\n`);
  rmSync("/var/lib/apt/lists", { recursive: true });
  mkdirSync("/var/lib/apt/lists/partial", { recursive: true });
  let isRead = false;
  const manager = await createPackageKitManager({ bus: buses.system, files, clock }, new AbortController().signal);
  const apt = async (...args: readonly string[]) => void (await run("apt-get", "-qqy", ...args));
  return {
    manager: {
      ...manager,
      refreshLists: async (...how) => {
        await manager.refreshLists(...how);
        isRead = true;
      },
    },
    async publish(name, version, traits = {}) {
      published.add(name);
      // A list that is as long as the one that was read, and as old to the second, counts as the same.
      if (isRead) await sleep(1_000);
      isRead = false;
      buildDebianPackage(source, name, version, traits);
      index();
    },
    archive: async (name, version, traits = {}) => {
      published.add(name);
      return buildDebianPackage("/srv", name, version, traits);
    },
    others: {
      install: (name) => apt("install", name),
      remove: (name) => apt("remove", name),
      exists: existsSync,
      read: (path) => readFileSync(path, "utf8"),
      write: (path, text) => {
        mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
        writeFileSync(path, text);
      },
    },
    pass: (ms) => sleep(ms),
    version: (plain) => plain,
    // Its back end for apt tells the newest version alone.
    lacks: new Set(["older-versions", "configuration", "contents-of-others", "holds", "purge", "signatures"]),
    close: async () => {
      const there = [...published].filter((name) => existsSync(`/var/lib/dpkg/info/${name}.list`));
      if (there.length > 0) await run("dpkg", "--purge", "--force-all", ...there);
      rmSync(source, { recursive: true });
      mkdirSync(source);
    },
  };
});
