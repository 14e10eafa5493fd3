// SPDX-License-Identifier: Apache-2.0
// Packages by a real PackageKit, which is what is left where none of the managers that we know is: here it is forced.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import type { Host } from "../../src/contract/host.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { choosePackages } from "../../src/host/packages/choose.ts";
import { pkg } from "../../src/resources/packages/pkg.ts";
import { buildDebianPackage, indexDebianSource } from "../machine/debian-source.test-support.ts";
import { converge, drive, repairedSoon } from "../resource.ts";
import { install, run } from "./inside.ts";

const source = "/srv/source";
const real = linuxHost();
const never = new AbortController().signal;
/** A machine without a program of the managers that we know. */
const files: Host["files"] = {
  ...real.files,
  inspectTarget: async (path, signal) =>
    path === "/usr/bin/apt-get" ? undefined : real.files.inspectTarget(path, signal),
};
const { processes, clock } = real;
const packages = choosePackages({ files, processes, clock, environment: new Map(), root: "" }, real.buses.system);
const manager = await packages.manager(never);
const host: Host = { ...real, packages };

const version = (name: string): string =>
  spawnSync("dpkg-query", ["-W", "-f", "${db:Status-Abbrev}${Version}", name], { encoding: "utf8" }).stdout;

before(async () => {
  await install("shared-mime-info"); // By which PackageKit knows an archive.
  mkdirSync(source);
  for (const name of ["one", "two", "three", "old"]) buildDebianPackage(source, name, "99.0", {});
  buildDebianPackage(source, "new", "99.0", { conflicts: ["old"] });
  buildDebianPackage(source, "web", "1.0", { files: ["/etc/web.conf", "/usr/bin/web"] });
  indexDebianSource(source, "Debian");
  writeFileSync("/etc/apt/sources.list", `deb [trusted=yes] file:${source} ./\n`);
  await run("apt-get", "update", "-qq");
});

test("a package is installed, kept, upgraded when the lists are new, and removed", async () => {
  assert.equal(manager.name, "PackageKit");
  const allowunsupported = true; // PackageKit does not tell whose a source on the disk is.
  const reaches = async (state: string, ...steps: readonly string[]) =>
    assert.deepEqual(await converge(pkg, "one", { state, allowunsupported }, host), steps);
  await reaches("99.0", "+ install 99.0");
  assert.equal(version("one"), "ii 99.0");
  await reaches("installed");
  buildDebianPackage(source, "one", "99.1", {});
  indexDebianSource(source, "Debian");
  await manager.refreshLists({ allowUntrusted: true }, () => {}, never);
  const refreshed = (await manager.listsRefreshedMs(never)) ?? 0;
  assert.ok(Math.abs(Date.now() - refreshed) < 60_000, "when they were refreshed is known");
  await reaches("newest", "~ upgrade to 99.1 (was 99.0)");
  await reaches("uninstalled", "- remove 99.1");
  assert.doesNotMatch(version("one"), /^ii/);
});

test("all that is installed is one transaction, and so is all that is removed", async () => {
  const install = (name: string) => ({ do: "install", name }) as const;
  const remove = (name: string) => ({ do: "remove", name }) as const;
  const transact = (changes: Parameters<typeof manager.transact>[0]["changes"]) =>
    manager.transact({ changes, mayRemove: [], allowUntrusted: true }, () => {}, never);
  const log = "/var/log/apt/history.log";
  const started = async () => (await run("grep", "-c", "^Start-Date", log).catch(() => "0")).trim();
  const begun = Number(await started());
  await transact([install("one"), install("two"), install("three")]);
  assert.equal(Number(await started()), begun + 1);
  await transact([remove("one"), remove("two"), remove("three")]);
  assert.equal(Number(await started()), begun + 2);
});

test("a package that others remove is installed again, whatever has removed it", async () => {
  const stop = new AbortController();
  const resource = drive(pkg, "two", { allowunsupported: true }, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  for (const argv of [
    ["dpkg", "--remove", "two"],
    ["apt-get", "remove", "-qqy", "two"],
    ["pkcon", "remove", "-y", "two"],
  ] as const) {
    if (argv[0] === "pkcon" && spawnSync("pkcon", ["--version"]).error !== undefined) continue;
    const [program, ...args] = argv;
    await run(program, ...args);
    assert.deepEqual(await repairedSoon(resource, watch), ["+ install 99.0"]);
  }
  stop.abort();
});

test("watching is quiet while nobody does anything, though it looks by transactions too", async () => {
  const stop = new AbortController();
  const resource = drive(pkg, "two", { allowunsupported: true }, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  await new Promise((resolve) => setTimeout(resolve, 4_000)); // Signals of what was before may still come.
  const next = watch.next().then(() => "told");
  await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 4_000))]);
  const again = watch.next().then(() => "told");
  for (let count = 0; count < 3; count += 1) await resource.plan();
  const quiet = new Promise((resolve) => setTimeout(() => resolve("quiet"), 4_000));
  assert.equal(await Promise.race([again, quiet]), "quiet");
  stop.abort();
});

test("what is in a package is known, and an archive is a package too", async () => {
  await converge(pkg, "web", { allowunsupported: true }, host);
  assert.deepEqual(
    [...((await manager.files(["web"], never)).get("web") ?? [])].filter((path) => !path.includes("/doc/")).toSorted(),
    ["/etc/web.conf", "/usr/bin/web"],
  );
  const path = buildDebianPackage("/root", "own", "1.0", {});
  const archive = await manager.inspectArchive(path, never);
  assert.deepEqual([archive.name, archive.version], ["own", "1.0"]);
  assert.deepEqual(await converge(pkg, "own", { source: path, allowuntrusted: true }, host), [
    `+ install 1.0 from ${path}`,
  ]);
});

test("what cannot be done is told, and nothing is removed that nobody named", async () => {
  await converge(pkg, "old", { allowunsupported: true }, host);
  const refused = drive(pkg, "new", { allowunsupported: true }, host);
  await assert.rejects(refused.settle(), { code: "conflict", message: /old would be removed/ });
  assert.match(version("old"), /^ii/);
  await assert.rejects(drive(pkg, "on", {}, host).settle(), { code: "not-found" });
  await assert.rejects(drive(pkg, "one", { state: "97.0", allowunsupported: true }, host).settle(), /97\.0/);
  await assert.rejects(drive(pkg, "two", { hold: true, allowunsupported: true }, host).settle(), {
    code: "unsupported",
  });
});
