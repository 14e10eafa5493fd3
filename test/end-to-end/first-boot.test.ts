// SPDX-License-Identifier: Apache-2.0
// Scripts for the first start of a machine, and what becomes of them.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { testPrograms, type World } from "./program.ts";

function script(world: World, name: string, text: string, mode = 0o755): void {
  writeFileSync(world.path(`scripts/${name}`), text, { mode });
}

const start = (world: World, ...args: readonly string[]) => [
  ...["firstboot", "start", `--lock-file-path=${world.path("lock")}`, `--scripts-dir=${world.path("scripts")}/`],
  ...[`--logging-dir=${world.path("logs")}/`, ...args],
];

testPrograms("each script runs once, in order, whatever becomes of the others", async (world) => {
  mkdirSync(world.path("scripts"));
  const told = world.path("told");
  script(world, "10-first", `#!/bin/sh\necho first >> ${told}\necho out; echo err >&2\n`);
  script(world, "20-fails", `#!/bin/sh\necho fails >> ${told}\nexit 7\n`);
  script(world, "30-kept", `#!/bin/sh\necho kept >> ${told}\nexit 1\n`);
  script(world, "30-kept.yaml", "keep-on-fail: true\n", 0o644);
  script(world, "40-moved", `#!/bin/sh\necho moved >> ${told}\n`);
  script(world, "40-moved.yaml", `done-dir: ${world.path("own")}/\nno-log: true\n`, 0o644);
  script(world, "50-broken", "no program at all\n");
  script(world, "60-unclear", `#!/bin/sh\necho unclear >> ${told}\nexit 1\n`);
  script(world, "60-unclear.yaml", "keep-on-fail: [\n", 0o644);
  script(world, "readme", "nothing to run\n", 0o644);
  mkdirSync(world.path("scripts/directory"));

  const first = await world.run(start(world));
  assert.equal(first.status, 0, first.stderr);
  assert.equal(readFileSync(told, "utf8"), "first\nfails\nkept\nmoved\nunclear\n");
  assert.match(first.stdout, /20-fails has failed: exit status 7/);
  assert.match(first.stdout, /50-broken has failed: /);
  assert.match(first.stdout, /60-unclear\.yaml: /);
  assert.deepEqual(readdirSync(world.path("scripts")), [
    ...["30-kept", "30-kept.yaml", "60-unclear", "60-unclear.yaml", "directory", "readme"],
  ]);
  assert.deepEqual(readdirSync(world.path("own")), ["40-moved", "40-moved.yaml"]);
  assert.equal(statSync(world.path("own/40-moved")).mode & 0o777, 0o755);
  const logs = readdirSync(world.path("logs")).map((name) => readFileSync(world.path(`logs/${name}`), "utf8"));
  assert.equal(logs.length, 5, "40-moved wants none");
  const log = logs.find((text) => text.includes("10-first")) ?? "";
  assert.match(log, /^\S+10-first\n(?:out\nerr|err\nout)\n\nis done\n$/);

  const second = await world.run(start(world, `--done-dir=${world.path("done")}/`));
  assert.equal(second.status, 0);
  assert.equal(readFileSync(told, "utf8"), "first\nfails\nkept\nmoved\nunclear\nkept\nunclear\n");
});

testPrograms("one at a time, and what is cut off is done at the next start", async (world) => {
  mkdirSync(world.path("scripts"));
  const told = world.path("told");
  script(world, "slow", `#!/bin/sh\necho begun >> ${told}\n[ -e ${world.path("go")} ] || sleep 60\n`);
  const running = world.start(start(world));
  while (!existsSync(told)) await pause(20);
  const second = await world.run(start(world));
  assert.equal(second.status, 3);
  assert.match(second.stderr, /^mgmt: it is running already/);
  running.signal("SIGTERM");
  await running.ended;
  assert.deepEqual(readdirSync(world.path("scripts")), ["slow"]);
  world.write("go", "");
  assert.equal((await world.run(start(world))).status, 0);
  assert.deepEqual(readdirSync(world.path("scripts")), []);
  assert.equal(readFileSync(told, "utf8"), "begun\nbegun\n");
});

testPrograms("what makes no sense is told", async (world) => {
  const wrong = async (...args: readonly string[]): Promise<string> => {
    const { status, stderr } = await world.run(args);
    return `${status} ${stderr.split("\n")[0] ?? ""}`;
  };
  assert.match(await wrong("firstboot", "begin"), /^2 mgmt: there is only `mgmt firstboot start`/);
  assert.match(
    await wrong("firstboot", "start", "--scripts-dir=/a"),
    /^1 mgmt: \/a is to be a directory, so it must end in a slash/,
  );
  assert.match(await wrong("setup", "other"), /^2 mgmt: `mgmt setup` takes one of svc, firstboot and pkg/);
  assert.match(await wrong("setup", "svc"), /^2 mgmt: nothing is to be done/);
  assert.match(await wrong("setup", "pkg"), /^0 mgmt: it is one file/);
  assert.match(await wrong("tools", "grow"), /^2 mgmt: there is `mgmt tools grow --mount=DIRECTORY`/);
});
