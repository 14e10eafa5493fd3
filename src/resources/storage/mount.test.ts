// SPDX-License-Identifier: Apache-2.0
// Mounts of a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { mount } from "./mount.ts";

const options = (given: Readonly<Record<string, string>>) => new Map(Object.entries(given));
const memory = { device: "tmpfs", type: "tmpfs" };

function machine(fstab = "# by hand\n\n/dev/vda  /  ext4  defaults  0  1"): MemoryHost {
  const host = memoryHost();
  host.outside.write("/etc/fstab", fstab);
  for (const path of ["/mnt", "/srv/a", "/srv/b", "/dev/disk/by-uuid"]) host.outside.makeDirectory(path);
  for (const path of ["/dev/vda", "/dev/vdb"]) host.outside.makeOther(path);
  host.outside.link("/dev/disk/by-uuid/0a-34", "../../vdb");
  return host;
}

test("a file system is mounted now and at the next start, and every other line stays", async () => {
  const host = machine();
  const fields = { device: "UUID=0a-34", type: "ext4", options: options({ noatime: "" }), freq: 1, passno: 2 };
  assert.deepEqual(await converge(mount, "/mnt/", fields, host), [
    "+ add it to /etc/fstab",
    "+ mount UUID=0a-34 (ext4)",
  ]);
  assert.equal(
    host.outside.read("/etc/fstab"),
    "# by hand\n\n/dev/vda  /  ext4  defaults  0  1\nUUID=0a-34\t/mnt\text4\tnoatime\t1\t2\n",
  );
  assert.deepEqual(await converge(mount, "/mnt", { state: "absent" }, host), [
    "- unmount UUID=0a-34 (ext4)",
    "- remove it from /etc/fstab",
  ]);
  assert.equal(host.outside.read("/etc/fstab"), "# by hand\n\n/dev/vda  /  ext4  defaults  0  1\n");
});

test("what is there under another name of the device is left alone", async () => {
  const host = machine("LABEL=x /mnt ext4 noatime,rw\n");
  const mounted = {
    place: "/mnt",
    source: "/dev/vdb",
    root: "/",
    type: "ext4",
    options: options({ rw: "", noatime: "" }),
  };
  host.outside.mounts.become([...host.outside.mounts.mounted, mounted]);
  const fields = { device: "UUID=0a-34", type: "ext4", options: options({ rw: "", noatime: "" }) };
  assert.deepEqual(await converge(mount, "/mnt", fields, host), ["~ change its line in /etc/fstab"]);
  assert.deepEqual(await converge(mount, "/mnt", { ...fields, type: "auto" }, host), [
    "~ change its line in /etc/fstab",
  ]);
});

test("a line that says the same in other words is left alone, one of two goes", async () => {
  const line = "tmpfs   /srv/a/\ttmpfs size=1m,noexec\n";
  const host = machine(`${line}# between\ntmpfs /srv/a tmpfs ro 0 0\n`);
  const fields = { ...memory, options: options({ noexec: "", size: "1m" }) };
  await converge(mount, "/srv/a", fields, host);
  assert.equal(host.outside.read("/etc/fstab"), "tmpfs\t/srv/a\ttmpfs\tnoexec,size=1m\t0\t0\n# between\n");
  host.outside.write("/etc/fstab", line);
  assert.deepEqual(await converge(mount, "/srv/a", fields, host), []);
});

test("options are compared by what they mean", async () => {
  const check = async (
    wanted: Readonly<Record<string, string>>,
    now: Readonly<Record<string, string>>,
    wrong?: string,
  ) => {
    const host = machine();
    const all = { rw: "", ...now };
    if ("ro" in now) Reflect.deleteProperty(all, "rw");
    host.outside.mounts.become([{ place: "/srv/a", source: "tmpfs", root: "/", type: "tmpfs", options: options(all) }]);
    const steps = await drive(mount, "/srv/a", { ...memory, options: options(wanted) }, host).plan();
    const told = steps.map(({ text }) => /^set the options (\S+)/.exec(text)?.[1]).filter((text) => text !== undefined);
    assert.deepEqual(told, wrong === undefined ? [] : [wrong], JSON.stringify([wanted, now]));
  };
  await check({ defaults: "" }, { ro: "", nosuid: "", size: "1k" });
  await check({ nofail: "", "x-systemd.automount": "" }, { ro: "" });
  await check({ size: "1m" }, { size: "1024k" });
  await check({ size: "1048576" }, { size: "1m" });
  await check({ size: "50%" }, { size: "77k" });
  await check({ size: "1m" }, { size: "2m" }, "size=1m");
  await check({ size: "1m" }, {}, "size=1m");
  await check({ mode: "0755" }, { mode: "755" });
  await check({ mode: "1777", uid: "0" }, {});
  await check({ mode: "0700" }, {}, "mode=0700");
  await check({ uid: "alice" }, { uid: "1000" });
  await check({ noexec: "" }, { noexec: "", ro: "" }, "rw");
  await check({ ro: "" }, { ro: "" });
  await check({ ro: "" }, {}, "ro");
  await check({ noexec: "" }, { noexec: "", nosuid: "" }, "suid");
  await check({ user: "", exec: "" }, { nosuid: "", nodev: "" });
  await check({ user: "", ro: "" }, { ro: "", nosuid: "", nodev: "" }, "noexec");
  await check({ noatime: "" }, { relatime: "" }, "noatime");
  await check({ strictatime: "" }, {});
  await check({ lazytime: "" }, {});
  await check({ acl: "" }, { noacl: "" }, "acl");
  await check({ sync: "" }, {}, "sync");
});

