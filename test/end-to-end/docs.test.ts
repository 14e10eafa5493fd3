// SPDX-License-Identifier: Apache-2.0
// The reference in a terminal, from the sources and from the single file, which has no files to read.

import assert from "node:assert/strict";
import { testPrograms } from "./program.ts";

testPrograms("the page of a kind is shown", async (world) => {
  const { status, stdout, stderr } = await world.run(["docs", "file"]);
  assert.equal(stderr, "");
  assert.match(stdout, /^file\n\nA file, /);
  assert.match(stdout, /^ {2}content {2}str, default none$/m);
  assert.equal(status, 0);
});

testPrograms("the page of a problem has its message as it is printed", async (world) => {
  const { status, stdout } = await world.run(["docs", "unknown-field"]);
  assert.match(stdout, /^ {4}error\[unknown-field\]: The kind `file` has no field `contents`$/m);
  assert.equal(status, 0);
});

testPrograms("a word that is nothing gets the nearest one", async (world) => {
  const { status, stdout, stderr } = await world.run(["docs", "fiel"]);
  assert.equal(stdout, "");
  assert.match(stderr, /did you mean mgmt docs file\?/);
  assert.equal(status, 1);
});
