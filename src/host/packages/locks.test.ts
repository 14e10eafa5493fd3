// SPDX-License-Identifier: Apache-2.0
// Who holds a lock, by the table of the kernel, and waiting for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../bench.test-support.ts";
import { memoryHost } from "../memory/index.ts";
import { holderOf, parseLockHolder, waitForLocks, waitingFor } from "./locks.ts";

const table = `1: POSIX  ADVISORY  WRITE 379 00:39:10063578 0 EOF
1: -> POSIX  ADVISORY  WRITE 380 00:39:77 0 EOF
2: OFDLCK ADVISORY  WRITE -1 fe:00:788816 0 EOF
3: FLOCK  ADVISORY  WRITE 25160 103:4f1:5 0 EOF
`;

test("a lock belongs to the process that holds it, not to one that waits", () => {
  const holder = (device: bigint, inode: bigint) => parseLockHolder(table, { device, inode });
  assert.equal(holder(57n, 10063578n), 379);
  assert.equal(holder(57n, 77n), undefined);
  assert.equal(holder(65024n, 788816n), -1);
  assert.equal(holder(65024n, 1n), undefined);
  // Major 0x103 and minor 0x4f1, as the C library packs them.
  assert.equal(holder((0x103n << 8n) | 0xf1n | (0x4n << 20n), 5n), 25160);
});

test("a wait is said once it is long, and ends with the lock", async () => {
  const { outside, files, clock } = memoryHost();
  outside.makeDirectory("/proc/12");
  outside.makeDirectory("/var/lib/dpkg");
  outside.write("/var/lib/dpkg/lock", "");
  outside.write("/proc/12/comm", "apt-get\n");
  const state = await files.inspect("/var/lib/dpkg/lock", never());
  assert.ok(state !== undefined && state.device < 256n);
  const place = `00:${state.device.toString(16).padStart(2, "0")}:${state.inode}`;
  outside.write("/proc/locks", `1: POSIX  ADVISORY  WRITE 12 ${place} 0 EOF\n`);
  const paths = ["/var/lib/dpkg/missing", "/var/lib/dpkg/lock"];
  assert.deepEqual(await holderOf(paths, files, never()), { process: 12, program: "apt-get" });
  const said: string[] = [];
  let isFree = false;
  const waiting = waitForLocks(paths, { files, clock }, (line) => said.push(line), never()).then(() => {
    isFree = true;
  });
  await clock.advance(400);
  assert.deepEqual(said, []);
  await clock.advance(200);
  assert.deepEqual(said, ["waits for apt-get (process 12), which holds the lock of the package database"]);
  await clock.advance(60_000);
  assert.equal(said.length, 4);
  assert.match(said[1] ?? "", /, for 10 s now$/);
  assert.equal(isFree, false);
  outside.write("/proc/locks", "");
  await clock.advance(100);
  await waiting;
});

test("who it is may not be known", () => {
  assert.equal(
    waitingFor({ process: undefined, program: "" }, 0),
    "waits for another process, which holds the lock of the package database",
  );
});
