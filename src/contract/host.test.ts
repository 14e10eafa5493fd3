// SPDX-License-Identifier: Apache-2.0
// What the contract with the machine itself decides.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDraftName } from "./host.ts";

test("an unfinished file is told by its name", () => {
  for (const name of [".motd.mgmt-0123456789ab", ".mgmt-0123456789ab", ".a\nb.mgmt-0123456789ab"]) {
    assert.equal(isDraftName(name), true, name);
  }
  for (const name of ["motd", ".motd", "motd.mgmt-0123456789ab", ".mgmt-123", ".mgmt-0123456789ab.txt"]) {
    assert.equal(isDraftName(name), false, name);
  }
});
