// SPDX-License-Identifier: Apache-2.0
// Files, commands and users on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { StructValue, type Value } from "../../values/value.ts";
import { check } from "../check.test-support.ts";
import { follow } from "../stream.test-support.ts";

async function checkOnce(
  host: MemoryHost,
  name: string,
  args: readonly Value[],
  expected: Value | RegExp,
): Promise<void> {
  const follower = follow(host, name, args);
  const values = await follower.take();
  if (expected instanceof RegExp) assert.match(String(follower.end), expected);
  else assert.deepEqual(values, [expected]);
  await follower.stop();
}

test("args are those that mgmt was started with", () => {
  check("os.args", [], ["/usr/bin/mgmt"]);
  check("os.args", [], ["mgmt", "run", "a b"], { arguments: ["mgmt", "run", "a b"] });
});

test("readfile gives the content whenever it changes", async () => {
  const host = memoryHost();
  host.outside.write("/etc/motd", "one");
  const content = follow(host, "os.readfile", ["/etc/motd"]);
  assert.deepEqual(await content.take(), ["one"]);
  host.outside.write("/etc/motd", "two");
  assert.equal((await content.take()).at(-1), "two");
  host.outside.write("/tmp/new", "three");
  host.outside.rename("/tmp/new", "/etc/motd");
  assert.equal((await content.take()).at(-1), "three");
  await content.stop();
  assert.equal(content.end, "stopped");
});

test("a missing file can be caught, and its content comes with it", async () => {
  const host = memoryHost();
  const content = follow(host, "os.readfile", ["/srv//app/./config"]);
  assert.deepEqual(await content.take(), ['<there is no file "/srv/app/config">']);
  host.outside.makeDirectory("/srv/app");
  host.outside.write("/srv/app/config", "on");
  assert.equal((await content.take()).at(-1), "on");
  host.outside.remove("/srv/app/config");
  assert.equal((await content.take()).at(-1), '<there is no file "/srv/app/config">');
});

test("a file that cannot be read ends the program", async () => {
  const host = memoryHost();
  await checkOnce(host, "os.readfile", ["/etc"], /directory/);
  await checkOnce(host, "os.readfile", ["motd"], /no absolute path/);
});

test("file_exists follows what comes and goes", async () => {
  const host = memoryHost();
  const exists = follow(host, "os.file_exists", ["/run/nologin"]);
  assert.deepEqual(await exists.take(), [false]);
  host.outside.makeDirectory("/run");
  host.outside.write("/run/nologin", "");
  assert.equal((await exists.take()).at(-1), true);
  host.outside.remove("/run/nologin");
  assert.equal((await exists.take()).at(-1), false);
  await checkOnce(host, "os.file_exists", ["/etc/"], true);
  await checkOnce(host, "os.file_exists", ["etc"], /no absolute path/);
});

test("system gives the last line that a command has written", async () => {
  const host = memoryHost();
  const hurry = Promise.withResolvers<number>();
  let told: readonly string[] = [];
  let say: (text: string) => void = () => {};
  let stopped = false;
  host.outside.install("sh", (call) => {
    told = call.argv;
    say = call.print;
    call.complain("not this\n");
    call.signal.addEventListener("abort", () => {
      stopped = true;
      hurry.resolve(0);
    });
    return hurry.promise;
  });
  const line = follow(host, "os.system", ["vmstat 5"]);
  assert.deepEqual(await line.take(), []);
  assert.deepEqual(told.slice(1), ["-c", "vmstat 5"]);
  say("on");
  assert.deepEqual(await line.take(), []);
  say("e\ntwo\nthr");
  assert.deepEqual(await line.take(), ["two"]);
  say("ee\n\n");
  assert.deepEqual(await line.take(), [""]);
  await line.stop();
  assert.equal(line.end, "stopped");
  assert.ok(stopped);
});

test("the end of a command ends the stream, not the value", async () => {
  const host = memoryHost();
  host.outside.install("sh", ({ print }) => {
    print("first\nlast without an end");
    return 7;
  });
  const line = follow(host, "os.system", ["x"]);
  assert.equal((await line.take()).at(-1), "last without an end");
  assert.equal(line.end, "stopped");
});

