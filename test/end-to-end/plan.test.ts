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
    say: 0,
    awaiting: 0,
    open: 0,
    noop: 0,
    failed: 0,
    waiting: 0,
    asDeclared: 2,
  });
});

testPrograms(
  "a plan tells what is notified, what depends on values to come, and what cannot be undone",
  async (world) => {
    const [source, output, gone] = ["source", "output", "gone"].map((name) => world.path(name)) as [
      string,
      string,
      string,
    ];
    world.write("gone", "precious");
    const program = `exec "read" {
	cmd => "echo made by a command",
	shell => "/bin/sh",
}
file "${output}" {
	state => "exists",
}
Exec["read"].stdout -> File["${output}"].content
print "told" {
	msg => "the output is new",
	refresh_only => true,

	Listen => File["${output}"],
	Listen => File["${source}"],
}
file "${source}" {
	state => "exists",
	content => "x",
}
file "${gone}" {
	state => "absent",
}
file "${world.path("kept")}" {
	state => "exists",

	Meta:noop => true,
}
`;
    world.write("main.mcl", program);
    const planned = await world.run(["plan", "--tmp-prefix", "--out=it.plan", "main.mcl"], env(world));
    assert.equal(planned.status, 2);
    for (const line of [
      /^! exec\[read\] run echo made by a command$/m,
      /^\? file\[.*\/output\] depends on exec\[read\]\.stdout, which only the run brings$/m,
      /^! print\[told\] print "the output is new"$/m,
      /^\+ file\[.*\/kept\] make an empty file \(not done: Meta:noop\)$/m,
      /^plan: 1 to make, 1 to remove, 1 to run, .*, 1 to say, 1 that depends on values to come, 1 left as it is by Meta:noop, 0 as declared\.$/m,
      /^2 of them cannot be undone\.$/m,
    ]) {
      assert.match(planned.stdout, line);
    }
    assert.ok(existsSync(gone) && !existsSync(output));

    const noop = await world.run(["run", "--tmp-prefix", "--once", "--noop", "main.mcl"], env(world));
    assert.equal(noop.status, 0, "it converges");
    assert.match(noop.stdout, /^\? file\[.*\/output\] depends on exec\[read\]\.stdout \(noop\)$/m);
    assert.ok(existsSync(gone) && !existsSync(output));

    const run = await world.run(["run", "--tmp-prefix", "--plan=it.plan"], env(world));
    assert.equal(run.status, 0, run.stderr);
    assert.equal(readFileSync(output, "utf8"), "made by a command\n");
    assert.match(run.stdout, /^print\[told\]: the output is new$/m);
    assert.ok(!existsSync(gone) && !existsSync(world.path("kept")));
  },
);

testPrograms("what leaves the program is undone as planned, and the plan says that it is", async (world) => {
  const file = world.path("reversed");
  world.write("reversed", "before\n");
  world.write(
    "main.mcl",
    `file "${file}" {\n\tstate => "exists",\n\tcontent => "after\\n",\n\n\tMeta:reverse => true,\n}\n`,
  );
  const prefix = `--prefix=${world.path("state")}`;
  const first = await world.run(["plan", prefix, "main.mcl"], env(world));
  assert.doesNotMatch(first.stdout, /cannot be undone/);
  assert.equal((await world.run(["run", prefix, "--once", "main.mcl"], env(world))).status, 0);
  world.write("main.mcl", "\n");
  const { status, stdout } = await world.run(["plan", prefix, "--out=it.plan", "main.mcl"], env(world));
  assert.equal(status, 2);
  assert.match(
    stdout,
    /^~ file\[.*\/reversed\] undo: write 7 bytes \(was 6\)\n {6}- after\n {6}\+ before\n\nplan: 1 to change, 0 as declared\.\n$/,
  );
  assert.equal(readFileSync(file, "utf8"), "after\n");
  const run = await world.run(["run", prefix, "--plan=it.plan"], env(world));
  assert.equal(run.status, 0, run.stderr);
  assert.equal(run.stdout, `~ file[${file}] undo: write 7 bytes (was 6)\n`);
  assert.equal(readFileSync(file, "utf8"), "before\n");
  assert.equal((await world.run(["plan", prefix, "main.mcl"], env(world))).status, 0);
});

testPrograms("a program that only says something has nothing to do", async (world) => {
  world.write("main.mcl", 'print "hi" {\n\tmsg => "hello",\n}\n');
  const { stdout, status } = await world.run(["plan", "main.mcl"]);
  assert.match(stdout, /^nothing to do: 1 to say, 0 as declared\.$/m);
  assert.equal(status, 0);
});
