// SPDX-License-Identifier: Apache-2.0
// What mirrors say of the newest version, and what is no answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../../host/memory/index.ts";
import { newestVersion } from "./newest.ts";

const { signal } = new AbortController();
const mirror = "http://mirror.example.com/linux";

async function newest(distro: string, pages: Readonly<Record<string, string>>): Promise<string | undefined> {
  const host = memoryHost();
  host.outside.serve("http://mirror.example.com", ({ path }) => {
    const body = pages[path];
    return body === undefined ? { status: 404 } : { status: 200, body };
  });
  return newestVersion(distro, mirror, host, signal);
}

test("the newest version is what the mirror calls so", async () => {
  const release = "Origin: Debian\nSuite: stable\nVersion: 13.2\nCodename: trixie\n";
  assert.equal(await newest("debian", { "/linux/dists/stable/Release": release }), "13");
  const listing = '<a href="../">..</a><a href="9/">9/</a><a href="/linux/releases/43/">43/</a><a href="42/">42/</a>';
  assert.equal(await newest("fedora", { "/linux/releases/": listing }), "43");
});

test("a mirror that does not tell, or cannot be reached, is no trouble", async () => {
  assert.equal(await newest("debian", {}), undefined);
  assert.equal(await newest("debian", { "/linux/dists/stable/Release": "<html>" }), undefined);
  assert.equal(await newest("fedora", { "/linux/releases/": '<a href="test/">test</a>' }), undefined);
  assert.equal(await newestVersion("fedora", mirror, memoryHost(), signal), undefined);
  assert.equal(await newest("ubuntu", {}), undefined);
});