test("a shell that is missing ends the program", async () => {
  const host = memoryHost();
  host.outside.install("sh", undefined);
  await checkOnce(host, "os.system", ["x"], /sh/);
});

test("homes come from the accounts", async () => {
  const host = memoryHost();
  host.outside.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/srv/ann:/bin/sh\n");
  await checkOnce(host, "os.home", ["ann"], "/srv/ann/");
  await checkOnce(host, "os.home", ["bob"], /no user "bob"/);
  await checkOnce(host, "os.expand_home", ["~/.ssh/id"], "/root/.ssh/id");
  await checkOnce(host, "os.expand_home", ["~ann/x"], "/srv/ann/x");
  await checkOnce(host, "os.expand_home", ["/tmp/~ann/x"], "/tmp/~ann/x");
  await checkOnce(host, "os.expand_home", ["~bob/x"], /no user "bob"/);
});

test("users have numbers, and may come later", async () => {
  const host = memoryHost();
  await checkOnce(host, "os.uid", ["root"], "0");
  await checkOnce(host, "os.uid", ["ann"], /no user "ann"/);
  const exists = follow(host, "os.user_exists", ["ann"]);
  assert.deepEqual(await exists.take(), [false]);
  host.outside.addUser("ann", 1000);
  assert.equal((await exists.take()).at(-1), true);
  await checkOnce(host, "os.user_exists", ["1000"], false);
});

test("the distribution is known by its files", async () => {
  const host = memoryHost();
  await checkOnce(host, "os.family", [], "");
  await checkOnce(host, "os.release", [], /os-release/);
  host.outside.write("/etc/debian_version", "12.5\n");
  host.outside.write("/etc/os-release", "# a comment\nID=debian\nVERSION_ID=\"12\"\nNAME='x'\n");
  await checkOnce(host, "os.family", [], "debian");
  await checkOnce(host, "os.is_family_debian", [], true);
  await checkOnce(host, "os.is_family_redhat", [], false);
  await checkOnce(host, "os.is_family_archlinux", [], false);
  const release = new StructValue(["id", "variant_id", "version_id"], ["debian", "", "12"]);
  await checkOnce(host, "os.release", [], release);
});

test("the name of a distribution has three parts", () => {
  const parts = (...values: readonly string[]) => new StructValue(["distro", "version", "arch"], values);
  check("os.parse_distro_uid", ["fedora39-x86_64"], parts("fedora", "39", "x86_64"));
  for (const text of ["", "fedora-x86_64", "39-x86_64", "fedora39-", "fedora39"]) {
    check("os.parse_distro_uid", [text], parts("", "", ""));
  }
});

test("modules of the kernel are looked for every five seconds", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/proc");
  const loaded = follow(host, "os.modinfo_loaded", ["nf-tables"]);
  assert.deepEqual(await loaded.take(), [false]);
  host.outside.write("/proc/modules", "ext4 1 0 - Live\nnf_tables 2 0 - Live\n");
  await host.clock.advance(5000);
  assert.deepEqual(await loaded.take(), [true]);
});

test("a virtual machine is known by its processor or its vendor", async () => {
  const host = memoryHost();
  await checkOnce(host, "os.is_virtual", [], false);
  host.outside.makeDirectory("/sys/class/dmi/id");
  host.outside.write("/sys/class/dmi/id/sys_vendor", "QEMU\n");
  await checkOnce(host, "os.is_virtual", [], true);
  const other = memoryHost();
  other.outside.makeDirectory("/proc");
  other.outside.write("/proc/cpuinfo", "flags : fpu hypervisor\n");
  await checkOnce(other, "os.is_virtual", [], true);
});

test("readfile sees what happens behind a symbolic link", async () => {
  const host = memoryHost();
  host.outside.write("/etc/real", "one");
  host.outside.link("/etc/link", "/etc/real");
  const content = follow(host, "os.readfile", ["/etc/link"]);
  assert.deepEqual(await content.take(), ["one"]);
  host.outside.write("/etc/real", "two");
  assert.equal((await content.take()).at(-1), "two");
  host.outside.write("/tmp/other", "three");
  host.outside.link("/etc/link", "/tmp/other");
  assert.equal((await content.take()).at(-1), "three");
  host.outside.write("/tmp/other", "four");
  assert.equal((await content.take()).at(-1), "four");
});
