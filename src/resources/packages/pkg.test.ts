// SPDX-License-Identifier: Apache-2.0
// Packages of a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import { Failure } from "../../contract/failure.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { pkg } from "./pkg.ts";

/** With an nginx in two versions, and lists that are up to date. */
function webHost(): MemoryHost {
  const host = memoryHost();
  const { packages } = host.outside;
  packages.publish("nginx", "1.22", { files: ["/usr/sbin/nginx", "/etc/nginx/nginx.conf"] });
  packages.publish("nginx", "1.24", { files: ["/usr/sbin/nginx", "/etc/nginx/nginx.conf"] });
  packages.publish("curl", "7.88");
  packages.refresh();
  return host;
}

async function refuses(name: string, fields: AnyWant, host: MemoryHost, message: string, hint: string): Promise<void> {
  const resource = drive(pkg, name, fields, host);
  const [planned] = (await resource.plan()).slice(-1);
  assert.equal(planned?.text, message);
  await assert.rejects(resource.settle(), (reason) => {
    assert.ok(reason instanceof Failure);
    assert.equal(reason.message, message);
    assert.equal(reason.hint, hint);
    return true;
  });
}

test("a package is installed, and it makes no difference in which version", async () => {
  const host = webHost();
  assert.deepEqual(await converge(pkg, "nginx", {}, host), ["+ install 1.24"]);
  assert.equal(host.outside.read("/usr/sbin/nginx"), "nginx 1.24\n");
  assert.deepEqual(host.outside.packages.transactions, ["install nginx"]);
  host.outside.packages.install("nginx", "1.22");
  assert.deepEqual(await converge(pkg, "nginx", {}, host), []);
});

test("the newest version is kept", async () => {
  const host = webHost();
  host.outside.packages.install("nginx", "1.22");
  assert.deepEqual(await converge(pkg, "nginx", { state: "newest" }, host), ["~ upgrade to 1.24 (was 1.22)"]);
  host.outside.packages.publish("nginx", "1.26");
  assert.deepEqual(await converge(pkg, "nginx", { state: "newest" }, host), []);
  host.outside.packages.refresh();
  assert.deepEqual(await converge(pkg, "nginx", { state: "newest" }, host), ["~ upgrade to 1.26 (was 1.24)"]);
});

test("an exact version is installed, and goes back only if that is allowed", async () => {
  const host = webHost();
  assert.deepEqual(await converge(pkg, "nginx", { state: "1.22" }, host), ["+ install 1.22"]);
  assert.deepEqual(await converge(pkg, "nginx", { state: "1.24" }, host), ["~ upgrade to 1.24 (was 1.22)"]);
  const back = { state: "1.22" };
  await refuses(
    "nginx",
    back,
    host,
    "nginx is at 1.24, which is newer than 1.22",
    "Write `allowdowngrade => true` if it is to go back.",
  );
  assert.deepEqual(await converge(pkg, "nginx", { ...back, allowdowngrade: true }, host), [
    "~ downgrade to 1.22 (was 1.24)",
  ]);
  await refuses(
    "nginx",
    { state: "9.9" },
    host,
    "the lists of memory have no version 9.9 of nginx",
    "There is 1.24, 1.22.",
  );
});

test("a package is removed, with its configuration only when it is purged", async () => {
  const host = webHost();
  host.outside.packages.install("nginx");
  assert.deepEqual(await converge(pkg, "nginx", { state: "uninstalled" }, host), ["- remove 1.24"]);
  assert.equal(host.outside.exists("/etc/nginx/nginx.conf"), true);
  assert.deepEqual(await converge(pkg, "nginx", { state: "uninstalled", purge: true }, host), [
    "- purge the configuration that was left",
  ]);
  assert.equal(host.outside.exists("/etc/nginx/nginx.conf"), false);
  host.outside.packages.install("nginx");
  assert.deepEqual(await converge(pkg, "nginx", { state: "uninstalled", purge: true }, host), ["- purge 1.24"]);
  assert.deepEqual(await converge(pkg, "never-heard-of", { state: "uninstalled" }, host), []);
});

