// SPDX-License-Identifier: Apache-2.0
// `line` on a real disk.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { proves } from "../proofs.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { line } from "../../src/resources/text/line.ts";
import { converge, drive } from "../resource.ts";

test("a line comes, comes back on the event, and goes; every other byte stays", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-line-"));
  const stop = new AbortController();
  try {
    const file = join(directory, "hosts");
    writeFileSync(file, "one\r\ntwo");
    chmodSync(file, 0o640);
    const resource = drive(line, "l", { file, state: "exists", content: "x y" }, linuxHost(), { signal: stop.signal });
    const watch = resource.watch();
    await watch.next();
    await resource.settle();
    assert.equal(readFileSync(file, "utf8"), "one\r\ntwo\r\nx y\r\n");
    assert.equal(statSync(file).mode & 0o777, 0o640);
    await watch.next();
    writeFileSync(file, "one\n");
    await watch.next();
    assert.deepEqual(await resource.settle(), ['+ add the line "x y"']);
    assert.equal(readFileSync(file, "utf8"), "one\nx y\n");
    await converge(line, "l", { file, state: "absent", content: "one" }, linuxHost());
    assert.equal(readFileSync(file, "utf8"), "x y\n");
  } finally {
    stop.abort();
    rmSync(directory, { recursive: true, force: true });
  }
});

proves("line", "real part");
