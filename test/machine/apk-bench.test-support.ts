// SPDX-License-Identifier: Apache-2.0
// The stand-in for apk on a tree of its own, with a source of packages made with tar.

import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Processes } from "../../src/contract/host.ts";
import type { PackageTraits } from "../../src/host/memory/packages.ts";
import type { PackageBench } from "../../src/host/packages.contract.test-support.ts";
import { createApkManager } from "../../src/host/packages/apk/manager.ts";
import { missingPrograms, packageTree } from "./package-tree.test-support.ts";

const standIn = fileURLToPath(new URL("apk-stand-in.test-support.ts", import.meta.url));

/** Takes the lock as apk does, and waits for it no longer than it is told to. */
const program = `#!/bin/sh
lock=
wait=0
for each; do
  case $each in add | del | fix | update) lock=yes ;; esac
done
previous=
for each; do
  case $previous in --wait) wait=$each ;; --root) root=$each ;; esac
  previous=$each
done
if [ -n "$lock" ]; then
  exec flock --wait "$wait" "$root/lib/apk/db/lock" NODE SCRIPT "$@"
fi
exec NODE SCRIPT "$@"
`;

export async function apkBench(): Promise<PackageBench | string> {
  const missing = missingPrograms("tar", "flock");
  if (missing !== undefined) return missing;
  const tree = packageTree(() => ({}));
  const { top, root, run, write } = tree;
  const source = `${top}/source`;
  mkdirSync(source);
  write(`${top}/bin/apk`, program.replaceAll("NODE", process.execPath).replaceAll("SCRIPT", standIn));
  chmodSync(`${top}/bin/apk`, 0o755);
  write(`${root}/lib/apk/db/installed`, "");
  write(`${root}/lib/apk/db/lock`, "");
  write(`${root}/etc/apk/world`, "");
  write(`${root}/etc/apk/repositories`, `${source}\n`);
  mkdirSync(`${root}/var/cache/apk`, { recursive: true });

  let built = 0;
  const build = (directory: string, name: string, version: string, traits: PackageTraits): string => {
    built += 1;
    const content = `${top}/build/${built}`;
    const { files = [`/usr/bin/${name}`], depends = [], conflicts = [], isSigned = true } = traits;
    for (const path of files) write(content + path, `${name} ${version}\n`);
    const needs = [...depends, ...conflicts.map((other) => `!${other}`)].map((each) => `depend = ${each}\n`);
    write(
      `${content}/.PKGINFO`,
      `# made here\npkgname = ${name}\npkgver = ${version}-r0\narch = noarch\n${needs.join("")}`,
    );
    if (isSigned) write(`${content}/.SIGN.RSA.test.rsa.pub`, "signature\n");
    const path = `${directory}/${name}-${version}-r0.apk`;
    const tops = [...new Set(files.map((file) => file.split("/")[1] ?? ""))];
    run("tar", "-C", content, "-czf", path, ...(isSigned ? [".SIGN.RSA.test.rsa.pub"] : []), ".PKGINFO", ...tops);
    return path;
  };
  const records: string[] = [];
  const index = () => {
    write(`${top}/index/APKINDEX`, records.map((record) => `${record}\n\n`).join(""));
    run("tar", "-C", `${top}/index`, "-czf", `${source}/APKINDEX.tar.gz`, "APKINDEX");
  };
  index();
  const apk = async (...args: readonly string[]) => {
    run(`${top}/bin/apk`, "--root", root, ...args);
  };
  const { processes } = tree.parts;
  const withStandIn: Processes = {
    ...processes,
    run({ argv: [called, ...args], ...command }, signal) {
      return processes.run({ ...command, argv: [called === "apk" ? `${top}/bin/apk` : called, ...args] }, signal);
    },
  };
  return {
    manager: createApkManager({ ...tree.parts, processes: withStandIn }),
    async publish(name, version, traits = {}) {
      build(source, name, version, traits);
      const needs = [...(traits.depends ?? []), ...(traits.conflicts ?? []).map((other) => `!${other}`)];
      records.push([`P:${name}`, `V:${version}-r0`, "A:noarch", `D:${needs.join(" ")}`].join("\n"));
      index();
    },
    archive: async (name, version, traits = {}) => build(top, name, version, traits),
    others: {
      install: (name) => apk("add", name),
      remove: (name) => apk("del", name),
      lock: () => holdFlock(`${root}/lib/apk/db/lock`),
      async interrupt(name) {
        // As the database tells of one whose files could not all be written.
        await apk("add", name);
        const path = `${root}/lib/apk/db/installed`;
        writeFileSync(path, readFileSync(path, "utf8").replace(`P:${name}\n`, `P:${name}\nf:f\n`));
        rmSync(`${root}/usr/bin/${name}`);
      },
      ...tree.inRoot,
    },
    pass: async (ms) => {
      await sleep(ms);
    },
    version: (plain) => `${plain}-r0`,
    lacks: new Set(["configuration"]),
    close: tree.close,
  };
}

/** Holds the lock until the function returned is called. */
async function holdFlock(path: string): Promise<() => Promise<void>> {
  const child = spawn("flock", [path, "sh", "-c", "echo held; read -r _"]);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return async () => {
    child.stdin.end();
    await new Promise((resolve) => child.once("exit", resolve));
  };
}
