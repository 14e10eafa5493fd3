// SPDX-License-Identifier: Apache-2.0
// apt and dpkg on a tree of their own, and a source of packages built with dpkg-deb.

import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { PackageBench } from "../../src/host/packages.contract.test-support.ts";
import { createAptManager } from "../../src/host/packages/apt/manager.ts";
import { buildDebianPackage, indexDebianSource } from "./debian-source.test-support.ts";
import { holdLock, missingPrograms, type PackageTree, packageTree } from "./package-tree.test-support.ts";

export interface AptBench extends PackageBench {
  readonly tree: PackageTree;
  /** The directory of the source. */
  readonly source: string;
}

const directories = [
  "etc/apt/apt.conf.d",
  "etc/apt/preferences.d",
  "etc/apt/sources.list.d",
  "var/lib/dpkg/info",
  "var/lib/dpkg/updates",
  "var/lib/apt/lists/partial",
  "var/cache/apt/archives/partial",
  "var/log/apt",
];

export async function aptBench(): Promise<AptBench | string> {
  const missing = missingPrograms("apt-get", "dpkg-deb", "perl");
  if (missing !== undefined) return missing;
  const tree = packageTree((top) => ({ APT_CONFIG: `${top}/apt.conf` }));
  const { top, root, run, write } = tree;
  for (const directory of directories) mkdirSync(`${root}/${directory}`, { recursive: true });
  for (const file of ["status", "available"]) write(`${root}/var/lib/dpkg/${file}`, "");
  const settings = {
    Dir: root,
    "Dir::State::status": `${root}/var/lib/dpkg/status`,
    "DPkg::Options::": `--root=${root}`,
    "APT::Architecture": "amd64",
    "Acquire::Languages": "none",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  write(`${top}/apt.conf`, `${lines.join("")}DPkg::Options:: "--force-script-chrootless";\n`);
  const source = `${top}/source`;
  mkdirSync(source);
  // A source without any signature, in whose place a person has put trust, as long as all packages are to be "signed".
  const trustSource = (isTrusted: boolean) =>
    write(`${root}/etc/apt/sources.list`, `deb ${isTrusted ? "[trusted=yes] " : ""}file:${source} ./\n`);

  const index = () => indexDebianSource(source);
  index();
  trustSource(true);
  const manager = createAptManager(tree.parts);
  const aptGet = async (...args: readonly string[]) => {
    run("apt-get", "-y", "-q", ...args);
  };
  return {
    tree,
    source,
    manager,
    async publish(name, version, traits = {}) {
      buildDebianPackage(source, name, version, traits);
      index();
      if (traits.isSigned === false) trustSource(false);
      // Else a list that is as long and as old as to the second counts as the same.
      await sleep(20);
    },
    archive: async (name, version, traits = {}) => buildDebianPackage(top, name, version, traits),
    others: {
      install: (name) => aptGet("install", name),
      remove: (name) => aptGet("remove", name),
      lock: () => holdLock(`${root}/var/lib/dpkg/lock-frontend`),
      async interrupt(name) {
        run("dpkg", `--root=${root}`, "--unpack", `${source}/${name}_1.0_all.deb`);
      },
      ...tree.inRoot,
    },
    pass: async (ms) => {
      await sleep(ms);
    },
    version: (plain) => plain,
    lacks: new Set(),
    close: tree.close,
  };
}
