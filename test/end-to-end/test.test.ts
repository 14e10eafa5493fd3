// SPDX-License-Identifier: Apache-2.0
// `mgmt test`: cases of programs on machines in memory, and those of the modules that ship.

import assert from "node:assert/strict";
import { existsSync, globSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, testPrograms, type World } from "./program.ts";

const good = `class test_motd() {
	file "/etc/mgmt-motd" {
		state => "exists",
	}
	test:expect "file[/etc/mgmt-motd]" {
		steps => ["+ make"],
	}
}
`;

const bad = `class test_nothing() {
	test:expect "svc[web]" {}
}

class test_more() {
}
`;

function writeTests(world: World): void {
  mkdirSync(world.path("site/inner"), { recursive: true });
  mkdirSync(world.path("site/.hidden"));
  world.write("site/motd_test.mcl", good);
  world.write("site/inner/web_test.mcl", bad);
  world.write("site/inner/web.mcl", "no test");
  world.write("site/.hidden/other_test.mcl", bad);
}

testPrograms("cases that are good are told, and nothing of the machine is touched", async (world) => {
  writeTests(world);
  const { status, stdout, stderr } = await world.run(["test", "site/motd_test.mcl"]);
  assert.deepEqual([status, stdout, stderr], [0, "ok   site/motd_test.mcl: motd\n\n1 case: all good.\n", ""]);
  assert.ok(!existsSync("/etc/mgmt-motd"));
});

testPrograms(
  "below a directory all tests are run, and one that is bad ends with status 1 and its place",
  async (world) => {
    writeTests(world);
    const { status, stdout } = await world.run(["test", "site/"]);
    assert.equal(status, 1);
    assert.match(stdout, /^FAIL site\/inner\/web_test\.mcl: nothing$/m);
    assert.match(stdout, /^error\[test-resource\]: The program declares no svc\[web\]$/m);
    assert.match(stdout, /^ *--> site\/inner\/web_test\.mcl:2:2$/m);
    assert.match(stdout, /^3 cases: 2 good, 1 failed\.$/m);
    assert.ok(!stdout.includes("hidden"));
  },
);

testPrograms("some cases alone are run, with what they were to do", async (world) => {
  writeTests(world);
  const some = await world.run(["test", "--filter=mot", "--verbose", "site"]);
  assert.equal(some.status, 0);
  assert.match(some.stdout, /^\+ file\[\/etc\/mgmt-motd\] make an empty file$/m);
  assert.match(some.stdout, /^plan: 1 to make, 0 as declared\.$/m);
  const none = await world.run(["test", "--filter=nosuch", "site"]);
  assert.deepEqual([none.status, none.stdout], [1, "\nNo case is called so.\n"]);
});

testPrograms("programs read one line of JSON for each case", async (world) => {
  writeTests(world);
  const { status, stdout } = await world.run(["test", "--json", "site"]);
  assert.equal(status, 1);
  const lines = stdout.trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    [
      {
        version: 1,
        path: "site/inner/web_test.mcl",
        case: "nothing",
        ok: false,
        problems: [
          {
            code: "test-resource",
            message: "The program declares no svc[web]",
            file: "site/inner/web_test.mcl",
            line: 2,
            column: 2,
            hint: "It declares no svc.",
          },
        ],
      },
      { version: 1, path: "site/inner/web_test.mcl", case: "more", ok: true, problems: [] },
      { version: 1, path: "site/motd_test.mcl", case: "motd", ok: true, problems: [] },
    ],
  );
});

testPrograms("what is no test, and what is not there, is said; so is what is no option", async (world) => {
  world.write("wrong_test.mcl", "class test_a( {\n");
  const wrong = await world.run(["test", "wrong_test.mcl"]);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stdout, /^FAIL wrong_test\.mcl\nerror\[unexpected-token\]/m);
  mkdirSync(world.path("empty"));
  const empty = await world.run(["test", "empty"]);
  assert.deepEqual([empty.status, empty.stderr.split("\n")[0]], [1, "mgmt: There are no tests below empty."]);
  assert.equal((await world.run(["test", "nosuch"])).status, 1);
  assert.equal((await world.run(["test", "--nosuch"])).status, 2);
  assert.match((await world.run(["test", "--help"])).stdout, /^Usage: mgmt test \[options\] \[path\.\.\.\]$/m);
});

testPrograms(
  "every module that ships has tests, and is good in all of them",
  async (world) => {
    const { status, stdout } = await world.run(["test", "--json", join(root, "modules")], { limitMs: 170_000 });
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly path: string; readonly ok: boolean });
    assert.deepEqual(
      lines.filter(({ ok }) => !ok),
      [],
    );
    const tests = globSync("modules/**/*_test.mcl", { cwd: root }).map((path) => join(root, path));
    assert.deepEqual([...new Set(lines.map(({ path }) => path))].toSorted(), tests.toSorted());
    const untested = globSync("modules/**/main.mcl", { cwd: root })
      .map((path) => dirname(path))
      .filter((directory) => !tests.some((path) => dirname(path) === join(root, directory)));
    assert.deepEqual(untested, []);
    assert.equal(status, 0);
  },
  { timeout: 180_000 },
);
