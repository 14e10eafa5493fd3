// SPDX-License-Identifier: Apache-2.0
// A source of Debian packages in a directory, and packages for it, built on the spot with dpkg-deb.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PackageTraits } from "../../src/host/memory/packages.ts";

export interface DebianTraits extends PackageTraits {
  /** Contents by path; the others have the name and the version. */
  readonly contents?: Readonly<Record<string, string>>;
  /** `postinst` and its kin, for sh. */
  readonly scripts?: Readonly<Record<string, string>>;
}

/** Puts a package into the directory and gives its path. */
export function buildDebianPackage(directory: string, name: string, version: string, traits: DebianTraits): string {
  const { contents = {}, scripts = {}, depends = [], conflicts = [] } = traits;
  const files = traits.files ?? [`/usr/bin/${name}`, ...Object.keys(contents)];
  const top = mkdtempSync(join(tmpdir(), "mgmt-build-"));
  const write = (path: string, text: string, mode: number) => {
    mkdirSync(dirname(top + path), { recursive: true });
    writeFileSync(top + path, text);
    chmodSync(top + path, mode);
  };
  const relation = (title: string, names: readonly string[]) =>
    names.length === 0 ? "" : `${title}: ${names.join(", ")}\n`;
  try {
    for (const path of files) write(path, contents[path] ?? `${name} ${version}\n`, 0o755);
    const head = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: A <a@example.com>\nDescription: test\n`;
    write("/DEBIAN/control", head + relation("Depends", depends) + relation("Conflicts", conflicts), 0o644);
    const configuration = files.filter((path) => path.startsWith("/etc/"));
    if (configuration.length > 0) {
      write("/DEBIAN/conffiles", configuration.map((path) => `${path}\n`).join(""), 0o644);
    }
    for (const [script, text] of Object.entries(scripts)) write(`/DEBIAN/${script}`, `#!/bin/sh\n${text}\n`, 0o755);
    chmodSync(`${top}/DEBIAN`, 0o755);
    chmodSync(top, 0o755);
    const path = `${directory}/${name}_${version}_all.deb`;
    capture("dpkg-deb", "--root-owner-group", "-Znone", "--build", top, path);
    return path;
  } finally {
    rmSync(top, { recursive: true });
  }
}

/** The index of all packages in the directory, which makes it a source; `origin` says whose it claims to be. */
export function indexDebianSource(directory: string, origin?: string): void {
  const stanzas = readdirSync(directory)
    .filter((name) => name.endsWith(".deb"))
    .map((name) => {
      const path = `${directory}/${name}`;
      const fields = `Filename: ./${name}\nSize: ${statSync(path).size}\nSHA256: ${digestOf(readFileSync(path))}\n`;
      return capture("dpkg-deb", "--field", path) + fields;
    });
  const index = stanzas.join("\n");
  writeFileSync(`${directory}/Packages`, index);
  if (origin === undefined) return;
  const sum = `${digestOf(index)} ${Buffer.byteLength(index)} Packages`;
  writeFileSync(`${directory}/Release`, `Origin: ${origin}\nDate: ${new Date().toUTCString()}\nSHA256:\n ${sum}\n`);
}

function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function capture(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${status}\n${stdout}${stderr}`);
  return stdout;
}
