// SPDX-License-Identifier: Apache-2.0
// How a repo of Debian fetches what is booted: from an archive of our own, with a key of our own, whole and tampered with.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { servedFiles } from "../served-files.ts";

const images = "main/installer-amd64/current/images";
const list = "main/binary-amd64/Packages.xz";

/** An archive in a directory; `changed` is put over its files after it was signed. */
class Archive {
  readonly directory: string = mkdtempSync(join(tmpdir(), "mgmt-archive-"));
  readonly #key: readonly string[];

  constructor() {
    const home = this.path("key");
    mkdirSync(home, { mode: 0o700 });
    this.#key = ["--homedir", home, "--batch", "--quiet", "--pinentry-mode=loopback", "--passphrase="];
    execFileSync("gpg", [...this.#key, "--quick-generate-key", "archive@example.com", "ed25519", "sign", "never"]);
    writeFileSync(this.path("keyring"), execFileSync("gpg", [...this.#key, "--export"]));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, content: string | Buffer): void {
    const file = this.path(`www/${name}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** What the installer is booted from, as a tar file, or in a package when it has none. */
  publish(form: "images" | "package"): void {
    const files = this.path("files");
    for (const name of ["linux", "initrd.gz", "pxelinux.0"]) {
      mkdirSync(join(files, "debian-installer/amd64"), { recursive: true });
      writeFileSync(join(files, "debian-installer/amd64", name), `this is ${name}\n`);
    }
    const suite = "dists/trixie";
    const listed: string[] = [];
    if (form === "images") {
      this.write(`${suite}/${images}/netboot/netboot.tar.gz`, execFileSync("tar", ["-cz", "-C", files, "."]));
      const sum = this.#sumOf(`${suite}/${images}/netboot/netboot.tar.gz`);
      this.write(`${suite}/${images}/SHA256SUMS`, `${"0".repeat(64)}  ./other\n${sum}  ./netboot/netboot.tar.gz\n`);
      listed.push(`${images}/SHA256SUMS`);
    } else {
      const tree = this.path("package");
      cpSync(files, join(tree, "usr/lib/debian-installer/images/13/amd64/text"), { recursive: true });
      mkdirSync(join(tree, "DEBIAN"));
      const control = "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.com>\nDescription: x\n";
      writeFileSync(join(tree, "DEBIAN/control"), control);
      this.write("pool/x.deb", "");
      execFileSync("dpkg-deb", ["--build", tree, this.path("www/pool/x.deb")], { stdio: "ignore" });
      const entry = (name: string, file: string) =>
        `Package: ${name}\nVersion: 1\nFilename: ${file}\nSHA256: ${this.#sumOf("pool/x.deb")}\n\n`;
      const packages = entry("another", "pool/y.deb") + entry("debian-installer-13-netboot-amd64", "pool/x.deb");
      this.write(`${suite}/${list}`, execFileSync("xz", ["-c"], { input: packages }));
      listed.push(list);
    }
    const sums = listed.map((name) => {
      const { size } = statSync(this.path(`www/${suite}/${name}`));
      return ` ${this.#sumOf(`${suite}/${name}`)} ${size} ${name}\n`;
    });
    const release = `Suite: trixie\nMD5Sum:\n ${"0".repeat(32)} 1 ${listed[0]}\nSHA256:\n${sums.join("")}`;
    this.write(`${suite}/InRelease`, execFileSync("gpg", [...this.#key, "--clearsign"], { input: release }));
  }

  #sumOf(name: string): string {
    return createHash("sha256")
      .update(readFileSync(this.path(`www/${name}`)))
      .digest("hex");
  }
}

/** Runs what a repo runs. */
async function fetchFrom(archive: Archive, keyring = archive.path("keyring")) {
  const server = createServer((request, response) => {
    const file = archive.path(`www${(request.url ?? "").replace("/debian/", "/")}`);
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  try {
    const served = await servedFiles(`import "embedded/provisioner"
include provisioner.base(struct{interface => "eth1", prefix => "${archive.directory}/", binary => "/usr/bin/mgmt"}) as base
include base.repo(struct{distro => "debian", version => "13", mirror => "http://127.0.0.1:${port}/debian", keyring => "${keyring}"})
`);
    const script = served.get("exec fetch debian13-amd64") ?? "";
    await promisify(execFile)("/bin/sh", ["-c", script], { env: {} });
    return readFileSync(archive.path("boot/debian13-amd64/debian-installer/amd64/linux"), "utf8");
  } catch (reason) {
    assert.ok(!existsSync(archive.path("boot/debian13-amd64")));
    return (reason as { readonly stderr?: string }).stderr ?? String(reason);
  } finally {
    server.close();
  }
}

async function withArchive(form: "images" | "package", body: (archive: Archive) => Promise<void>): Promise<void> {
  const archive = new Archive();
  try {
    archive.publish(form);
    await body(archive);
  } finally {
    rmSync(archive.directory, { recursive: true });
  }
}

test("what is booted is what the key has signed, by the sums that lead to it", async (context) => {
  for (const program of ["gpg", "gpgv", "dpkg-deb", "xz"]) {
    try {
      execFileSync(program, ["--version"], { stdio: "ignore" });
    } catch {
      context.diagnostic(`not tried: there is no program ${program}`);
      return;
    }
  }
  await withArchive("images", async (archive) => {
    assert.equal(await fetchFrom(archive), "this is linux\n");
  });
  await withArchive("package", async (archive) => {
    assert.equal(await fetchFrom(archive), "this is linux\n");
  });
  await withArchive("images", async (archive) => {
    archive.write(`dists/trixie/${images}/netboot/netboot.tar.gz`, "another one");
    assert.match(await fetchFrom(archive), /netboot\.tar\.gz/);
  });
  await withArchive("images", async (archive) => {
    archive.write(`dists/trixie/${images}/SHA256SUMS`, `${"0".repeat(64)}  ./netboot/netboot.tar.gz\n`);
    assert.match(await fetchFrom(archive), /SHA256SUMS/);
  });
  await withArchive("package", async (archive) => {
    archive.write("pool/x.deb", "another one");
    assert.match(await fetchFrom(archive), /installer\.deb/);
  });
  await withArchive("images", async (archive) => {
    const other = new Archive();
    assert.match(await fetchFrom(archive, other.path("keyring")), /is not signed by a key/);
    rmSync(other.directory, { recursive: true });
    assert.match(await fetchFrom(archive, "/nowhere/keyring"), /the keys of Debian are not in \/nowhere\/keyring/);
  });
});
