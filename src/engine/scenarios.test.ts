// SPDX-License-Identifier: Apache-2.0
// Every file of test/cases/engine/ is played; `UPDATE=1` writes what happened into it.

import assert from "node:assert/strict";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { playScenario } from "./scenario.test-support.ts";

const folder = join(import.meta.dirname, "../../test/cases/engine");

for (const name of globSync("*.txt", { cwd: folder }).sort()) {
  test(`engine: ${basename(name, ".txt").replaceAll("-", " ")}`, async () => {
    const path = join(folder, name);
    const expected = readFileSync(path, "utf8");
    const played = await playScenario(expected);
    if (process.env["UPDATE"] === "1") writeFileSync(path, played);
    else assert.equal(played, expected);
  });
}
