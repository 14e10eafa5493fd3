// SPDX-License-Identifier: Apache-2.0
// rpm and dnf on a tree of their own, and a source of packages built with rpmbuild.

import { existsSync, mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { PackageTraits } from "../../src/host/memory/packages.ts";
import type { PackageBench } from "../../src/host/packages.contract.test-support.ts";
import { createDnfManager } from "../../src/host/packages/dnf/manager.ts";
import { holdLock, missingPrograms, packageTree } from "./package-tree.test-support.ts";

/** What lets dnf hold packages. */
const extension = "/usr/lib/python3/dist-packages/dnf-plugins/versionlock.py";

export async function dnfBench(): Promise<PackageBench | string> {
  const missing = missingPrograms("dnf", "rpm", "rpmbuild", "createrepo_c");
  if (missing !== undefined) return missing;
  const tree = packageTree(() => ({}));
  const { top, root, run, write } = tree;
  const source = `${top}/source`;
  mkdirSync(source);
  const canHold = existsSync(extension);
  const plugins = `${root}/etc/dnf/plugins`;
  write(`${root}/etc/dnf/dnf.conf`, `[main]\nplugins=${canHold ? 1 : 0}\npluginconfpath=${plugins}\ngpgcheck=1\n`);
  write(`${plugins}/versionlock.conf`, `[main]\nenabled=1\nlocklist=${plugins}/versionlock.list\n`);
  write(`${plugins}/versionlock.list`, "");
  const trustSource = (isTrusted: boolean) =>
    write(
      `${root}/etc/yum.repos.d/test.repo`,
      `[test]\nname=test\nbaseurl=file://${source}\ngpgcheck=${isTrusted ? 0 : 1}\n`,
    );
  trustSource(true);
  write(`${root}/etc/os-release`, "ID=test\nVERSION_ID=1\n");
  run("rpm", `--root=${root}`, "--initdb");

  let built = 0;
  const build = (directory: string, name: string, version: string, traits: PackageTraits): string => {
    built += 1;
    const work = `${top}/build/${built}`;
    const { files = [`/usr/bin/${name}`], depends = [], conflicts = [] } = traits;
    for (const path of files) write(`${work}/files${path}`, `${name} ${version}\n`);
    const listed = files.map((path) => `${path.startsWith("/etc/") ? "%config(noreplace) " : ""}"${path}"`);
    const relations = [
      ...depends.map((other) => `Requires: ${other}`),
      ...conflicts.map((other) => `Conflicts: ${other}`),
    ];
    write(
      `${work}/spec`,
      [
        `Name: ${name}\nVersion: ${version}\nRelease: 1\nSummary: test\nLicense: none\nBuildArch: noarch\nAutoReqProv: no`,
        ...relations,
        `%description\ntest\n%install\nmkdir -p %{buildroot}\ncp -a ${work}/files/. %{buildroot}/\n%files`,
        ...listed,
        "",
      ].join("\n"),
    );
    const define = (text: string) => ["--define", text];
    run(
      "rpmbuild",
      "-bb",
      "--quiet",
      ...define(`_topdir ${work}/top`),
      ...define(`_rpmdir ${directory}`),
      ...define("_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"),
      ...define("__os_install_post %{nil}"),
      `${work}/spec`,
    );
    return `${directory}/${name}-${version}-1.noarch.rpm`;
  };
  run("createrepo_c", "-q", source);
  const dnf = async (...args: readonly string[]) => {
    run("dnf", `--installroot=${root}`, "-q", "-y", ...args);
  };
  return {
    manager: createDnfManager({ ...tree.parts }),
    async publish(name, version, traits = {}) {
      build(source, name, version, traits);
      run("createrepo_c", "-q", source);
      if (traits.isSigned === false) trustSource(false);
    },
    archive: async (name, version, traits = {}) => build(top, name, version, traits),
    others: {
      install: (name) => dnf("install", name),
      remove: (name) => dnf("remove", name),
      lock: () => holdLock(`${root}${run("rpm", "--eval", "%{_dbpath}").trim()}/.rpm.lock`),
      async interrupt(name) {
        // The new version is there and the old one not gone yet: an upgrade that was cut off.
        const old = build(top, name, "0.9", {});
        run("rpm", `--root=${root}`, "--install", "--nosignature", old);
        run("rpm", `--root=${root}`, "--install", "--nosignature", "--force", `${source}/${name}-1.0-1.noarch.rpm`);
      },
      ...tree.inRoot,
    },
    pass: async (ms) => {
      await sleep(ms);
    },
    version: (plain) => `${plain}-1`,
    lacks: new Set(canHold ? ["configuration"] : ["configuration", "holds"]),
    close: tree.close,
  };
}
