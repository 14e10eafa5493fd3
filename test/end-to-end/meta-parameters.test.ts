// SPDX-License-Identifier: Apache-2.0
// Meta parameters as a person uses them: one program with each of them, on commands and files, watched from outside.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { eventually, testPrograms, type World } from "./program.ts";

const linesOf = (path: string): readonly string[] =>
  existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];

/** A command that writes the milliseconds of its start into a file, and then does what is said. */
function noting(world: World, name: string, then: string): string {
  return `\tcmd => "date +%s%3N >> '${world.path(name)}'; ${then}",\n\tshell => "/bin/sh",\n`;
}

testPrograms("noop, retry and delay, and semaphores do what their names say", async (world) => {
  world.write(
    "site.mcl",
    `exec "never" {
${noting(world, "never", "true")}
	Meta:noop => true,
}
file "${world.path("never-file")}" {
	state => "exists",

	Meta:noop => true,
}
exec "third time" {
${noting(world, "third", `test \\$(wc -l < '${world.path("third")}') -ge 3`)}
	Meta:retry => 5,
	Meta:delay => 300,
}
file "${world.path("made/late")}" {
	state => "exists",
	content => "x",

	Meta:retry => -1,
	Meta:delay => 100,
}
exec "gives up" {
${noting(world, "gives-up", "false")}
	Meta:retry => 1,
}
exec "one" {
${noting(world, "one", `mkdir '${world.path("lock")}' && sleep 0.3 && rmdir '${world.path("lock")}'`)}
	Meta:sema => ["alone:1"],
}
exec "two" {
${noting(world, "two", `mkdir '${world.path("lock")}' && sleep 0.3 && rmdir '${world.path("lock")}'`)}
	Meta:sema => ["alone:1"],
}
`,
  );
  const running = world.start(["run", "--tmp-prefix", "--once", "site.mcl"]);
  await eventually("the last attempt was made", () => linesOf(world.path("third")).length === 3);
  assert.equal(existsSync(world.path("made/late")), false);
  await world.run(["run", "--tmp-prefix", "--once", `file "${world.path("made/")}" {\n\tstate => "exists",\n}\n`]);
  const { status, stdout, stderr } = await running.ended;
  assert.equal(status, 3, "one has failed");
  assert.match(stdout, /! exec\[never\] .* \(noop\)/);
  assert.match(stdout, /\+ file\[.*never-file\] .* \(noop\)/);
  assert.equal(existsSync(world.path("never")), false);
  assert.equal(existsSync(world.path("never-file")), false);
  const [first = 0, second = 0, third = 0] = linesOf(world.path("third")).map(Number);
  assert.ok(second - first >= 300 && third - second >= 300, `${first} ${second} ${third}`);
  assert.match(stderr, /exec\[third time\].*\n.*\n(.*\n)?.*trying again in 0\.3 s/);
  assert.equal(linesOf(world.path("gives-up")).length, 2);
  assert.equal(readFileSync(world.path("made/late"), "utf8"), "x");
  assert.doesNotMatch(stderr, /exec\[(one|two)\]/, "neither found the other at work");
});

