// SPDX-License-Identifier: Apache-2.0
// The launcher by itself: it starts the program from anywhere and passes on what it was given.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root, testPrograms, World } from "./program.ts";

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

test("a first start never empties what node_modules only leads to", async () => {
  const world = new World({ name: "copy", path: "" });
  try {
    for (const name of ["mgmt", "package.json", "package-lock.json"]) copyFileSync(join(root, name), world.path(name));
    cpSync(join(root, "scripts"), world.path("scripts"), { recursive: true });
    mkdirSync(world.path("others"));
    writeFileSync(world.path("others/kept"), "");
    symlinkSync(world.path("others"), world.path("node_modules"));
    const { promise, resolve } = Promise.withResolvers<{ code: unknown; stderr: string }>();
    execFile(world.path("mgmt"), ["version"], (reason, _, stderr) => resolve({ code: reason?.code, stderr }));
    const { code, stderr } = await promise;
    assert.match(stderr, /node_modules is a link to .*others, which npm would empty/);
    assert.equal(code, 3);
    assert.ok(existsSync(world.path("others/kept")));
  } finally {
    world.end();
  }
});
