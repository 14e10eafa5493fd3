// SPDX-License-Identifier: Apache-2.0
// Others who change a tree at the worst of times: whatever happens in between, the end is what is declared.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { eventually, testPrograms, type World } from "./program.ts";

/** A directory with a file in it, and two deeper ones. */
function writeTree(world: World): void {
  world.write(
    "main.mcl",
    ["", "a/", "a/b/"]
      .map((below) => {
        const directory = world.path(`work/${below}`);
        return (
          `file "${directory}" {\n\tstate => "exists",\n}\n` +
          `file "${directory}x" {\n\tstate => "exists",\n\tcontent => "x\\n",\n}\n`
        );
      })
      .join(""),
  );
}

function isWhole(world: World): boolean {
  return ["work/x", "work/a/x", "work/a/b/x"].every((name) => {
    try {
      return readFileSync(world.path(name), "utf8") === "x\n";
    } catch {
      return false;
    }
  });
}

/** What is put back while the rest is being removed makes a removal fail: then it is tried once more. */
function isRemoved(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch (reason) {
    if (reason instanceof Error && "code" in reason && reason.code === "ENOTEMPTY") return false;
    throw reason;
  }
}

testPrograms("a directory that is removed again and again is back each time, with everything in it", async (world) => {
  writeTree(world);
  const running = world.start(["run", "--tmp-prefix", "main.mcl"], { env: { TMPDIR: world.directory } });
  await eventually("all is made", () => isWhole(world));
  for (let time = 0; time < 100; time += 1) {
    await eventually("it is removed", () => isRemoved(world.path("work")));
    // Not each time: the next removal may come while it is being put back.
    if (time % 4 === 0) await eventually("all is back", () => isWhole(world));
  }
  await eventually("all is back in the end", () => isWhole(world));
  running.signal("SIGINT");
  const { status, stderr } = await running.ended;
  assert.equal(status, 0, stderr);
});

testPrograms("a directory that is moved away, with another in its place, is filled again", async (world) => {
  writeTree(world);
  const running = world.start(["run", "--tmp-prefix", "main.mcl"], { env: { TMPDIR: world.directory } });
  await eventually("all is made", () => isWhole(world));
  for (let time = 0; time < 30; time += 1) {
    renameSync(world.path("work"), world.path(`moved-${time}`));
    if (!existsSync(world.path("work"))) {
      try {
        mkdirSync(world.path("work"));
      } catch (reason) {
        assert.ok(reason instanceof Error && "code" in reason && reason.code === "EEXIST"); // It was faster.
      }
    }
    await eventually("all is back", () => isWhole(world));
    rmSync(world.path(`moved-${time}`), { recursive: true });
  }
  running.signal("SIGINT");
  const { status, stderr } = await running.ended;
  assert.equal(status, 0, stderr);
});
