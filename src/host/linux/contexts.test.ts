// SPDX-License-Identifier: Apache-2.0
// Contexts on files of this machine; the kernel need not know what they mean.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keepContext, readContext, writeContext } from "./contexts.ts";

test("a file in the place of another one gets its context, where contexts decide", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-contexts-"));
  try {
    const [old, next] = [join(directory, "old"), join(directory, "next")];
    for (const path of [old, next]) writeFileSync(path, "x");
    const label = "system_u:object_r:shadow_t:s0";
    try {
      writeContext(old, label, { doing: "set the context of", path: old });
    } catch (reason) {
      context.diagnostic(`not tried: this machine keeps no contexts: ${String(reason)}`);
      return;
    }
    keepContext(old, next, false);
    assert.equal(readContext(next), undefined);
    keepContext(old, next, true);
    assert.equal(readContext(next), label);
    keepContext(join(directory, "none"), next, true);
    assert.equal(readContext(next), label);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
