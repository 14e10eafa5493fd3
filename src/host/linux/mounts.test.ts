// SPDX-License-Identifier: Apache-2.0
// The table of mounts as the kernel writes it, and a machine without the program that listens.

import assert from "node:assert/strict";
import { test } from "node:test";
import { notInstalled } from "../command-failures.ts";
import { drivenClock, memoryHost } from "../memory/index.ts";
import { linuxMounts, parseMountTable } from "./mounts.ts";

test("the table is read with its signs, and what is read-only is", () => {
  const table = parseMountTable(
    [
      "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard",
      "30 22 0:5 / /srv/a\\040b ro,nosuid,noatime - tmpfs my\\040memory rw,size=64k,mode=711",
      "31 22 254:0 /srv/from /srv/to rw,relatime master:3 - ext4 /dev/vda ro",
      "nonsense",
      "",
    ].join("\n"),
  );
  assert.deepEqual(
    table.map(({ place, source, root, type, options }) => [
      place,
      source,
      root,
      type,
      [...options.keys()].sort().join(),
    ]),
    [
      ["/", "/dev/vda", "/", "ext4", "discard,relatime,rw"],
      ["/srv/a b", "my memory", "/", "tmpfs", "mode,noatime,nosuid,ro,size"],
      ["/srv/to", "/dev/vda", "/srv/from", "ext4", "relatime,ro"],
    ],
  );
  assert.equal(table[1]?.options.get("size"), "64k");
});

test("without a program that listens the table is looked at now and then", async () => {
  const clock = drivenClock();
  const { processes } = memoryHost();
  const silent = {
    ...processes,
    lines: () => {
      throw notInstalled("findmnt");
    },
  };
  const stopping = new AbortController();
  const changes = linuxMounts({ processes: silent, clock }).changes(stopping.signal);
  assert.equal((await changes.next()).done, false);
  const next = changes.next();
  await clock.advance(20_000);
  stopping.abort();
  for (let last = await next; last.done !== true; ) last = await changes.next();
});
