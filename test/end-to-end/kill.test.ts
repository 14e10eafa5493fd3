// SPDX-License-Identifier: Apache-2.0
// `kill -9` at any instant: every managed file is the old one or the new one, nothing else is left that a person would
// have to clear away, and the next run brings everything to what is declared.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { eventually, testPrograms, type World } from "./program.ts";

const fileCount = 20;
const bytesOfFile = 30_000;
/** Some twenty seconds for each program on a busy machine; `KILLS=1000` looks longer. */
const kills = Number(process.env["KILLS"] ?? 60);
/** So often a run is let end, to see that it makes everything new. */
const letEndEvery = 20;

/** What the file must contain in the given version: long enough that a write is not one instant. */
function textOf(version: number, file: number): string {
  const line = `version ${version} of file ${file}\n`;
  return line.repeat(Math.ceil(bytesOfFile / line.length));
}

/** Contents come from sources, so that the program stays short; each version has its own, for one may be half copied. */
function writeVersion(world: World, version: number): void {
  for (let file = 0; file < fileCount; file += 1) world.write(`source/${version % 2}-${file}`, textOf(version, file));
  const resources = Array.from({ length: fileCount }, (_, file) => {
    const source = world.path(`source/${version % 2}-${file}`);
    return `file "${world.path(`work/f${file}`)}" {\n\tstate => "exists",\n\tsource => "${source}",\n\tmode => "0640",\n}\n`;
  });
  world.write("main.mcl", resources.join(""));
}

function checkFiles(world: World, versions: readonly number[]): number {
  let newest = 0;
  for (let file = 0; file < fileCount; file += 1) {
    const path = world.path(`work/f${file}`);
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const version = Number(/^version (\d+) /.exec(text)?.[1]);
    assert.ok(versions.includes(version), `${path} is one of versions ${versions.join(" and ")}, not ${version}`);
    assert.ok(text === textOf(version, file), `${path} is whole`);
    assert.equal(statSync(path).mode & 0o777, 0o640);
    if (version === versions.at(-1)) newest += 1;
  }
  return newest;
}

testPrograms(
  "kill -9 at random instants leaves every file old or new, and the next run makes all new",
  async (world) => {
    for (const directory of ["work", "source", "state"]) mkdirSync(world.path(directory));
    const args = ["run", "--once", "--prefix", world.path("state"), "main.mcl"];
    writeVersion(world, 0);
    const first = await world.run(args);
    assert.equal(first.status, 0, first.stderr);
    checkFiles(world, [0]);
    const partial: number[] = [];
    for (let round = 1; round <= kills; round += 1) {
      writeVersion(world, round);
      const running = world.start(args);
      // From before the first write to after the last: the instants are spread over the whole run.
      const killAfter = (round * 7) % fileCount;
      await eventually("some files are new", () => isOver(running) || isNew(world, killAfter, round));
      running.signal("SIGKILL");
      await running.ended;
      // Those that were killed before it have left their versions too, back to the last one that was let end.
      const versions = Array.from({ length: ((round - 1) % letEndEvery) + 2 }, (_, back) => round - back).reverse();
      partial.push(checkFiles(world, versions));
      if (round % letEndEvery > 0) continue;
      const next = await world.run(args);
      assert.equal(next.status, 0, next.stderr);
      assert.equal(checkFiles(world, [round]), fileCount);
    }
    assert.ok(
      partial.some((count) => count > 0 && count < fileCount),
      "some runs were killed between two files",
    );
    const left = readdirSync(world.path("work")).filter((name) => !/^f\d+$/.test(name));
    for (const name of left)
      assert.match(name, /^\.f\d+\.mgmt-[0-9a-f]{12}$/, `${join("work", name)} is an unfinished file`);
  },
);

function isNew(world: World, file: number, version: number): boolean {
  return readFileSync(world.path(`work/f${file}`), "utf8").startsWith(`version ${version} `);
}

function isOver(running: { readonly pid: number }): boolean {
  return !existsSync(`/proc/${running.pid}`);
}
