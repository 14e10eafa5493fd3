// SPDX-License-Identifier: Apache-2.0
// The back end for PackageKit keeps the promises of a package manager, with a daemon in memory.

import { never } from "../../bench.test-support.ts";
import { memoryHost } from "../../memory/index.ts";
import { type PackageBench, packageContract } from "../../packages.contract.test-support.ts";
import { changeDatabase, servePackageKit } from "./daemon.test-support.ts";
import { createPackageKitManager } from "./manager.ts";

packageContract("PackageKit in memory", async (): Promise<PackageBench> => {
  const host = memoryHost();
  const { outside, packages, clock, files, buses } = host;
  outside.packages.publish("base", "1.0");
  servePackageKit(host, await packages.manager(never()));
  const byOthers = async (task: () => void): Promise<void> => {
    task();
    changeDatabase(host);
  };
  return {
    manager: await createPackageKitManager({ bus: buses.system, files, clock }, never()),
    publish: async (name, version, traits) => outside.packages.publish(name, version, traits),
    async archive(name, version, { files: paths = [`/usr/bin/${name}`] } = {}) {
      const path = `/tmp/${name}`;
      outside.write(path, [`archive ${name} ${version}`, ...paths].join("\n"));
      return path;
    },
    others: {
      install: (name) => byOthers(() => outside.packages.install(name)),
      remove: (name) => byOthers(() => outside.packages.remove(name)),
      exists: (path) => outside.exists(path),
      read: (path) => outside.read(path) ?? "",
      write: (path, text) => outside.write(path, text),
    },
    pass: (ms) => clock.advance(ms),
    version: (plain) => plain,
    lacks: new Set(["configuration", "contents-of-others", "holds", "purge"]),
    close: async () => {},
  };
});
