// SPDX-License-Identifier: Apache-2.0
// Programs that say nothing of order, and those that share what cannot be shared: on real files and processes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { testPrograms, type World } from "./program.ts";

/** A tool and its configuration deep in a tree, from the last to the first. */
function writeTool(world: World): void {
  world.write(
    "main.mcl",
    `exec "${world.path("opt/tool")}" {}

file "${world.path("opt/etc/tool/main.conf")}" {
	content => "listen 80\\n",
	recurse => true,
	state => "exists",
}

file "${world.path("opt/tool")}" {
	content => "#!/bin/sh\\necho it runs\\n",
	mode => "0755",
	state => "exists",
}

file "${world.path("opt/")}" {
	state => "exists",
}
`,
  );
}

testPrograms("directories, files and the command they make are put into order by themselves", async (world) => {
  writeTool(world);
  const options = { env: { TMPDIR: world.directory } };
  const { stdout: graph } = await world.run(["graph", "main.mcl"], options);
  assert.deepEqual(graph.replaceAll(world.path(""), "").match(/^Edge: .*$/gm), [
    "Edge: file[/opt/] -> file[/opt/etc/tool/main.conf]",
    "Edge: file[/opt/] -> file[/opt/tool]",
    "Edge: file[/opt/tool] -> exec[/opt/tool]",
  ]);
  const { status, stdout } = await world.run(["run", "--once", "--tmp-prefix", "main.mcl"], options);
  assert.equal(status, 0);
  assert.match(stdout, /^exec\[.*\]: it runs$/m);
  const { stdout: bare } = await world.run(["graph", "--no-auto", "main.mcl"], options);
  assert.doesNotMatch(bare, /^Edge/m);
});

testPrograms("messages run as one, under their own names, and the report has each of them", async (world) => {
  world.write("main.mcl", ["b", "c", "a"].map((name) => `print "${name}" {\n\tmsg => "I am ${name}",\n}\n`).join("\n"));
  const options = { env: { TMPDIR: world.directory } };
  const run = ["run", "--once", "--tmp-prefix", "--report=report", "main.mcl"];
  const { status, stdout } = await world.run(run, options);
  assert.equal(status, 0);
  assert.equal(stdout, "print[b]: I am b\nprint[c]: I am c\nprint[a]: I am a\n");
  const report = (): readonly (readonly unknown[])[] =>
    readFileSync(world.path("report"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .map(({ name, members, group }) => [name, members, group]);
  assert.deepEqual(report(), [
    ["a", undefined, "print[c]"],
    ["b", undefined, "print[c]"],
    ["c", ["print[a]", "print[b]"], undefined],
  ]);
  await world.run([...run.slice(0, -1), "--no-autogroup", "main.mcl"], options);
  assert.deepEqual(
    report().map(([, members, group]) => [members, group]),
    Array(3).fill([undefined, undefined]),
  );
});

testPrograms("commands with one semaphore never work at the same time", async (world) => {
  const lock = world.path("lock");
  const command = (name: string, meta: string): string =>
    `exec "${name}" {\n\tcmd => "mkdir ${lock} && sleep 0.05 && rmdir ${lock}",\n\tshell => "/bin/sh",\n${meta}}\n`;
  const names = ["a", "b", "c", "d"];
  world.write("main.mcl", names.map((name) => command(name, `\n\tMeta:sema => ["lock"],\n`)).join("\n"));
  world.write("free.mcl", names.map((name) => command(name, "")).join("\n"));
  const run = async (...more: readonly string[]): Promise<number | null> =>
    (await world.run(["run", "--once", "--tmp-prefix", ...more], { env: { TMPDIR: world.directory } })).status;
  assert.equal(await run("main.mcl"), 0);
  assert.equal(await run("--sema=1", "free.mcl"), 0);
});

testPrograms("a graph is drawn without any other program, and so is the flow of its values", async (world) => {
  world.write(
    "main.mcl",
    'file "/tmp/a/" { state => "exists", }\nfile "/tmp/a/b" { state => "exists", content => "x", }\n',
  );
  const resources = await world.run(["graph", "--format=svg", "main.mcl"]);
  assert.equal(resources.status, 0, resources.stderr);
  assert.match(
    resources.stdout,
    /^<svg xmlns[^]*<title>file\[\/tmp\/a\/\] → file\[\/tmp\/a\/b\]<\/title>[^]*<\/svg>\n$/,
  );
  const functions = await world.run(["graph", "--functions", "--format=svg", "main.mcl"]);
  assert.match(functions.stdout, /^<svg xmlns[^]*<title>exists<\/title>[^]*<\/svg>\n$/);
});
