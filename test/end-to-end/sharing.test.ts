// SPDX-License-Identifier: Apache-2.0
// What a host shares, as a person on a single machine sees it: exported and collected, kept over restarts and kills, and
// told without being done.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { proves, shows } from "../proofs.ts";
import { eventually, testPrograms, type World } from "./program.ts";

const example = join(import.meta.dirname, "../../examples/sharing/main.mcl");

function setting(world: World): readonly string[] {
  return ["--prefix", world.path("state"), "--hostname", "web1"];
}

/** In a directory of the test instead of /tmp/mgmt. */
function writeExample(world: World): void {
  world.write("main.mcl", readFileSync(example, "utf8").replaceAll("/tmp/mgmt-sharing", world.path("shared")));
}

testPrograms("a host has its own files, and those that it exports to all when it collects them", async (world) => {
  writeExample(world);
  const args = ["run", ...setting(world), "--converged-timeout=1", "main.mcl"];
  const first = await world.run(args);
  assert.equal(first.status, 0, first.stderr);
  assert.deepEqual(readdirSync(world.path("shared")), ["f1-web1", "f2-web1", "f3-web1", "f4-web1"]);
  assert.equal(readFileSync(world.path("shared/f3-web1"), "utf8"), "for all, from web1\n");
  assert.equal(statSync(world.path("state/cluster.db")).mode & 0o777, 0o600);
  const second = await world.run([...args.slice(0, -1), "--json", "main.mcl"]);
  assert.doesNotMatch(second.stdout, /"step-applied"/, "a second run changes nothing");
});

testPrograms("a plan tells what would be exported and keeps nothing", async (world) => {
  world.write(
    "main.mcl",
    `file "${world.path("x")}" {\n\tstate => "exists",\n\tcontent => "1",\n\n\tMeta:export => ["db1", "db2"],\n}\nkv "k" {\n\tvalue => "1",\n}\n`,
  );
  const planned = await world.run(["plan", ...setting(world), "main.mcl"]);
  assert.equal(planned.status, 2, planned.stderr);
  assert.match(planned.stdout, /\+ file\[.*\/x\] export it to db1, db2\n/);
  assert.match(planned.stdout, /\+ kv\[k\] set the text "1"\n/);
  const noop = await world.run(["run", "--noop", ...setting(world), "--once", "main.mcl"]);
  assert.equal(noop.status, 0, noop.stderr);
  assert.equal(existsSync(world.path("state/cluster.db")), false);
  assert.equal((await world.run(["run", ...setting(world), "--once", "main.mcl"])).status, 0);
  const after = await world.run(["plan", ...setting(world), "main.mcl"]);
  assert.equal(after.status, 0, after.stdout);
});

testPrograms("a text survives a kill, and a program follows it", async (world) => {
  const program = (text: string): string => `
import "world"

kv "k" {
	value => "${text}",
}
$k = world.getval("k")
file "${world.path("seen")}" {
	state => "exists",
	content => $k->value,
}
`;
  world.write("main.mcl", program("1"));
  const running = world.start(["run", ...setting(world), "main.mcl"]);
  const seen = (text: string) => (): boolean =>
    existsSync(world.path("seen")) && readFileSync(world.path("seen"), "utf8") === text;
  await eventually("the text is seen", seen("1"));
  world.write("main.mcl", program("2"));
  await eventually("the new text is seen", seen("2"));
  shows("kv", "real part");
  running.killGroup();
  await running.ended;
  world.write("main.mcl", program("2"));
  const planned = await world.run(["plan", ...setting(world), "main.mcl"]);
  assert.equal(planned.status, 0, planned.stdout + planned.stderr);
});

testPrograms("a name that no host can have is refused", async (world) => {
  world.write("main.mcl", "");
  const { status, stderr } = await world.run(["run", "--once", "--hostname", "a b", "main.mcl"]);
  assert.equal(status, 1);
  assert.match(stderr, /"a b" cannot be the name of a host/);
});

testPrograms("a host that enters a schedule is chosen, by what the disk keeps", async (world) => {
  world.write(
    "main.mcl",
    `import "world"

schedule "backup" { persist => true, }
file "${world.path("chosen")}" {
	state => "exists",
	content => if "web1" in world.schedule("backup") { "yes" } else { "no" },
}
`,
  );
  const running = world.start(["run", ...setting(world), "main.mcl"]);
  const chosen = () => existsSync(world.path("chosen")) && readFileSync(world.path("chosen"), "utf8") === "yes";
  await eventually("it is chosen", chosen);
  running.killGroup();
  await running.ended;
  const planned = await world.run(["plan", ...setting(world), "main.mcl"]);
  assert.equal(planned.status, 0, planned.stdout + planned.stderr);
  shows("schedule", "real part");
});

testPrograms("a program packs itself, as tar reads it", async (world) => {
  const text = `deploy:tar "${world.path("packed.tar")}" {}\n`;
  world.write("main.mcl", text);
  assert.equal((await world.run(["run", ...setting(world), "--once", "main.mcl"])).status, 0);
  const read = spawnSync("tar", ["--extract", "--to-stdout", "--file", world.path("packed.tar"), "main.mcl"]);
  assert.equal(String(read.stdout), text, String(read.stderr));
  shows("deploy:tar", "real part");
});

proves("kv", "real part");
proves("schedule", "real part");
proves("deploy:tar", "real part");
