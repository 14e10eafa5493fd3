// SPDX-License-Identifier: Apache-2.0
// The launcher by itself: it starts the program from anywhere and passes on what it was given.

import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { testPrograms, World } from "./program.ts";

testPrograms("the version is one line on stdout", async (world) => {
  const { status, stdout, stderr } = await world.run(["version"]);
  assert.equal(stderr, "");
  assert.match(stdout, /^.*\d+\.\d+\.\d+.*\n$/);
  assert.equal(status, 0);
});

testPrograms("a link to the program runs it", async (world) => {
  symlinkSync(world.program.path, world.path("linked"));
  const linked = new World({ name: "link", path: world.path("linked") });
  try {
    assert.equal((await linked.run(["version"])).status, 0);
  } finally {
    linked.end();
  }
});

testPrograms("a word that is no command is bad usage", async (world) => {
  const { status, stdout, stderr } = await world.run(["no-such-command"]);
  assert.equal(stdout, "");
  assert.match(stderr, /no-such-command/);
  assert.equal(status, 2);
});
