// SPDX-License-Identifier: Apache-2.0
// `mgmt plan`: what would change, without changing it, and a run that is held to it.

import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { testPrograms, type World } from "./program.ts";

const env = (world: World) => ({ env: { TMPDIR: world.directory } });

function writeProgram(world: World): void {
  const file = (name: string, rest: string): string => `file "${world.path(name)}" {\n${rest}}\n\n`;
  world.write(
    "main.mcl",
    file("new", `\tstate => "exists",\n\tcontent => "a\\n",\n`) +
      file("changed", `\tstate => "exists",\n\tcontent => "one\\ntwo\\nthree\\n",\n`) +
      file("gone", `\tstate => "absent",\n`) +
      file("kept", `\tstate => "exists",\n\tcontent => "same",\n`),
  );
  world.write("changed", "one\n2\nthree\n");
  world.write("gone", "");
  world.write("kept", "same");
}

testPrograms("a plan tells every step with its lines and changes nothing", async (world) => {
  writeProgram(world);
  const { status, stdout } = await world.run(["plan", "--tmp-prefix", "main.mcl"], env(world));
  assert.equal(status, 2);
  assert.match(stdout, /^\+ file\[.*\/new\] write 2 bytes\n {6}\+ a$/m);
  assert.match(stdout, /^~ file\[.*\/changed\].*\n {8}one\n {6}- 2\n {6}\+ two\n {8}three$/m);
  assert.match(stdout, /^- file\[.*\/gone\] remove the file$/m);
  assert.match(stdout, /^plan: 1 to make, 1 to change, 1 to remove, 1 as declared\.$/m);
  assert.ok(!existsSync(world.path("new")));
  assert.ok(existsSync(world.path("gone")));
  assert.equal(readFileSync(world.path("changed"), "utf8"), "one\n2\nthree\n");
});

testPrograms("a run does exactly what a plan says, and then there is nothing to do", async (world) => {
  writeProgram(world);
  assert.equal((await world.run(["plan", "--tmp-prefix", "--out=it.plan", "main.mcl"], env(world))).status, 2);
  const run = await world.run(["run", "--tmp-prefix", "--plan=it.plan"], env(world));
  assert.deepEqual([run.status, run.stdout.match(/^[+~-] /gm)?.length], [0, 3]);
  assert.equal((await world.run(["plan", "--tmp-prefix", "main.mcl"], env(world))).status, 0);
});

testPrograms("a run stops before it touches anything when something has moved since the plan", async (world) => {
  writeProgram(world);
  await world.run(["plan", "--tmp-prefix", "--out=it.plan", "main.mcl"], env(world));
  writeFileSync(world.path("kept"), "not the same");
  const { status, stdout, stderr } = await world.run(["run", "--tmp-prefix", "--plan=it.plan"], env(world));
  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /file\[.*\/kept\] has moved since the plan was made/);
  assert.ok(!existsSync(world.path("new")));
});

testPrograms("a plan of a wrong program, of nothing, or of what is no plan is refused", async (world) => {
  world.write("wrong.mcl", `file "/x" {\n\tnosuch => 1,\n}\n`);
  assert.equal((await world.run(["plan", "--tmp-prefix", "wrong.mcl"], env(world))).status, 1);
  assert.equal((await world.run(["plan", "--tmp-prefix"], env(world))).status, 1);
  world.write("no.plan", "{}");
  const { status, stderr } = await world.run(["run", "--plan=no.plan"], env(world));
  assert.equal(status, 1);
  assert.match(stderr, /no\.plan is not a plan/);
});

testPrograms("each planned resource is one line of JSON", async (world) => {
  writeProgram(world);
  rmSync(world.path("gone"));
  const { stdout } = await world.run(["plan", "--tmp-prefix", "--json", "main.mcl"], env(world));
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map((line) => line.type),
    ["planned", "planned", "summary"],
  );
  assert.deepEqual(lines.at(-1), {
    version: 1,
    type: "summary",
    make: 1,
    change: 1,
    remove: 0,
    run: 0,
    failed: 0,
    waiting: 0,
    asDeclared: 2,
  });
});
