// SPDX-License-Identifier: Apache-2.0
// The packages in memory keep every promise of a package manager.

import { Failure } from "../../contract/failure.ts";
import { never } from "../bench.test-support.ts";
import { type PackageBench, packageContract } from "../packages.contract.test-support.ts";
import { memoryHost } from "./index.ts";

packageContract("the machine in memory", async (): Promise<PackageBench> => {
  const { outside, packages, clock } = memoryHost();
  outside.packages.publish("base", "1.0");
  const manager = await packages.manager(never());
  return {
    manager,
    publish: async (name, version, traits) => outside.packages.publish(name, version, traits),
    async archive(name, version, { files = [`/usr/bin/${name}`] } = {}) {
      const path = `/tmp/${name}`;
      outside.write(path, [`archive ${name} ${version}`, ...files].join("\n"));
      return path;
    },
    others: {
      install: async (name) => outside.packages.install(name),
      remove: async (name) => outside.packages.remove(name),
      async lock() {
        const free = outside.packages.lock("apt-get");
        return async () => free();
      },
      async interrupt(name) {
        outside.packages.killNext();
        const change = { changes: [{ do: "install", name }], allowUntrusted: false, mayRemove: [] } as const;
        await manager
          .transact(change, () => {}, never())
          .catch((reason: unknown) => {
            if (!(reason instanceof Failure)) throw reason;
          });
      },
      exists: (path) => outside.exists(path),
      read: (path) => outside.read(path) ?? "",
      write: (path, text) => outside.write(path, text),
    },
    pass: (ms) => clock.advance(ms),
    version: (plain) => plain,
    lacks: new Set(),
    close: async () => {},
  };
});
