// SPDX-License-Identifier: Apache-2.0
// A file system in a partition of a disk that has become larger.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

const mgmt = join(import.meta.dirname, "../../mgmt");
const megabyte = 1024 * 1024;
const run = (command: string, args: readonly string[], input = ""): string =>
  execFileSync(command, args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] }).trim();

/** The kernel lets an ext4 that is mounted grow only for who has CAP_SYS_RESOURCE, which root in a container may lack. */
function mayGrowMounted(): boolean {
  const [, effective = "0"] = /^CapEff:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return ((BigInt(`0x${effective}`) >> 24n) & 1n) === 1n;
}

function missing(programs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return "root";
  return programs.find((each) => spawnSync("sh", ["-c", `command -v ${each}`]).status !== 0);
}

function check(
  title: string,
  programs: readonly string[],
  body: (directory: string, context: TestContext) => void,
): void {
  test(title, { timeout: 120_000 }, (context: TestContext) => {
    const lacks = missing(["losetup", "sfdisk", "partx", "lsblk", "findmnt", ...programs]);
    if (lacks !== undefined) return context.diagnostic(`not tried: it needs ${lacks}`);
    const directory = mkdtempSync(join(tmpdir(), "mgmt-grow-"));
    try {
      body(directory, context);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}

for (const [type, make] of [
  ["ext4", ["mkfs.ext4", "-q"]],
  ["btrfs", ["mkfs.btrfs", "-q"]],
] as const) {
  check(
    `a partition and its ${type} fill a disk that has become larger`,
    [make[0], type === "ext4" ? "resize2fs" : "btrfs"],
    (directory, context) => {
      const image = join(directory, "disk");
      const mount = join(directory, "mnt");
      writeFileSync(image, "");
      truncateSync(image, 256 * megabyte);
      run("sfdisk", ["--quiet", image], ", 200M\n");
      const device = run("losetup", ["--show", "--find", image]);
      try {
        // The one that had the device before may have left its partition there.
        spawnSync("partx", ["--delete", device]);
        run("partx", ["--add", device]);
        run(make[0], [...make.slice(1), `${device}p1`]);
        mkdirSync(mount);
        run("mount", [`${device}p1`, mount]);
        const size = (): number => Number(statfsSync(mount).blocks) * Number(statfsSync(mount).bsize);
        assert.ok(size() < 210 * megabyte);
        truncateSync(image, 512 * megabyte);
        run("losetup", ["--set-capacity", device]);

        const planned = run(mgmt, ["tools", "grow", `--mount=${mount}`]);
        assert.match(planned, /^let partition 1 fill \/dev\/loop\d+: sfdisk /);
        assert.ok(size() < 210 * megabyte, "only said");
        const done = join(directory, "done");
        if (type === "ext4" && !mayGrowMounted()) {
          return context.diagnostic("not tried: an ext4 that is mounted grows only with CAP_SYS_RESOURCE");
        }
        run(mgmt, ["tools", "grow", `--mount=${mount}`, "--exec", `--done=${done}`]);
        assert.ok(size() > 450 * megabyte, String(size() / megabyte));
        assert.ok(existsSync(done));
        const again = spawnSync(mgmt, ["tools", "grow", `--mount=${mount}`, "--exec", `--done=${done}`], {
          encoding: "utf8",
        });
        assert.equal(again.status, 0);
        assert.match(again.stderr, /so this was done before/);
      } finally {
        spawnSync("umount", [mount]);
        spawnSync("partx", ["--delete", device]);
        run("losetup", ["--detach", device]);
      }
    },
  );
}

check("what cannot grow, and where nothing is mounted, is told", [], (directory) => {
  const of = (mount: string) => spawnSync(mgmt, ["tools", "grow", `--mount=${mount}`], { encoding: "utf8" });
  assert.match(of(directory).stderr, /^mgmt: nothing is mounted at /);
  assert.match(of("/proc").stderr, /a file system of the type proc cannot grow/);
});
