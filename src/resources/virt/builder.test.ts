// SPDX-License-Identifier: Apache-2.0
// Images that a virt-builder in memory makes.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { type DrivenResource, drive, problemsOf } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { StructValue } from "../../values/value.ts";
import { virtBuilder } from "./builder.ts";

interface Machine {
  readonly host: MemoryHost;
  readonly builds: { readonly argv: readonly string[]; readonly instructions: string }[];
  readonly image: (fields?: AnyWant) => DrivenResource;
}

const output = "/srv/images/web1.qcow2";

function machine(): Machine {
  const host = memoryHost();
  const builds: Machine["builds"] = [];
  host.outside.makeDirectory("/srv/images");
  host.outside.makeDirectory("/usr/bin");
  host.outside.write("/usr/bin/mgmt", "program");
  host.outside.write("/usr/bin/virt-builder", "program");
  host.outside.install("virt-builder", ({ argv, print, complain }) => {
    const [, system, , draft = "", , file = ""] = argv;
    builds.push({ argv, instructions: host.outside.read(file) ?? "" });
    host.outside.write(draft, "half");
    print("[ 1.0] Downloading\n");
    if (system === "nope-1") {
      complain("virt-builder: error: cannot find os-version ‘nope-1’\n");
      return 1;
    }
    host.outside.write(draft, `image of ${system}`);
    return 0;
  });
  host.outside.install("mv", ({ argv }) => {
    host.outside.rename(argv[3] ?? "", argv[4] ?? "");
    return 0;
  });
  const image = (fields: AnyWant = {}) => drive(virtBuilder, output, { os_version: "debian-12", ...fields }, host);
  return { host, builds, image };
}

function struct(fields: Readonly<Record<string, string>>): StructValue {
  return new StructValue(Object.keys(fields), Object.values(fields));
}

test("an image is built once, with all that is to be in it", async () => {
  const { host, builds, image } = machine();
  const resource = image({
    format: "qcow2",
    size: 10_737_418_240n,
    arch: "x86_64",
    hostname: "web1",
    packages: ["openssh-server"],
    mkdir: ["/srv/app"],
    copy_in: [struct({ path: "/srv/app.conf", dest: "/etc" })],
    ssh_keys: [struct({ user: "root", type: "ssh-ed25519", key: "AAAA", comment: "carol" })],
    root_password_selector: "password:s3cret",
    seeds: ["https://192.0.2.1:2379"],
    run_cmd: ["systemctl enable ssh"],
    firstboot_cmd: ["touch /first"],
  });
  assert.deepEqual(resource.check(), []);
  assert.deepEqual(await resource.settle(), [`+ build debian-12 in ${output}`]);
  assert.deepEqual(await resource.plan(), []);
  assert.equal(host.outside.read(output), "image of debian-12");
  const [built] = builds;
  assert.deepEqual(built?.argv.slice(6), ["--format", "qcow2", "--size", "10737418240b", "--arch", "x86_64"]);
  assert.ok(!built?.argv.join(" ").includes("s3cret"));
  assert.deepEqual(built?.instructions.split("\n"), [
    "hostname web1",
    "root-password password:s3cret",
    "run-command apt-mark hold grub-pc grub-efi-amd64 || true",
    "update",
    "install openssh-server,qemu-guest-agent",
    "mkdir /srv/app",
    "copy-in /srv/app.conf:/etc",
    "ssh-inject root:string:ssh-ed25519 AAAA carol",
    "copy-in /usr/bin/mgmt:/usr/local/bin",
    "chmod 0755:/usr/local/bin/mgmt",
    "copy-in /var/lib/mgmt/test/mgmt.service:/etc/systemd/system",
    "run-command systemctl enable mgmt.service",
    "run-command systemctl enable ssh",
    "firstboot-command touch /first",
    "selinux-relabel",
    "",
  ]);
  assert.match(
    host.outside.read("/var/lib/mgmt/test/mgmt.service") ?? "",
    /^ExecStart=\/usr\/local\/bin\/mgmt run --seeds=https:\/\/192\.0\.2\.1:2379 empty$/m,
  );
  assert.equal(host.outside.exists("/var/lib/mgmt/test/instructions"), false);
  await image({ os_version: "fedora-42" }).settle();
  assert.equal(builds.length, 1);
});

test("a build that fails leaves nothing but its log", async () => {
  const { host, image } = machine();
  const resource = image({ os_version: "nope-1", bootstrap: false });
  await assert.rejects(resource.settle(), {
    code: "command-failed",
    message: /cannot find os-version/,
    hint: "All that it said is in /var/lib/mgmt/test/virt-builder.log.",
  });
  const signal = new AbortController().signal;
  assert.deepEqual(await host.files.list("/srv/images", signal), []);
  assert.match(host.outside.read("/var/lib/mgmt/test/virt-builder.log") ?? "", /Downloading/);
  host.outside.remove("/usr/bin/mgmt");
  await assert.rejects(image().settle(), { code: "unsupported" });
});

