// SPDX-License-Identifier: Apache-2.0
// Parameters of the kernel of a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { sysctl } from "./sysctl.ts";

const name = "net.ipv4.ip_forward";
const live = "/proc/sys/net/ipv4/ip_forward";
const file = "/etc/sysctl.d/99-net.ipv4.ip_forward.conf";

function machine(): MemoryHost {
  const host = memoryHost();
  host.outside.makeDirectory("/proc/sys/net/ipv4");
  host.outside.makeDirectory("/etc/sysctl.d");
  host.outside.write(live, "0\n");
  return host;
}

test("a parameter is set now and for the next start", async () => {
  const host = machine();
  assert.deepEqual(await converge(sysctl, name, { value: "1" }, host), [
    "~ set net.ipv4.ip_forward to 1 (was 0)",
    `+ write ${file} for the next start`,
  ]);
  assert.equal(host.outside.read(live), "1\n");
  assert.equal(host.outside.read(file), "net.ipv4.ip_forward = 1\n");
  host.outside.write(file, "net.ipv4.ip_forward=0\n");
  assert.deepEqual(await converge(sysctl, name, { value: "1" }, host), [`~ write ${file} for the next start`]);
});

test("only now, only for the next start, or into another file", async () => {
  const host = machine();
  await converge(sysctl, name, { value: "1", persist: false }, host);
  assert.equal(host.outside.exists(file), false);
  const fields = { value: "2", runtime: false, path: "/etc/sysctl.d/router.conf" };
  await converge(sysctl, name, fields, host);
  assert.equal(host.outside.read(live), "1\n");
  assert.equal(host.outside.read("/etc/sysctl.d/router.conf"), "net.ipv4.ip_forward = 2\n");
  await converge(sysctl, "net.module.parameter", { value: "1", runtime: false }, host);
});

test("the white space between numbers does not matter", async () => {
  const host = machine();
  host.outside.write("/proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n");
  const fields = { value: "4096 131072  6291456", persist: false };
  assert.deepEqual(await converge(sysctl, "net.ipv4.tcp_rmem", fields, host), []);
});

test("a parameter that the kernel does not have is told by the plan", async () => {
  const resource = drive(sysctl, "net.ipv4.ip_forwards", { value: "1" }, machine());
  const message = "this kernel has no parameter net.ipv4.ip_forwards";
  assert.deepEqual((await resource.plan()).map(renderStep), [`! ${message}`]);
  await assert.rejects(resource.settle(), { code: "not-found", message });
});

test("a value that the kernel turns into another one is told", async () => {
  const host = machine();
  const { files } = host;
  const hexadecimal = {
    ...host,
    files: { ...files, overwrite: async (path: string) => host.outside.write(path, "16\n") },
  };
  await assert.rejects(drive(sysctl, name, { value: "0x10" }, hexadecimal).settle(), {
    code: "conflict",
    message: "the kernel has made 16 of the value 0x10 for net.ipv4.ip_forward",
  });
});

test("a change behind its back is seen, also one of which the kernel tells nobody", async () => {
  const host = machine();
  const stop = new AbortController();
  const resource = drive(sysctl, name, { value: "1" }, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  host.outside.write(live, "0\n");
  await watch.next();
  await resource.settle();
  await watch.next();
  host.outside.remove(file);
  await watch.next();
  assert.deepEqual(await resource.settle(), [`+ write ${file} for the next start`]);
  stop.abort();
});

test("mistakes are found before anything is touched", () => {
  const check = (resource: string, fields: AnyWant, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(sysctl, resource, fields), titles);
  check(name, { value: "1" });
  for (const wrong of ["net/ipv4", ".net", "net.", "a..b", "a=b", "a b"]) {
    check(wrong, { value: "1" }, `"${wrong}" is no name of a kernel parameter`);
  }
  check(name, {}, "a kernel parameter needs a `value`");
  check(name, { value: "1 " }, "the value must be a single line without white space around it");
  check(name, { value: "1", runtime: false, persist: false }, "without `runtime` and `persist` there is nothing to do");
  for (const path of ["router.conf", "/etc/sysctl.d/router", "/etc/sysctl.d/"]) {
    check(name, { value: "1", path }, `"${path}" is not the absolute path of a file that ends with .conf`);
  }
});

test("whatever the kernel and the file have, one pass settles it", async () => {
  const number = fc.constantFrom("0", "1", "4096 131072");
  const before = fc.option(fc.string());
  await fc.assert(
    fc.asyncProperty(
      number,
      before,
      number,
      fc.constantFrom("both", "now", "next"),
      async (was, there, value, when) => {
        const host = machine();
        host.outside.write(live, `${was}\n`);
        if (there !== null) host.outside.write(file, there);
        await converge(sysctl, name, { value, runtime: when !== "next", persist: when !== "now" }, host);
      },
    ),
    { numRuns: 300 },
  );
});

proves("sysctl", "twice", "outside change", "bad values", "random starts");