testPrograms("poll looks so often, and limit and burst let so many events through", async (world) => {
  const [polled, limited, plain] = ["polled", "limited", "plain"].map((name) => world.path(name)) as [
    string,
    string,
    string,
  ];
  world.write(
    "site.mcl",
    `file "${polled}" {
	state => "exists",
	content => "right",

	Meta:poll => 1,
}
file "${limited}" {
	state => "exists",
	content => "right",

	Meta:limit => 2.0,
	Meta:burst => 1,
}
exec "polled" {
${noting(world, "runs", "true")}
	Meta:poll => 1,
}
file "${plain}" {
	state => "exists",
	content => "right",
}
`,
  );
  const running = world.start(["run", "--tmp-prefix", "--json", "site.mcl"]);
  const isRight = (path: string): boolean => existsSync(path) && readFileSync(path, "utf8") === "right";
  await eventually("all are made", () => [polled, limited, plain].every(isRight));
  writeFileSync(polled, "wrong");
  const wrongSince = performance.now();
  writeFileSync(plain, "wrong");
  await eventually("what is watched is repaired at once", () => isRight(plain), 900);
  await eventually("what is polled is repaired", () => isRight(polled));
  assert.ok(performance.now() - wrongSince < 3000);

  const repairs = (path: string): number =>
    running.stdout.split("\n").filter((line) => line.includes('"step-applied"') && line.includes(`[${path}]`)).length;
  const [before, plainBefore] = [repairs(limited), repairs(plain)];
  const start = performance.now();
  for (let time = 0; performance.now() - start < 2000; time += 1) {
    writeFileSync(limited, `wrong ${time}`);
    writeFileSync(plain, `wrong ${time}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const limitedRepairs = repairs(limited) - before;
  assert.ok(limitedRepairs >= 2 && limitedRepairs <= 6, `${limitedRepairs} repairs in two seconds`);
  assert.ok(repairs(plain) - plainBefore > limitedRepairs, "without a limit each is repaired");
  await eventually("in the end both are right", () => isRight(limited) && isRight(plain));
  await eventually("a command is polled too", () => linesOf(world.path("runs")).length >= 3);
  const runs = linesOf(world.path("runs")).map(Number);
  runs.slice(1).forEach((at, before_) => assert.ok(at - (runs[before_] ?? 0) >= 950, runs.join(" ")));
  running.signal("SIGINT");
  assert.equal((await running.ended).status, 0);
});

// ---- Values that are sent ----

testPrograms("a receiver changes when its sender does, and never before", async (world) => {
  const [source, output, copy, valued] = ["source", "output", "copy", "valued"].map((name) => world.path(name)) as [
    string,
    string,
    string,
    string,
  ];
  writeFileSync(source, "first\n");
  world.write(
    "site.mcl",
    `import "os"

exec "read" {
	cmd => "sleep 0.2; cat '${source}'",
	shell => "/bin/sh",
	watchfiles => ["${source}"],
}
file "${output}" {
	state => "exists",
}
file "${copy}" {
	state => "exists",
	source => "${output}",
}
value "text" {
	any => os.readfile("${source}"),
}
file "${valued}" {
	state => "exists",
}
Exec["read"].stdout -> File["${output}"].content
Value["text"].any -> File["${valued}"].content
File["${output}"] -> File["${copy}"]
`,
  );
  const running = world.start(["run", "--tmp-prefix", "site.mcl"]);
  const seen: string[] = [];
  const look = (): void => {
    for (const path of [output, copy, valued]) {
      const text = existsSync(path) ? readFileSync(path, "utf8").trimEnd() : "-";
      if (seen.at(-1) !== text && text !== "") seen.push(text);
    }
  };
  const allAre = (text: string) => (): boolean => {
    look();
    return [output, copy, valued].every((path) => existsSync(path) && readFileSync(path, "utf8") === text);
  };
  await eventually("all have what was sent", allAre("first\n"));
  for (const text of ["second\n", "third\n", "second\n"]) {
    const inode = statSync(output).ino;
    seen.length = 0;
    writeFileSync(world.path("new"), text);
    await eventually("nothing is sent before something has changed", () => statSync(output).ino === inode);
    writeFileSync(source, text);
    await eventually(`all have ${text}`, allAre(text));
    assert.deepEqual(
      [...new Set(seen)].filter((each) => !["first", "second", "third"].includes(each)),
      [],
    );
  }
  // What somebody else writes there is put right with the value that was sent last.
  writeFileSync(output, "mine\n");
  await eventually("the file has what was sent", allAre("second\n"));
  running.signal("SIGINT");
  assert.equal((await running.ended).status, 0);
});
