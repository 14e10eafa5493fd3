// SPDX-License-Identifier: Apache-2.0
// Cases of test files that are good, and all ways in which one is bad.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../../base/problem.ts";
import { placeOf } from "../../base/span.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { casesIn } from "./cases.ts";
import { runCase } from "./run-case.ts";

const motd = `file "/etc/motd" {
	state => "exists",
	content => "hello\\n",
}
`;

/** What is wrong with each case of a text: code, line and title. */
async function check(text: string, expected: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const host = memoryHost();
  host.outside.makeDirectory("/site");
  host.outside.write(
    "/site/main.mcl",
    `class greet($name) {\n\tprint "greet" {\n\t\tmsg => "hello " + $name,\n\t}\n}\n`,
  );
  const file = { path: "/site/some_test.mcl", text };
  const modules = { directory: undefined, download: false, update: false };
  const { cases, problems } = casesIn(file);
  const found: Record<string, readonly string[]> = {};
  if (problems.length > 0) found["file"] = problems.map(shown);
  for (const each of cases) {
    const result = await runCase(file, each, { host, workingDirectory: "/", modules, timeoutSeconds: 60 });
    found[each.name] = result.problems.map(shown);
  }
  assert.deepEqual(found, expected);
}

function shown({ code, at, message }: Problem): string {
  return `${code} ${placeOf(at.file, at.start).line}: ${message.title}`;
}

/** Classes from their names and bodies. */
function classes(bodies: Readonly<Record<string, string>>): string {
  return Object.entries(bodies)
    .map(([name, body]) => `class ${name}() {\n${body}}\n`)
    .join("");
}

test("a program whose resources come to rest is a good case, and so is one without resources", async () => {
  await check(motd, { some: [] });
  await check("", { some: [] });
  await check(classes({ test_a: motd, test_b: "" }), { a: [], b: [] });
});

test("a case imports what lies beside its file", () =>
  check(
    `import "main.mcl" as site\n${classes({ test_a: `include site.greet("you")\ntest:expect "print[greet]" {\n\tfields => struct{msg => "hello you"},\n}\n` })}`,
    {
      a: [],
    },
  ));

test("each case has a machine of its own", () =>
  check(
    classes({
      test_a: motd,
      test_b: `file "/etc/motd" {\n\tstate => "absent",\n}\ntest:expect "file[/etc/motd]" {\n\tsteps => [],\n}\n`,
    }),
    { a: [], b: [] },
  ));

test("what must exist, and what must not, is told where it is expected", () =>
  check(
    classes({
      test_a: `${motd}test:expect "file[/etc/issue]" {}\ntest:expect "file[/etc/motd]" {\n\texists => false,\n}\n`,
    }),
    {
      a: [
        "test-resource 6: The program declares no file[/etc/issue]",
        "test-resource 7: The program declares file[/etc/motd], which must not exist",
      ],
    },
  ));

test("values of fields are read as the kind reads them", () =>
  check(
    classes({
      test_a: `${motd}test:expect "file[/etc/motd]" {
	fields => struct{content => "hallo\\n", state => "exists", mode => 7, colour => "red"},
}
`,
    }),
    {
      a: [
        'test-field 6: The field `content` of file[/etc/motd] is "hello\\n", not "hallo\\n"',
        "test-field 6: The field `mode` of file[/etc/motd] takes str, not an int",
        "test-field 6: The field `colour` of file[/etc/motd] does not exist",
      ],
    },
  ));

test("order is that of declared and automatic edges, over several of them", () =>
  check(
    classes({
      test_a: `file "/srv/site/" {
	state => "exists",
}
file "/srv/site/page" {
	state => "exists",
	content => "x",

	Notify => Print["end"],
}
print "end" {}
print "other" {}
test:expect "print[end]" {
	after => ["file[/srv/site/]"],
	before => ["file[/srv/site/]", "print[other]"],
}
`,
    }),
    {
      a: [
        "test-order 13: file[/srv/site/] does not wait for print[end]",
        "test-order 13: print[other] does not wait for print[end]",
      ],
    },
  ));

test("steps are those of the plan for the machine as it is at first", () =>
  check(
    classes({
      given_changed: `file "/etc/motd" {\n\tstate => "exists",\n\tcontent => "old\\n",\n}\n`,
      test_changed: `${motd}test:expect "file[/etc/motd]" {\n\tsteps => ["~ write"],\n}\n`,
      given_same: motd,
      test_same: `${motd}test:expect "file[/etc/motd]" {\n\tsteps => [],\n}\n`,
      test_wrong: `${motd}test:expect "file[/etc/motd]" {\n\tsteps => ["- remove"],\n}\n`,
    }),
    {
      changed: [],
      same: [],
      wrong: ["test-steps 36: file[/etc/motd] is to do + write 6 bytes, not - remove"],
    },
  ));

test("what is to be there afterwards is any resource with nothing left to do", () =>
  check(
    classes({
      test_a: motd,
      after_a: `file "/etc/motd" {\n\tcontent => "hello\\n",\n}\nfile "/etc/issue" {\n\tstate => "exists",\n}\n`,
      after: `user "keeper" {\n\tstate => "exists",\n}\n`,
    }),
    {
      a: [
        "test-after 11: Afterwards file[/etc/issue] is not so: + make an empty file",
        "test-after 16: Afterwards user[keeper] is not so: + add the user",
      ],
    },
  ));

