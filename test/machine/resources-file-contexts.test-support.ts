// SPDX-License-Identifier: Apache-2.0
// Run where /srv is an empty file system of its own.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { linuxHost } from "../../src/host/linux/index.ts";
import { file } from "../../src/resources/files/file.ts";
import { converge, drive } from "../resource.ts";

const [etc, tmp] = ["system_u:object_r:etc_t:s0", "system_u:object_r:tmp_t:s0-s0:c0.c1023"];

/** As others see it, of a link itself; undefined: there is none. */
function contextOf(path: string): string | undefined {
  const { status, stdout } = spawnSync("stat", ["--format=%C", path], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

test("a context is given to what is new and to what is there, kept over a write, and taken away", async () => {
  const fields = { state: "exists", content: "one\n", selinux: etc };
  const reaches = async (wanted: typeof fields, ...steps: readonly string[]) =>
    assert.deepEqual(await converge(file, "/srv/file", wanted, linuxHost()), steps);
  await reaches(fields, "+ write 4 bytes", `~ set the SELinux context ${etc}`);
  assert.equal(contextOf("/srv/file"), etc);
  const { ino } = lstatSync("/srv/file");
  await reaches({ ...fields, selinux: tmp }, `~ set the SELinux context ${tmp} (was ${etc})`);
  assert.equal(lstatSync("/srv/file").ino, ino, "the file is the same");
  await reaches(
    { ...fields, content: "three\n", selinux: tmp },
    "~ write 6 bytes (was 4)",
    `~ set the SELinux context ${tmp} (was ${tmp})`,
  );
  assert.deepEqual([readFileSync("/srv/file", "utf8"), contextOf("/srv/file")], ["three\n", tmp]);
  assert.deepEqual(await converge(file, "/srv/file", { selinux: "" }, linuxHost()), [
    `- remove the SELinux context (was ${tmp})`,
  ]);
  assert.equal(contextOf("/srv/file"), undefined);
});

test("a directory and a link have their own, and not that of what they lead to", async () => {
  await converge(file, "/srv/directory/", { state: "exists", selinux: etc }, linuxHost());
  writeFileSync("/srv/directory/in", "");
  execFileSync("chcon", [tmp, "/srv/directory/in"]);
  const link = { state: "exists", symlink: true, source: "/srv/directory/in", selinux: etc };
  assert.deepEqual(await converge(file, "/srv/link", link, linuxHost()), [
    "+ link to /srv/directory/in",
    `~ set the SELinux context ${etc}`,
  ]);
  assert.deepEqual(
    [contextOf("/srv/directory"), contextOf("/srv/directory/in"), contextOf("/srv/link")],
    [etc, tmp, etc],
  );
});

test("a context that somebody else gives is seen and put right", async () => {
  const stop = new AbortController();
  const resource = drive(file, "/srv/watched", { state: "exists", selinux: etc }, linuxHost(), { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  execFileSync("chcon", [tmp, "/srv/watched"]);
  for (let done: readonly string[] = []; done.length === 0; ) {
    assert.equal((await watch.next()).done, false);
    done = await resource.settle();
  }
  assert.equal(contextOf("/srv/watched"), etc);
  stop.abort();
});

test("where no contexts are kept, that is told", async () => {
  mkdirSync("/srv/plain");
  // It keeps no attributes at all.
  execFileSync("mount", ["-t", "ramfs", "plain", "/srv/plain"]);
  const resource = drive(file, "/srv/plain/file", { state: "exists", selinux: etc }, linuxHost());
  await assert.rejects(resource.settle(), {
    code: "unsupported",
    message: /set the .*context.*\/srv\/plain\/file: this file system or kernel does not support it/,
  });
  assert.ok(existsSync("/srv/plain/file"));
  // To have none is as wanted there.
  assert.deepEqual(await converge(file, "/srv/plain/file", { state: "exists", selinux: "" }, linuxHost()), []);
});