test("what the program wants to be gone may go for another one, and nothing else may", async () => {
  const host = webHost();
  host.outside.packages.publish("apache", "2.4", { conflicts: ["nginx"] });
  host.outside.packages.refresh();
  host.outside.packages.install("nginx");
  const alone = drive(pkg, "apache", {}, host);
  await assert.rejects(alone.settle(), { code: "conflict", message: /nginx would be removed/ });
  const together = drive(pkg, "apache", {}, host, { peers: [{ name: "nginx", fields: { state: "uninstalled" } }] });
  assert.deepEqual(await together.settle(), ["+ install 2.4"]);
});

test("a package stays at its version when it is held, and is never moved when somebody else holds it", async () => {
  const host = webHost();
  host.outside.packages.install("nginx", "1.22");
  assert.deepEqual(await converge(pkg, "nginx", { hold: true }, host), ["~ hold at its version"]);
  assert.deepEqual(await converge(pkg, "nginx", { state: "1.24", hold: true }, host), ["~ upgrade to 1.24 (was 1.22)"]);
  const hint = "Write `hold => false` to release it, or `hold => true` to keep it at the version that is wanted.";
  await refuses("nginx", { state: "uninstalled" }, host, "nginx is held at its version, 1.24", hint);
  assert.deepEqual(await converge(pkg, "nginx", { hold: false }, host), ["~ release from its version"]);
  assert.deepEqual(await converge(pkg, "nginx", {}, host), []);
});

test("what is not free, or is somebody else's, needs to be allowed", async () => {
  const host = webHost();
  const { packages } = host.outside;
  packages.publish("driver", "1.0", { isFree: false, from: "the other part" });
  packages.publish("tool", "1.0", { isSupported: false, from: "a stranger" });
  packages.publish("nginx", "2.0", { isSupported: false, from: "a stranger" });
  packages.refresh();
  await refuses(
    "driver",
    {},
    host,
    "driver 1.0 can be had from the other part alone, which is not free",
    "Write `allownonfree => true` if that is meant.",
  );
  await refuses(
    "tool",
    {},
    host,
    "tool 1.0 can be had from a stranger alone, which is not the distribution's own",
    "Write `allowunsupported => true` if that is meant.",
  );
  assert.deepEqual(await converge(pkg, "nginx", {}, host), ["+ install 1.24"], "the distribution's own is taken");
  assert.deepEqual(await converge(pkg, "nginx", { state: "newest", allowunsupported: true }, host), [
    "~ upgrade to 2.0 (was 1.24)",
  ]);
  assert.deepEqual(await converge(pkg, "driver", { allownonfree: true }, host), ["+ install 1.0"]);
});

test("what nobody has signed needs to be allowed", async () => {
  const host = webHost();
  host.outside.packages.publish("tool", "1.0", { isSigned: false });
  host.outside.packages.refresh();
  await assert.rejects(drive(pkg, "tool", {}, host).settle(), { code: "denied", message: /no valid signature/ });
  assert.deepEqual(await converge(pkg, "tool", { allowuntrusted: true }, host), ["+ install 1.0"]);
});

test("a package comes from a file", async () => {
  const host = webHost();
  const source = "/srv/own.pkg";
  const missing = "the file /srv/own.pkg does not exist";
  host.outside.makeDirectory("/srv");
  await refuses("own", { source }, host, missing, "Write the path of the file with the package.");
  host.outside.write(source, "archive own 1.5\n/usr/bin/own\n");
  assert.deepEqual(await converge(pkg, "own", { source }, host), ["+ install 1.5 from /srv/own.pkg"]);
  host.outside.write(source, "archive own 1.6\n/usr/bin/own\n");
  assert.deepEqual(await converge(pkg, "own", { source }, host), ["~ upgrade to 1.6 (was 1.5)"]);
  const hint = 'The name of the resource must be that of the package: pkg "own".';
  await refuses("other", { source }, host, "the file /srv/own.pkg is the package own, not other", hint);
});