test("an option that the kernel has shown is missed when it is gone", async () => {
  const host = machine();
  const fields = { device: "/dev/vdb", type: "ext4", options: options({ discard: "" }) };
  const resource = drive(mount, "/mnt", fields, host);
  await resource.settle();
  assert.deepEqual(await resource.settle(), []);
  const { mounted } = host.outside.mounts;
  host.outside.mounts.become(mounted.map((each) => ({ ...each, options: options({ rw: "" }) })));
  assert.deepEqual(await resource.settle(), ["~ set the options discard (was rw)"]);
});

test("with noauto nothing is mounted by itself, but what is mounted has its options", async () => {
  const host = machine();
  const fields = { ...memory, options: options({ noauto: "", noexec: "" }) };
  assert.deepEqual(await converge(mount, "/mnt", fields, host), ["+ add it to /etc/fstab"]);
  await host.mounts.mount(
    { place: "/mnt", source: "tmpfs", type: "tmpfs", options: options({}) },
    new AbortController().signal,
  );
  assert.deepEqual(await converge(mount, "/mnt", fields, host), ["~ set the options noexec (was rw)"]);
});

test("a directory is seen at another place", async () => {
  const host = machine();
  const fields = { device: "/srv/a", options: options({ bind: "" }) };
  assert.deepEqual(await converge(mount, "/srv/b", fields, host), [
    "+ add it to /etc/fstab",
    "+ mount the directory /srv/a",
  ]);
  assert.match(host.outside.read("/etc/fstab") ?? "", /^\/srv\/a\t\/srv\/b\tnone\tbind\t0\t0$/m);
  assert.deepEqual(await converge(mount, "/srv/b", { ...fields, device: "/mnt" }, host), [
    "~ change its line in /etc/fstab",
    "- unmount /dev/vda (ext4), which is something else",
    "+ mount the directory /mnt",
  ]);
});

test("names with spaces and signs are written as the system reads them", async () => {
  const host = machine();
  host.outside.makeDirectory("/srv/a b#c\\d");
  await converge(mount, "/srv/a b#c\\d", memory, host);
  assert.match(host.outside.read("/etc/fstab") ?? "", /\t\/srv\/a\\040b\\043c\\134d\t/);
});

