// SPDX-License-Identifier: Apache-2.0
// How far root follows symbolic links.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { trustedPlace } from "./trusted-place.ts";

async function check(host: MemoryHost, path: string, expected: string, guardedBelow?: string): Promise<void> {
  const place = await trustedPlace(path, host, new AbortController().signal, "follow");
  assert.deepEqual(place, {
    path: expected,
    guard: guardedBelow === undefined ? {} : { noLinksBelow: guardedBelow },
  });
}

function machine(uid = 0): MemoryHost {
  const host = memoryHost({ uid });
  host.outside.makeDirectory("/srv/alice/sub");
  host.outside.setOwner("/srv/alice", 1000, 1000);
  host.outside.setOwner("/srv/alice/sub", 1000, 1000);
  host.outside.makeDirectory("/srv/real");
  host.outside.link("/srv/ours", "real");
  host.outside.link("/srv/site", "/srv/alice/sub");
  host.outside.link("/srv/alice/.profile", "/etc/shadow");
  return host;
}

test("links of root are followed, up to the directory that somebody else may change", async () => {
  const host = machine();
  await check(host, "/srv/ours/file", "/srv/real/file");
  await check(host, "/srv/none/file", "/srv/none/file");
  await check(host, "/srv/alice/.profile", "/srv/alice/.profile", "/srv/alice");
  await check(host, "/srv/site/page", "/srv/alice/sub/page", "/srv/alice");
  await check(host, "/srv/alice/new/deep", "/srv/alice/new/deep", "/srv/alice");
});

test("a directory in which others may write is not trusted, but what root has in /tmp is", async () => {
  const host = machine();
  host.outside.makeDirectory("/tmp/ours");
  host.outside.makeDirectory("/tmp/theirs");
  host.outside.setOwner("/tmp/theirs", 1000, 1000);
  await check(host, "/tmp/ours/x", "/tmp/ours/x");
  await check(host, "/tmp/theirs/x", "/tmp/theirs/x", "/tmp");
  await check(host, "/tmp/new", "/tmp/new", "/tmp");
  host.outside.setMode("/srv/real", 0o777);
  await check(host, "/srv/real/x", "/srv/real/x", "/srv/real");
  host.outside.setMode("/srv/real", 0o775);
  await check(host, "/srv/real/x", "/srv/real/x");
  host.outside.setOwner("/srv/real", 0, 50);
  await check(host, "/srv/real/x", "/srv/real/x", "/srv/real");
});

test("a link that leads up and down ends where it leads", async () => {
  const host = machine();
  host.outside.link("/srv/up", "real/../../srv/alice/../alice/x");
  await check(host, "/srv/up", "/srv/alice/x", "/srv/alice");
});

test("who is not root follows every link", async () => {
  await check(machine(1000), "/srv/alice/.profile", "/etc/shadow");
});

test("links that lead in a circle are told", async () => {
  const host = machine();
  host.outside.link("/srv/a", "b");
  host.outside.link("/srv/b", "a");
  await assert.rejects(trustedPlace("/srv/a", host, new AbortController().signal, "follow"), { code: "invalid" });
});