test("the lists are refreshed for what they do not have when they are old, and for nothing else", async () => {
  const host = memoryHost();
  const { packages } = host.outside;
  packages.publish("nginx", "1.22");
  assert.deepEqual(await converge(pkg, "nginx", {}, host), [
    "! refresh the package lists (not done yet for these sources)",
    "+ install",
  ]);
  packages.publish("curl", "8");
  await refuses(
    "curl",
    {},
    host,
    'the lists of memory have no package "curl"',
    "Correct the name, or add the source that has it.",
  );
  await host.clock.advance(2 * 3_600_000);
  assert.deepEqual(await converge(pkg, "curl", {}, host), ["! refresh the package lists (2 hours old)", "+ install"]);
  packages.remove("nginx");
  await host.clock.advance(10 * 24 * 3_600_000);
  assert.deepEqual(await converge(pkg, "nginx", {}, host), ["+ install 1.22"]);
  assert.equal(packages.refreshes, 2);
  assert.deepEqual(await converge(pkg, "nginx", { state: "newest" }, host), [
    "! refresh the package lists (10 days old)",
  ]);
  assert.equal(packages.refreshes, 3);
});

test("a plan changes nothing and refreshes nothing", async () => {
  const host = memoryHost();
  host.outside.packages.publish("nginx", "1.22");
  const texts = (await drive(pkg, "nginx", { state: "newest" }, host).plan()).map(({ text }) => text);
  assert.deepEqual(texts, ["refresh the package lists (not done yet for these sources)", "install"]);
  assert.deepEqual([host.outside.packages.refreshes, host.outside.packages.transactions], [0, []]);
});

test("a name that is nearly right is told", async () => {
  const hint = "Did you mean nginx? Otherwise correct the name, or add the source that has it.";
  await refuses("ngnix", {}, webHost(), 'the lists of memory have no package "ngnix"', hint);
});

test("a transaction that was killed is finished", async () => {
  const host = webHost();
  host.outside.packages.killNext();
  await assert.rejects(drive(pkg, "nginx", {}, host).settle(), { code: "command-failed" });
  const resource = drive(pkg, "nginx", {}, host);
  assert.deepEqual(await resource.settle(), ["~ finish the installation of 1.24, which was cut off"]);
  assert.deepEqual(resource.said, ["stderr: finishes what a transaction that was cut off has left"]);
  assert.deepEqual(await resource.plan(), []);
});

test("a lock of somebody else is waited for, and told", async () => {
  const host = webHost();
  const free = host.outside.packages.lock("apt-get");
  const resource = drive(pkg, "nginx", {}, host);
  const settling = resource.settle();
  await host.clock.settle();
  assert.deepEqual(resource.said, [
    "stderr: waits for apt-get (process 1234), which holds the lock of the package database",
  ]);
  free();
  assert.deepEqual(await settling, ["+ install 1.24"]);
});

test("a change behind its back is seen", async () => {
  const host = webHost();
  host.outside.write("/tmp/own", "archive own 1.0\n/usr/bin/own");
  for (const [name, fields] of [
    ["nginx", {}],
    ["own", { source: "/tmp/own" }],
  ] as const) {
    const stop = new AbortController();
    const resource = drive(pkg, name, fields, host, { signal: stop.signal });
    await resource.settle();
    const watch = resource.watch();
    await watch.next();
    host.outside.packages.remove(name);
    await watch.next();
    assert.equal((await resource.settle()).length, 1);
    stop.abort();
  }
});

test("a machine without a package manager says so", async () => {
  await assert.rejects(drive(pkg, "nginx", {}, memoryHost()).settle(), { code: "unsupported" });
});

test("mistakes are found before anything is touched", () => {
  const check = (name: string, fields: AnyWant, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(pkg, name, fields), titles);
  check("libstdc++6:amd64", { state: "1:12.2.0-14~deb12u1+b1" });
  check("-y", {}, '"-y" is no name of a package');
  check("nginx-", {}, '"nginx-" is no name of a package');
  check("nginx=1.0", {}, '"nginx=1.0" is no name of a package');
  check("a b", {}, '"a b" is no name of a package');
  check("a", { state: "" }, "a package needs a state");
  check("a", { state: "latest" }, '"latest" is no state of a package');
  check("a", { state: "--yes1" }, '"--yes1" is neither a state of a package nor a version');
  check("a", { state: "instaled" }, '"instaled" is neither a state of a package nor a version');
  check("a", { purge: true }, "`purge` goes with the state `uninstalled` alone");
  check("a", { state: "newest", hold: true }, "a package cannot be held and be newest at the same time");
  check("a", { source: "a.deb" }, '"a.deb" is not the absolute path of a file');
  check("a", { source: "/a.deb", state: "newest" }, "with `source` the version is that of the file");
});

