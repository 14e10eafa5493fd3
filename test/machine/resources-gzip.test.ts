// SPDX-License-Identifier: Apache-2.0
// `gzip` on a real disk; the `gzip` program reads what it makes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { proves } from "../proofs.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { gzip } from "../../src/resources/archives/gzip.ts";
import { converge } from "../resource.ts";

test("a compressed file is one for the gzip program, and two of them are the same", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-gzip-"));
  try {
    const input = join(directory, "in");
    writeFileSync(input, "a line\n".repeat(50_000));
    const [one, two] = [join(directory, "one.gz"), join(directory, "two.gz")];
    for (const path of [one, two]) await converge(gzip, path, { input }, linuxHost());
    assert.deepEqual(readFileSync(one), readFileSync(two));
    const { stdout, status } = spawnSync("gzip", ["-dc", one], { maxBuffer: 1_000_000 });
    assert.equal(status, 0);
    assert.deepEqual(stdout, readFileSync(input));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

proves("gzip", "real part");
