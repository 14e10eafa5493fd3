// SPDX-License-Identifier: Apache-2.0
// The log of an installer, where the program of the provisioner keeps it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../../host/memory/index.ts";
import { readInstallerLog } from "./installer-logs.ts";

test("the last lines of a long log are read, and of none there is nothing", async () => {
  const host = memoryHost();
  const { signal } = new AbortController();
  const path = "/state/local/vardir/functions/provisioner/logs/192.0.2.5.log";
  const lines = Array.from({ length: 2000 }, (_, index) => `2026-11-27T17:05:01.000Z info p: ${index}\n`);
  host.outside.makeDirectory("/state/local/vardir/functions/provisioner/logs");
  host.outside.write(path, lines.join(""));
  assert.deepEqual(await readInstallerLog("/state", "192.0.2.5", 2, host, signal), {
    path,
    last: ["info p: 1998", "info p: 1999"],
  });
  assert.equal(await readInstallerLog("/state", "192.0.2.6", 2, host, signal), undefined);
});