test("two that want it installed and newest are one that wants the newest", () => {
  const want = (fields: AnyWant) => drive(pkg, "a", fields, memoryHost()).want;
  const merge = (some: AnyWant, other: AnyWant) => pkg.merge?.(want(some), want(other));
  assert.deepEqual(merge({}, { state: "newest" }), want({ state: "newest" }));
  assert.deepEqual(merge({ state: "newest" }, {}), want({ state: "newest" }));
  assert.equal(merge({}, { state: "newest", allowuntrusted: true }), undefined);
  assert.equal(merge({}, { state: "1.0" }), undefined);
  assert.equal(merge({ state: "uninstalled" }, { state: "newest" }), undefined);
});

/** Some machine: what its source has, what is installed, held and left. */
const startState = fc.record({
  published: fc.subarray(["1.0", "1.5", "2.0"], { minLength: 1 }),
  installed: fc.option(fc.constantFrom("1.0", "1.5", "2.0"), { nil: undefined }),
  isHeld: fc.boolean(),
  isRemoved: fc.boolean(),
  hasLists: fc.boolean(),
  isKilled: fc.boolean(),
});

const wanted = fc.oneof(
  fc.record({ state: fc.constantFrom("installed", "newest"), hold: fc.constant(false) }),
  fc.record({ state: fc.constant("uninstalled"), purge: fc.boolean(), hold: fc.constant(false) }),
  fc.record({
    state: fc.constantFrom("installed", "1.0", "1.5", "2.0"),
    hold: fc.boolean(),
    allowdowngrade: fc.constant(true),
  }),
);

test("from any state of the machine it comes to the wanted one, and stays there", async () => {
  await fc.assert(
    fc.asyncProperty(startState, wanted, async (start, fields) => {
      const host = memoryHost();
      const { packages } = host.outside;
      const files = ["/usr/bin/tool", "/etc/tool.conf"];
      for (const version of ["1.0", "1.5", "2.0"]) packages.publish("tool", version, { files });
      packages.refresh();
      if (start.installed !== undefined) packages.install("tool", start.installed);
      if (start.isHeld) packages.setHeld("tool", true);
      if (start.isRemoved) packages.remove("tool");
      packages.withdraw("tool");
      for (const version of start.published) packages.publish("tool", version, { files });
      if (start.hasLists) packages.refresh();
      await host.clock.advance(start.hasLists ? 0 : 4 * 24 * 3_600_000);
      const version =
        "1.0" === fields.state || "1.5" === fields.state || "2.0" === fields.state ? fields.state : undefined;
      const isThere = start.installed !== undefined && !start.isRemoved;
      const isPossible = version === undefined || start.published.includes(version);
      if (!isPossible && !(isThere && start.installed === version)) return;
      if (start.isKilled) packages.killNext();
      // What refreshed lists bring, and what a kill has left, is seen by looking again, as the engine does.
      for (let time = 0; time < 2; time += 1) {
        await drive(pkg, "tool", fields, host)
          .settle()
          .catch((reason: unknown) => assert.ok(reason instanceof Failure && start.isKilled, String(reason)));
      }
      await converge(pkg, "tool", fields, host);
      const now = (await host.packages.manager(new AbortController().signal)).installed(
        ["tool"],
        new AbortController().signal,
      );
      const found = (await now).get("tool");
      if (fields.state === "uninstalled") assert.equal(found?.version, undefined);
      else assert.ok(found?.version !== undefined && found.version === (version ?? found.version));
      if (fields.state !== "uninstalled") assert.equal(found?.isHeld, fields.hold);
    }),
    { numRuns: 370 },
  );
});

proves("pkg", "twice", "outside change", "bad values", "random starts");