test("a resource that fails fails the case, unless that is expected", () =>
  check(
    classes({
      test_a: `file "/none/such/place" {\n\tstate => "exists",\n\n\tBefore => File["/etc/motd"],\n}\n${motd}`,
      test_b: `file "/none/such/place" {\n\tstate => "exists",\n}\ntest:expect "file[/none/such/place]" {\n\tfails => "does not exist",\n}\n`,
      test_c: `${motd}test:expect "file[/etc/motd]" {\n\tfails => "anything",\n}\n`,
    }),
    {
      a: [
        "test-failure 7: file[/etc/motd] waits for file[/none/such/place]",
        "test-failure 2: file[/none/such/place] has failed: cannot make /none/such/place: the directory /none/such does not exist",
      ],
      b: [],
      c: ["test-failure 25: file[/etc/motd] has not failed"],
    },
  ));

test("commands do what the case says, the one with the most words first", () =>
  check(
    classes({
      given: `test:command "ask" {\n\tstdout => "no\\n",\n\tstatus => 1,\n}\ntest:command "ask nicely" {\n\tfiles => {"/tmp/answer" => "yes"},\n\tseconds => 90,\n}\n`,
      test_a: `exec "ask" {\n\tcmd => "/usr/bin/ask",\n\targs => ["nicely", "now"],\n\tcreates => "/tmp/answer",\n}\n`,
      after_a: `file "/tmp/answer" {\n\tcontent => "yes",\n}\n`,
      test_b: `exec "ask" {\n\tcmd => "/usr/bin/ask",\n\tcreates => "/tmp/answer",\n}\ntest:expect "exec[ask]" {\n\tfails => "status 1",\n}\n`,
      test_c: `exec "unknown" {\n\tcmd => "/usr/bin/unknown",\n}\n`,
      given_d: `test:machine "strict" {\n\tstrict => true,\n}\n`,
      test_d: `exec "unknown" {\n\tcmd => "/usr/bin/unknown",\n}\npkg "unknown" {\n\tstate => "installed",\n}\ntest:expect "exec[unknown]" {\n\tfails => "unknown",\n}\n`,
    }),
    {
      a: [],
      b: [],
      c: [],
      d: ['test-failure 46: pkg[unknown] has failed: the lists of memory have no package "unknown"'],
    },
  ));

test("the clock goes on for as long as the machine says, and takes no time", async () => {
  const program = `import "datetime"
class test_NAME() {
	if datetime.now() >= 1767225600 + 86400 {
		file "/etc/tomorrow" {
			state => "exists",
		}
	}
}
class after_NAME() {
	file "/etc/tomorrow" {
		state => "STATE",
	}
}
`;
  const named = (name: string, state: string): string => program.replaceAll("NAME", name).replace("STATE", state);
  const longer = `class given_then() {\n\ttest:machine "machine" {\n\t\ttime => "2026-01-01T23:59:30Z",\n\t\tseconds => 60,\n\t}\n}\n`;
  await check(named("now", "absent"), { now: [] });
  await check(named("then", "exists") + longer, { then: [] });
});

test("a machine is called, and runs, what the case says", () =>
  check(
    `import "os"
${classes({
  given: `test:machine "machine" {\n\thostname => "web1",\n\tdistribution => "fedora",\n\tversion => "41",\n}\n`,
  test_a: `$id = os.release()->id + os.release()->version_id\nprint "where" {\n\tmsg => $hostname + " " + $id + " " + os.family(),\n}\ntest:expect "print[where]" {\n\tfields => struct{msg => "web1 fedora41 redhat"},\n}\n`,
})}`,
    { a: [] },
  ));

test("a program that must be refused is, with the words that are expected", () =>
  check(
    classes({
      given_a: `test:refusal "too small" {}\n`,
      test_a: `panic(true, "it is too small")\n${motd}`,
      given_b: `test:refusal "too large" {}\n`,
      test_b: `panic(true, "it is too small")\n`,
      given_c: `test:refusal "too small" {}\n`,
      test_c: motd,
    }),
    {
      a: [],
      b: ["panic 15: The program asked to stop here: it is too small"],
      c: ['test-refusal 18: The program is not refused with "too small"'],
    },
  ));

test("what a second run would change again is told", () =>
  check(
    classes({
      given: `test:command "drift" {\n\tfiles => {"/etc/motd" => "drift"},\n}\n`,
      test_a: `file "/etc/motd" {\n\tstate => "exists",\n\tcontent => "hello\\n",\n\n\tBefore => Exec["drift"],\n\n\tMeta:poll => 3600,\n}\nexec "drift" {\n\tcmd => "drift",\n}\n`,
    }),
    { a: ["test-again 7: A second run would change file[/etc/motd] again: ~ write 6 bytes (was 5)"] },
  ));

test("a text that is no test, and classes that belong to none, are problems of the file", async () => {
  await check("class test_a( {\n", { file: ["unexpected-token 1: I did not expect `{` here"] });
  await check(classes({ given_a: motd }), {
    file: ["test-wrong 1: There is no class test_a to which given_a belongs"],
  });
  await check("class test_a($x) {\n}\n", { file: ["test-wrong 1: The class test_a of a test has no parameters"] });
  await check(classes({ test_a: `test:machine "x" {}\n` }), {
    a: ["test-wrong 2: test:machine[x] counts only in a class `given` or `given_NAME`"],
  });
});
