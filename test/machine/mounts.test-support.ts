// SPDX-License-Identifier: Apache-2.0
// Run in a namespace of its own, where what is mounted is ours: the contract of mounts, and the kind that keeps them.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { notTried, proves } from "../proofs.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { mountContract } from "../../src/host/mounts.contract.test-support.ts";
import { mount } from "../../src/resources/storage/mount.ts";
import { converge, drive } from "../resource.ts";

const host = linuxHost();
const run = (program: string, ...args: readonly string[]) => execFileSync(program, args, { encoding: "utf8" });
const option = (...names: readonly (readonly [string, string])[]) => new Map(names);

async function hold(place: string): Promise<() => void> {
  const child = spawn("sleep", ["1000"], { cwd: place });
  await once(child, "spawn");
  // The child is a copy of ours until it has become the other program.
  while (readFileSync(`/proc/${child.pid}/comm`, "utf8") !== "sleep\n") await new Promise(setImmediate);
  return () => {
    child.kill("SIGKILL");
    while (run("sh", "-c", `readlink /proc/${child.pid}/cwd || true`) !== "") run("true");
  };
}

mountContract("the real machine", async () => ({ host, directory: mkdtempSync("/srv/bench-"), hold }));

const table = "# by hand\nproc  /proc   proc  defaults 0 0\n\n";

test("a file system of memory is mounted, repaired in each part, and unmounted", async () => {
  writeFileSync("/etc/fstab", table);
  mkdirSync("/srv/a b");
  const fields = {
    device: "tmpfs",
    type: "tmpfs",
    options: option(["size", "1m"], ["mode", "0711"], ["nosuid", ""], ["noatime", ""]),
  };
  assert.deepEqual(await converge(mount, "/srv/a b", fields, host), [
    "+ add it to /etc/fstab",
    "+ mount tmpfs (tmpfs)",
  ]);
  const line = "tmpfs\t/srv/a\\040b\ttmpfs\tmode=0711,noatime,nosuid,size=1m\t0\t0\n";
  assert.equal(readFileSync("/etc/fstab", "utf8"), table + line);
  assert.match(run("findmnt", "-no", "OPTIONS", "/srv/a b"), /nosuid.*noatime.*size=1024k,mode=711/);

  const stop = new AbortController();
  const resource = drive(mount, "/srv/a b", fields, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await watch.next(); // What may have changed before the listener had begun.
  for (const [command, ...steps] of [
    [["mount", "-o", "remount,ro,nosuid,noatime", "/srv/a b"], /^~ set the options rw \(was /],
    [["mount", "-o", "remount,size=2m", "/srv/a b"], /^~ set the options .*size=1m/],
    [["mount", "-o", "remount,suid,strictatime", "/srv/a b"], /^~ set the options nosuid,noatime/],
    [["umount", "/srv/a b"], /^\+ mount tmpfs/],
    [["mount", "-t", "tmpfs", "other", "/srv/a b"], /^- unmount other \(tmpfs\), which is something else$/],
    [["sed", "-i", "s/mode=0711/mode=0777/", "/etc/fstab"], /^~ change its line/],
    [["sed", "-i", "s/\\t0\\t0/\\t0\\t2/", "/etc/fstab"], /^~ change its line/],
  ] as const) {
    const [program, ...args] = command;
    const woken = watch.next();
    run(program, ...args);
    await woken;
    const done = [...(await resource.settle()), ...(await resource.settle())].join("\n");
    for (const step of steps) assert.match(done, new RegExp(step.source, "m"), command.join(" "));
    assert.deepEqual(await resource.plan(), []);
    assert.equal(readFileSync("/etc/fstab", "utf8"), table + line);
  }
  stop.abort();

  const release = await hold("/srv/a b");
  await assert.rejects(drive(mount, "/srv/a b", { state: "absent" }, host).settle(), {
    code: "busy",
    message: /sleep/,
  });
  release();
  await converge(mount, "/srv/a b", { state: "absent" }, host);
  assert.equal(readFileSync("/etc/fstab", "utf8"), table);
});

test("a directory is seen at another place, for reading alone", async () => {
  for (const path of ["/srv/from/deep", "/srv/to"]) mkdirSync(path, { recursive: true });
  const fields = { device: "/srv/from/deep", options: option(["bind", ""], ["ro", ""]) };
  assert.deepEqual(await converge(mount, "/srv/to", fields, host), [
    "+ add it to /etc/fstab",
    "+ mount the directory /srv/from/deep",
  ]);
  assert.throws(() => writeFileSync("/srv/to/x", ""), { code: "EROFS" });
  run("mount", "-o", "remount,bind,rw", "/srv/to");
  assert.match((await converge(mount, "/srv/to", fields, host)).join(), /^~ set the options ro \(was /);
  assert.throws(() => writeFileSync("/srv/to/x", ""), { code: "EROFS" });
  await converge(mount, "/srv/to", { state: "absent" }, host);
});

test("an image is mounted through a loop device, and known again", async (context) => {
  try {
    run("truncate", "-s", "8M", "/srv/image");
    run("mkfs.ext4", "-q", "/srv/image");
    mkdirSync("/srv/disk");
    run("mount", "-o", "loop", "/srv/image", "/srv/disk");
    run("umount", "/srv/disk");
  } catch {
    notTried(context, "there are no loop devices");
    return;
  }
  const fields = { device: "/srv/image", type: "ext4", options: option(["loop", ""], ["noatime", ""]) };
  await converge(mount, "/srv/disk", fields, host);
  assert.deepEqual(await converge(mount, "/srv/disk", fields, host), []);
  assert.match(run("findmnt", "-no", "SOURCE", "/srv/disk"), /^\/dev\/loop/);
  await converge(mount, "/srv/disk", { state: "absent" }, host);
});

proves("mount", "real part");