test("a change of each part behind its back is seen", async () => {
  const host = machine();
  const stop = new AbortController();
  const fields = { ...memory, options: options({ noexec: "" }) };
  const resource = drive(mount, "/mnt", fields, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  const { mounts } = host.outside;
  for (const [change, step] of [
    [() => host.outside.write("/etc/fstab", ""), "+ add it to /etc/fstab"],
    [() => mounts.become(mounts.mounted.slice(0, 1)), "+ mount tmpfs (tmpfs)"],
    [
      () => mounts.become(mounts.mounted.map((each) => ({ ...each, options: options({ rw: "" }) }))),
      "~ set the options noexec (was rw)",
    ],
  ] as const) {
    const woken = watch.next();
    change();
    await woken;
    assert.deepEqual(await resource.settle(), [step]);
    await watch.next();
  }
  stop.abort();
});

test("what stands in the way is told", async () => {
  const host = machine();
  const rejects = (name: string, fields: AnyWant, code: string, message: RegExp) =>
    assert.rejects(drive(mount, name, fields, host).settle(), { code, message });
  await rejects("/srv/none", memory, "not-found", /no such directory/);
  await rejects("/mnt", { device: "/dev/none", type: "ext4" }, "not-found", /nothing of that name/);
  await rejects("/mnt", { device: "/dev/vdb", type: "zfs9" }, "unsupported", /type zfs9/);
  await converge(mount, "/mnt", memory, host);
  host.outside.mounts.hold("/mnt", ["bash (71)"]);
  await rejects("/mnt", { state: "absent" }, "busy", /it is used by bash \(71\)/);
  host.outside.mounts.become([{ place: "/srv/a", source: "tmpfs", root: "/", type: "tmpfs", options: options({}) }]);
  const stubborn = { ...host, mounts: { ...boundTo(host), remount: async () => {} } };
  await assert.rejects(drive(mount, "/srv/a", { ...memory, options: options({ mode: "0700" }) }, stubborn).settle(), {
    code: "conflict",
    message: "the options mode=0700 cannot be set while it is mounted",
  });
});

function boundTo({ mounts }: MemoryHost): MemoryHost["mounts"] {
  return {
    table: (signal) => mounts.table(signal),
    mount: (request, signal) => mounts.mount(request, signal),
    remount: (request, signal) => mounts.remount(request, signal),
    unmount: (place, signal) => mounts.unmount(place, signal),
    changes: (signal) => mounts.changes(signal),
  };
}

test("mistakes are found before anything is touched", () => {
  const check = (name: string, fields: AnyWant, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(mount, name, fields), titles);
  check("/mnt", { ...memory, options: options({ size: "1m", context: '"a,b"' }) });
  check("mnt", memory, '"mnt" is not the absolute path of a directory to mount something at');
  check("/", { state: "absent" }, "the root of all files cannot be unmounted");
  check("/mnt", { type: "ext4" }, "a mount needs a `device`: what is mounted");
  check("/mnt", { device: "UUID=", type: "ext4" }, 'there is nothing behind the sign in "UUID="');
  check("/mnt", { device: "/dev/vdb" }, "a mount needs the `type` of the file system");
  check("/mnt", { device: "/dev/vdb", type: "ext4 ext3" }, '"ext4 ext3" is no type of a file system');
  const bind = 'with `bind` the device must be an absolute path, and not "srv"';
  check("/mnt", { device: "srv", options: options({ bind: "" }) }, bind);
  check("/mnt", { ...memory, options: options({ "size=1m": "" }) }, '"size=1m" is no name of an option');
  const comma = 'the value of the option "size" has a comma or a line end in it';
  check("/mnt", { ...memory, options: options({ size: "1,ro" }) }, comma);
});

test("whatever is there, it is mounted as declared, and every other line and mount stays", async () => {
  const line = fc.constantFrom(
    "# comment",
    "",
    "UUID=x none swap sw 0 0",
    "tmpfs /srv/b tmpfs defaults",
    "tmpfs /mnt tmpfs size=1m,ro 0 0",
    "/dev/vdb /mnt ext4 defaults 1 2",
    "/dev/vdb\t/mnt/\text4",
  );
  const mounted = fc.record({
    place: fc.constantFrom("/mnt", "/srv/b"),
    source: fc.constantFrom("tmpfs", "/dev/vdb"),
    root: fc.constantFrom("/", "/x"),
    type: fc.constantFrom("tmpfs", "ext4"),
    options: fc.dictionary(fc.constantFrom("ro", "nosuid", "noatime", "noexec"), fc.constant("")).map(options),
  });
  const wanted = fc.record({
    state: fc.constantFrom("exists", "exists", "absent"),
    device: fc.constantFrom("tmpfs", "/dev/vdb", "UUID=0a-34"),
    options: fc
      .dictionary(fc.constantFrom("defaults", "ro", "nosuid", "noatime", "nofail", "user"), fc.constant(""))
      .map(options),
    freq: fc.nat(1),
    passno: fc.nat(2),
  });
  const ending = fc.constantFrom("", "\n");
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      ending,
      fc.array(mounted, { maxLength: 3 }),
      wanted,
      async (lines, end, table, fields) => {
        const host = machine(lines.join("\n") + end);
        host.outside.mounts.become([...host.outside.mounts.mounted, ...table]);
        const others = () => ({
          lines: (host.outside.read("/etc/fstab") ?? "")
            .split("\n")
            .filter((each) => each !== "" && !/\s\/mnt\/?\s/.test(each)),
          mounts: host.outside.mounts.mounted.filter(({ place }) => place !== "/mnt"),
        });
        const before = others();
        const type = fields.device === "tmpfs" ? "tmpfs" : "ext4";
        await converge(mount, "/mnt", { ...fields, type }, host);
        assert.deepEqual(others(), before);
        assert.equal(
          host.outside.mounts.mounted.some(({ place }) => place === "/mnt"),
          fields.state === "exists",
        );
      },
    ),
    { numRuns: 300 },
  );
});

proves("mount", "twice", "outside change", "bad values", "random starts");
