// SPDX-License-Identifier: Apache-2.0
// pacman on a tree of its own, and a source of packages made with tar.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { PackageTraits } from "../../src/host/memory/packages.ts";
import type { PackageBench } from "../../src/host/packages.contract.test-support.ts";
import { createPacmanManager } from "../../src/host/packages/pacman/manager.ts";
import { missingPrograms, packageTree } from "./package-tree.test-support.ts";

export async function pacmanBench(): Promise<PackageBench | string> {
  const missing = missingPrograms("pacman", "tar", "zstd");
  if (missing !== undefined) return missing;
  const tree = packageTree(() => ({}));
  const { top, root, run, write } = tree;
  const source = `${top}/source`;
  for (const path of [
    source,
    `${root}/var/lib/pacman/local`,
    `${root}/var/cache/pacman/pkg`,
    `${root}/var/log`,
    `${root}/tmp`,
  ]) {
    mkdirSync(path, { recursive: true });
  }
  const trustSource = (isTrusted: boolean) =>
    write(
      `${root}/etc/pacman.conf`,
      `[options]\nArchitecture = x86_64\nSigLevel = ${isTrusted ? "Never" : "Required DatabaseNever"}\nLocalFileSigLevel = Never\n[test]\nServer = file://${source}\n`,
    );
  trustSource(true);

  let built = 0;
  const build = (directory: string, name: string, version: string, traits: PackageTraits): string => {
    built += 1;
    const content = `${top}/build/${built}`;
    const { files = [`/usr/bin/${name}`], depends = [], conflicts = [] } = traits;
    for (const path of files) write(content + path, `${name} ${version}\n`);
    const lines = [
      `pkgname = ${name}`,
      `pkgbase = ${name}`,
      `pkgver = ${version}-1`,
      "pkgdesc = test\nbuilddate = 1\npackager = A\nsize = 10\narch = any",
      ...depends.map((other) => `depend = ${other}`),
      ...conflicts.map((other) => `conflict = ${other}`),
      ...files.filter((path) => path.startsWith("/etc/")).map((path) => `backup = ${path.slice(1)}`),
    ];
    write(`${content}/.PKGINFO`, `${lines.join("\n")}\n`);
    const path = `${directory}/${name}-${version}-1-any.pkg.tar.zst`;
    const tops = [...new Set(files.map((file) => file.split("/")[1] ?? ""))];
    run("tar", "-C", content, "--zstd", "-cf", path, ".PKGINFO", ...tops);
    return path;
  };
  /** By name: a source has one version of each. */
  const described = new Map<string, string>();
  let indexed = 0;
  const index = () => {
    rmSync(`${top}/db`, { recursive: true, force: true });
    mkdirSync(`${top}/db`);
    for (const [entry, text] of described) write(`${top}/db/${entry}/desc`, text);
    const empty = described.size === 0 ? ["--files-from", "/dev/null"] : [...described.keys()];
    run("tar", "-C", `${top}/db`, "-czf", `${source}/test.db`, ...empty);
    // pacman asks whether it is newer, to the second.
    indexed += 1;
    utimesSync(`${source}/test.db`, Date.now() / 1000, Math.floor(Date.now() / 1000) - 1000 + indexed);
  };
  index();
  const pacman = async (...args: readonly string[]) => {
    const places = [`--root=${root}`, `--dbpath=${root}/var/lib/pacman`, `--cachedir=${root}/var/cache/pacman/pkg`];
    run("pacman", ...places, `--config=${root}/etc/pacman.conf`, "--noconfirm", ...args);
  };
  const lockFile = `${root}/var/lib/pacman/db.lck`;
  return {
    manager: createPacmanManager(tree.parts),
    async publish(name, version, traits = {}) {
      const path = build(source, name, version, traits);
      const section = (title: string, values: readonly (string | number)[]) =>
        values.length === 0 ? "" : `%${title}%\n${values.join("\n")}\n\n`;
      for (const entry of described.keys()) if (entry.startsWith(`${name}-`)) described.delete(entry);
      described.set(
        `${name}-${version}-1`,
        section("FILENAME", [path.slice(source.length + 1)]) +
          section("NAME", [name]) +
          section("VERSION", [`${version}-1`]) +
          section("CSIZE", [statSync(path).size]) +
          section("SHA256SUM", [createHash("sha256").update(readFileSync(path)).digest("hex")]) +
          section("ARCH", ["any"]) +
          section("DEPENDS", traits.depends ?? []) +
          section("CONFLICTS", traits.conflicts ?? []),
      );
      index();
      if (traits.isSigned === false) trustSource(false);
    },
    archive: async (name, version, traits = {}) => build(top, name, version, traits),
    others: {
      install: (name) => pacman("-S", name),
      remove: (name) => pacman("-R", name),
      async lock() {
        const child = spawn("sh", ["-c", 'exec 9>"$0"; echo held; read -r _', lockFile]);
        await new Promise((resolve) => child.stdout.once("data", resolve));
        return async () => {
          rmSync(lockFile);
          child.stdin.end();
          await new Promise((resolve) => child.once("exit", resolve));
        };
      },
      async interrupt(name) {
        // Killed after the files were there and before it was written down: the lock stays too.
        await pacman("-S", name);
        rmSync(`${root}/var/lib/pacman/local/${name}-1.0-1/desc`);
        write(lockFile, "");
      },
      ...tree.inRoot,
    },
    pass: async (ms) => {
      await sleep(ms);
    },
    version: (plain) => `${plain}-1`,
    lacks: new Set(["configuration", "older-versions"]),
    close: tree.close,
  };
}