test("the program is installed when it is not there, unless that is not wanted", async () => {
  const { host, image } = machine();
  host.outside.remove("/usr/bin/virt-builder");
  await assert.rejects(image({ no_setup: true }).settle(), {
    code: "not-found",
    message: "this machine has no virt-builder",
  });
  assert.equal((await image().plan())[0]?.text, "install virt-builder");
  host.outside.packages.publish("other", "1");
  host.outside.packages.refresh();
  await assert.rejects(image().settle(), { message: "no package of this system has virt-builder" });
  host.outside.packages.publish("guestfs-tools", "1.48");
  host.outside.packages.refresh();
  await image().settle();
  assert.deepEqual(host.outside.packages.transactions, ["install guestfs-tools"]);
  host.outside.remove(output);
  host.outside.makeDirectory(output);
  await assert.rejects(image().settle(), { code: "conflict", message: `${output} is no file` });
});

test("an image that is removed is built anew", async () => {
  const { host, builds } = machine();
  const stop = new AbortController();
  const resource = drive(virtBuilder, output, { os_version: "debian-12" }, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  await watch.next();
  host.outside.remove(output);
  await watch.next();
  await resource.settle();
  assert.equal(builds.length, 2);
  stop.abort();
});

test("mistakes are found before anything is touched", () => {
  const titles = (fields: AnyWant, name = output) =>
    problemsOf(virtBuilder, name, { os_version: "debian-12", ...fields });
  assert.deepEqual(titles({}), []);
  assert.deepEqual(titles({}, "a"), ['"a" is not the absolute path of a file']);
  assert.deepEqual(titles({ os_version: "" }), ["an image needs an `os_version`"]);
  assert.deepEqual(titles({ os_version: "debian" }), ['"debian" is no system with its version, such as "debian-12"']);
  assert.deepEqual(titles({ size: -1n }), ["a size is not negative, and this is -1"]);
  assert.deepEqual(titles({ packages: ["a b"] }), ['"a b" is no name of a package']);
  assert.deepEqual(titles({ mkdir: ["a"] }), ['"a" is no absolute path']);
  assert.deepEqual(titles({ copy_in: [struct({ path: "a", dest: "/b" })] }), [
    '"a" is no absolute path without a colon',
  ]);
  assert.deepEqual(titles({ ssh_keys: [struct({ user: "", type: "x", key: "y", comment: "" })] }), [
    "a key needs the name of a `user`",
  ]);
  assert.deepEqual(titles({ root_password_selector: "word" }), [
    "`root_password_selector` is none of password:WORD, file:PATH, random, locked and disabled",
  ]);
  assert.deepEqual(titles({ bootstrap: false, seeds: ["a"] }), ["`seeds` needs `bootstrap`"]);
  assert.deepEqual(titles({ run_cmd: ["a\nb"] }), [
    "nothing of an image may have line ends or control characters in it",
  ]);
  assert.equal(virtBuilder.fields["root_password_selector"]?.secret, true);
});

test("whatever is asked for, one pass settles it", async () => {
  const wanted = fc.record({
    update: fc.boolean(),
    selinux_relabel: fc.boolean(),
    bootstrap: fc.boolean(),
    tweaks: fc.boolean(),
    log_output: fc.boolean(),
    root_ssh_inject: fc.boolean(),
    format: fc.constantFrom("", "raw", "qcow2"),
  });
  await fc.assert(
    fc.asyncProperty(wanted, fc.boolean(), async (fields, isThere) => {
      const { host, builds, image } = machine();
      if (isThere) host.outside.write(output, "old");
      await image(fields).settle();
      assert.deepEqual(await image(fields).plan(), []);
      assert.equal(builds.length, isThere ? 0 : 1);
    }),
    { numRuns: 300 },
  );
});

proves("virt:builder", "twice", "outside change", "bad values", "random starts");

const once = "it says how the image is made, once: what is in an image that is there is its own";
const madeOnce = Object.keys(virtBuilder.fields).filter((name) => name !== "output");

eachField("virt:builder", {
  machine,
  name: output,
  fields: { os_version: "debian-12" },
  changes: {
    output: {
      outside: ({ host }) => host.outside.remove(output),
      repair: ["+ build debian-12 in /srv/images/web1.qcow2"],
    },
  },
  parameters: Object.fromEntries(madeOnce.map((name) => [name, once])),
});
