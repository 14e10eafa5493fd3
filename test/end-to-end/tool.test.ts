// SPDX-License-Identifier: Apache-2.0
// An executable that `mgmt build-tool` makes of a program: its own name, help and options.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { programs, testPrograms } from "./program.ts";

const example = join(import.meta.dirname, "../../examples/notice");

testPrograms("a tool is made of a program, and is called as if it had nothing to do with mgmt", async (world) => {
  const built = await world.run(["build-tool", example]);
  if (world.program.name === "./mgmt") {
    assert.equal(built.status, 3);
    assert.match(built.stderr, /a tool is made of the single file\n {2}hint: make it with `npm run build`/);
    return;
  }
  assert.equal(built.status, 0, built.stderr);
  assert.match(built.stderr, /notice: notice 1\.0, 3 files, \d+ MB/);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: world.directory,
    XDG_CACHE_HOME: world.path("cache"),
    MGMT_PREFIX: world.path("state"),
  };
  const call = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    spawnSync(world.path("notice"), args, { cwd: world.directory, encoding: "utf8", env: { ...env, ...more } });

  const help = call(["--help"]).stdout;
  assert.match(help, /^Usage: notice \[options\]\n\nKeeps a notice/);
  assert.match(help, /--width <number> .*default:\s+40/s);
  assert.match(help, /\nHow it runs:\n {2}--once /);
  assert.match(help, /\nExamples:\n {2}notice --owner/);
  assert.equal(call(["--version"]).stdout, "1.0\n");

  const first = call(["--once", "--directory=out", "--rules=a,b", "--rules=c", "--width=3"], {
    NOTICE_OWNER: "the team",
  });
  assert.equal(first.status, 0, first.stderr);
  const notice = world.path("out/notice");
  assert.equal(readFileSync(notice, "utf8"), "This machine is looked after.\n---\nAsk the team.\na\nb\nc");
  writeFileSync(notice, "spoilt");
  assert.equal(call(["--once", "--directory=out", "--no-line"]).status, 0);
  assert.equal(readFileSync(notice, "utf8"), "This machine is looked after.\n");

  const wrong = (...args: readonly string[]) => {
    const { status, stderr } = call(args);
    return `${status}: ${stderr.split("\n")[0] ?? ""}`;
  };
  assert.equal(
    wrong("--width=x"),
    "2: notice: option '--width <number>' argument 'x' is invalid. It must be a whole number.",
  );
  assert.match(
    wrong("--mode=nobody"),
    /^2: notice: option '--mode <text>' argument 'nobody' is invalid\. Allowed choices/,
  );
  assert.match(wrong("--wdith=1"), /^2: notice: unknown option '--wdith=1'/);
  assert.match(wrong("plan"), /^2: notice: too many arguments/);
  assert.equal(
    call(["--once"], { NOTICE_WIDTH: "x" }).stderr,
    "notice: NOTICE_WIDTH is no int: x\n  hint: notice --help\n",
  );

  const bytes = readFileSync(world.path("notice"));
  bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
  writeFileSync(world.path("notice.spoilt"), bytes, { mode: 0o755 });
  const spoilt = spawnSync(world.path("notice.spoilt"), ["--help"], { encoding: "utf8", env });
  assert.equal(spoilt.status, 1);
  assert.match(spoilt.stderr, /the program inside of .*notice\.spoilt is damaged/);
});

testPrograms("what is needed, secret or fixed is so, and a wrong declaration makes no tool", async (world) => {
  if (world.program.name === "./mgmt") return;
  world.write(
    "tool.yaml",
    `name: keep\nsummary: Keeps a secret.\noptions:\n  place: {type: file, required: true}\n  word: {secret: true}\nrun: --once\n`,
  );
  world.write(
    "main.mcl",
    `import "inputs"\n\n$place = inputs.place()\n\nfile "\${place}" {\n\tcontent => inputs.word(),\n\tmode => "0600",\n\tstate => $const.res.file.state.exists,\n}\n`,
  );
  const built = await world.run(["build-tool", ".", "--output=bin"]);
  assert.equal(built.status, 0, built.stderr);
  const env = { PATH: process.env["PATH"] ?? "", HOME: world.directory, MGMT_PREFIX: world.path("state") };
  const call = (args: readonly string[], input = "") =>
    spawnSync(world.path("bin"), args, { cwd: world.directory, encoding: "utf8", env, input });
  assert.match(call([]).stderr, /^keep: --place is needed\n/);
  assert.match(call(["--place=x", "--word=hush"]).stderr, /^keep: --word must not stand on the command line/);
  const kept = call(["--place=x", "--word=-"], "hush\n");
  assert.equal(kept.status, 0, kept.stderr);
  assert.equal(readFileSync(world.path("x"), "utf8"), "hush");

  const refused = async (tool: string): Promise<string> => {
    world.write("tool.yaml", tool);
    const { status, stderr } = await world.run(["build-tool", ".", "--output=other"]);
    assert.equal(status, 1);
    return stderr;
  };
  assert.match(
    await refused("name: keep\nsummary: S\nrun: --nonce\noptions: {place: {}, word: {}}\n"),
    /refuse its own command line: keep: unknown option '--nonce'/,
  );
  assert.match(
    await refused("name: keep\nsummary: S\noptions: {place: {}, word: {}, once: {}}\n"),
    /every run has an option --once/,
  );
  assert.match(await refused("name: keep\nsummary: S\noptions: {place: {}}\n"), /error\[unknown-function\]/);
  world.write("tool.yaml", "");
  assert.match((await world.run(["check", "."])).stderr, /error\[invalid-tool\]/);
});

test("there is a single file that tools can be made of", (context) => {
  const isThere = programs.some(({ name }) => name !== "./mgmt");
  if (!isThere) context.diagnostic("not tried: no tool was made, as dist/mgmt is not built, or older than its sources");
});
