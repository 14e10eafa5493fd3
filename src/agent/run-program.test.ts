// SPDX-License-Identifier: Apache-2.0
// Whole runs on a machine in memory, whose time the tests drive.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Problem } from "../base/problem.ts";
import type { EngineEvent } from "../contract/event.ts";
import { drivenClock, type MemoryHost, memoryHost } from "../host/memory/index.ts";
import { catalogFor } from "./catalog.ts";
import type { Run, RunOptions } from "./run.ts";
import { runProgram } from "./run-program.ts";

const programPath = "/site/main.mcl";

interface Running {
  readonly host: MemoryHost;
  readonly run: Run;
  readonly events: readonly EngineEvent[];
  readonly problems: readonly Problem[];
  readonly reloads: () => number;
}

/** Starts a program and lets it come to rest. */
async function start(
  program: string,
  options: Partial<RunOptions> & { readonly host?: MemoryHost } = {},
): Promise<Running> {
  const host = options.host ?? memoryHost();
  host.outside.makeDirectory("/site");
  host.outside.write(programPath, program);
  const events: EngineEvent[] = [];
  const problems: Problem[] = [];
  let reloads = 0;
  const run = runProgram({
    path: programPath,
    reading: { workingDirectory: "/", readStandardInput: () => Promise.resolve("") },
    catalog: catalogFor("memory"),
    hostname: "memory",
    prefix: "/var/lib/mgmt",
    noop: false,
    watchProgram: true,
    convergedMs: undefined,
    maxRuntimeMs: undefined,
    graphvizFile: undefined,
    emit: (event) => events.push(event),
    onProblems: (found) => problems.push(...found),
    onReload: () => {
      reloads += 1;
    },
    ...options,
    host,
  });
  await host.clock.settle();
  return { host, run, events, problems, reloads: () => reloads };
}

async function end({ host, run }: Running): Promise<Awaited<Run["ended"]>> {
  run.stop();
  await host.clock.settle();
  return run.ended;
}

function hostWith(path: string, content: string): MemoryHost {
  const host = memoryHost();
  host.outside.write(path, content);
  return host;
}

const modeOf = async (host: MemoryHost, path: string): Promise<number | undefined> =>
  (await host.files.inspect(path, new AbortController().signal))?.mode;

test("a mode that depends on the day changes the instant Friday begins, and the instant it ends", async () => {
  const thursdayNight = Date.UTC(2026, 10, 19, 23, 59, 58);
  const host = memoryHost({ clock: drivenClock({ startMs: thursdayNight }) });
  host.outside.makeDirectory("/tmp");
  const running = await start(
    readFileSync(join(import.meta.dirname, "../../examples/read-only-on-friday/main.mcl"), "utf8"),
    { host },
  );
  const directory = "/tmp/mgmt-friday";
  assert.equal(await modeOf(host, directory), 0o700);
  await host.clock.advance(1000);
  assert.equal(await modeOf(host, directory), 0o700);
  await host.clock.advance(1000);
  assert.equal(await modeOf(host, directory), 0o500);
  await host.clock.advance(24 * 3600 * 1000 - 1000);
  assert.equal(await modeOf(host, directory), 0o500);
  await host.clock.advance(1000);
  assert.equal(await modeOf(host, directory), 0o700);
  await end(running);
});

test("a picture that cannot be written is told once, stops nothing, and is there when it can be", async () => {
  const troubles: string[] = [];
  const running = await start('import "os"\nprint "p" { msg => os.readfile("/text"), }\n', {
    host: hostWith("/text", "1"),
    graphvizFile: "/pictures/graph.dot",
    onTrouble: (message) => troubles.push(message),
  });
  running.host.outside.write("/text", "2");
  await running.host.clock.settle();
  assert.equal(troubles.length, 1);
  assert.match(troubles[0] ?? "", /picture of the graph is missing: cannot write \/pictures\/graph\.dot/);
  running.host.outside.makeDirectory("/pictures");
  running.host.outside.write("/text", "3");
  await running.host.clock.settle();
  assert.match(running.host.outside.read("/pictures/graph.dot") ?? "", /print\[p\]/);
  const { ending } = await end(running);
  assert.equal(ending, "stopped");
});

test("time that changes nothing touches nothing", async () => {
  const running = await start(`import "datetime"
import "fmt"

file "/hour" {
	state => "exists",
	content => fmt.printf("%d", datetime.hour(datetime.now())),
}

file "/other" {
	state => "exists",
	content => "x",
}
`);
  const before = running.events.length;
  await running.host.clock.advance(59 * 60 * 1000);
  assert.equal(running.events.length, before);
  await running.host.clock.advance(60 * 1000);
  assert.equal(running.host.outside.read("/hour"), "1");
  const touched = running.events.slice(before).flatMap((event) => ("resource" in event ? [event.resource] : []));
  assert.deepEqual([...new Set(touched)], ["file[/hour]"]);
  await end(running);
});

test("what somebody else changes is put right", async () => {
  const running = await start(`file "/a" {\n\tstate => "exists",\n\tcontent => "right",\n}\n`);
  const { host } = running;
  host.outside.write("/a", "wrong");
  await host.clock.settle();
  assert.equal(host.outside.read("/a"), "right");
  host.outside.remove("/a");
  await host.clock.settle();
  assert.equal(host.outside.read("/a"), "right");
  await end(running);
});

test("a run ends when everything has been as declared for the time asked for", async () => {
  const running = await start(`file "/a" {\n\tstate => "exists",\n}\n`, { convergedMs: 5000 });
  const { clock } = running.host;
  await clock.advance(4999);
  assert.equal(clock.nextTimerInMs, 1, "it still waits");
  await clock.advance(1);
  assert.equal((await running.run.ended).ending, "converged");
});

test("an edit takes the place of the program, untouched resources are not looked at again", async () => {
  const file = (name: string, content: string): string =>
    `file "/${name}" {\n\tstate => "exists",\n\tcontent => "${content}",\n}\n`;
  const running = await start(file("a", "one") + file("b", "one"));
  const { host } = running;
  const before = running.events.length;
  host.outside.write(programPath, file("a", "one") + file("b", "two") + file("c", "three"));
  await host.clock.advance(100);
  assert.equal(running.reloads(), 1);
  assert.deepEqual(
    [host.outside.read("/a"), host.outside.read("/b"), host.outside.read("/c")],
    ["one", "two", "three"],
  );
  const touched = running.events.slice(before).flatMap((event) => (event.type === "observed" ? [event.resource] : []));
  assert.ok(!touched.includes("file[/a]"));
  await end(running);
});

test("an edit that is wrong is told and changes nothing, the next one that is right counts", async () => {
  const running = await start(`file "/a" {\n\tstate => "exists",\n\tcontent => "one",\n}\n`);
  const { host } = running;
  host.outside.write(programPath, `file "/a" {\n\tstate => "exists",\n\tcontent => 1,\n}\n`);
  await host.clock.advance(100);
  assert.deepEqual(
    running.problems.map((problem) => problem.code),
    ["type-mismatch"],
  );
  host.outside.remove("/a");
  await host.clock.settle();
  assert.equal(host.outside.read("/a"), "one");
  host.outside.write(programPath, `file "/a" {\n\tstate => "exists",\n\tcontent => "two",\n}\n`);
  await host.clock.advance(100);
  assert.equal(host.outside.read("/a"), "two");
  await end(running);
});

test("a program that an editor empties before it fills it stays in force", async () => {
  const running = await start(`file "/a" {\n\tstate => "exists",\n\tcontent => "one",\n}\n`);
  const { host } = running;
  host.outside.write(programPath, "");
  await host.clock.advance(20);
  host.outside.remove("/a");
  await host.clock.settle();
  assert.equal(host.outside.read("/a"), "one");
  host.outside.write(programPath, `file "/a" {\n\tstate => "exists",\n\tcontent => "two",\n}\n`);
  await host.clock.advance(100);
  assert.equal(running.reloads(), 1);
  assert.equal(host.outside.read("/a"), "two");
  await end(running);
});

test("a program that is wrong from the start ends the run", async () => {
  const running = await start(`file "/a" {\n\tnosuch => 1,\n}\n`);
  assert.equal((await running.run.ended).ending, "wrong");
  assert.equal(running.problems.length, 1);
});

test("a circle of edges ends the run before anything is touched", async () => {
  const running = await start(
    `file ["/a", "/b"] {\n\tstate => "exists",\n}\n\nFile["/a"] -> File["/b"]\nFile["/b"] -> File["/a"]\n`,
  );
  assert.equal((await running.run.ended).ending, "wrong");
  assert.equal(running.host.outside.exists("/a"), false);
});

test("a value without a fallback that goes missing later is told with the place of its origin, and the run goes on", async () => {
  const host = memoryHost();
  host.outside.write("/level", "7");
  const running = await start(
    `import "os"\n\nfile "/a" {\n\tstate => "exists",\n\tcontent => os.readfile("/level"),\n}\n`,
    { host },
  );
  assert.equal(host.outside.read("/a"), "7");
  host.outside.remove("/level");
  await host.clock.advance(1000);
  assert.deepEqual(
    running.problems.map((problem) => [problem.phase, problem.at?.file.path]),
    [["stream", programPath]],
  );
  host.outside.remove("/a");
  await host.clock.settle();
  assert.equal(host.outside.read("/a"), "7");
  host.outside.write("/level", "8");
  await host.clock.settle();
  assert.equal(host.outside.read("/a"), "8");
  await end(running);
});

test("in noop nothing is touched and the run still converges", async () => {
  const running = await start(`file "/a" {\n\tstate => "exists",\n}\n`, { noop: true, convergedMs: 0 });
  await running.host.clock.advance(0);
  assert.equal((await running.run.ended).ending, "converged");
  assert.equal(running.host.outside.exists("/a"), false);
  assert.ok(running.events.some((event) => event.type === "would-apply"));
});

test("a full disk is told, and what was there stays whole", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/small");
  const disk = host.outside.mount("/small", 4096);
  host.outside.write("/small/a", "old");
  disk.capacityBytes = disk.usedBytes;
  const running = await start(`file "/small/a" {\n\tstate => "exists",\n\tcontent => "${"x".repeat(9000)}",\n}\n`, {
    host,
  });
  const failed = running.events.find((event) => event.type === "failed");
  assert.equal(failed?.type === "failed" && failed.failure.code, "full");
  assert.equal(host.outside.read("/small/a"), "old");
  const { report } = await end(running);
  assert.equal(report[0]?.failedForGood, true);
});

test("an edit of a module is taken up, also of one that comes to be", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/site/lib");
  host.outside.write("/site/lib/main.mcl", '$text = "one"\n');
  const program = `import "lib/"

file "/a" {
	state => "exists",
	content => $lib.text,
}
`;
  const running = await start(program, { host });
  assert.equal(host.outside.read("/a"), "one");
  host.outside.write("/site/lib/main.mcl", '$text = "two"\n');
  await host.clock.advance(100);
  assert.equal(host.outside.read("/a"), "two");

  // A wrong edit keeps the program as it is, until its mistake is mended: here by a file that was missing.
  host.outside.write("/site/lib/main.mcl", 'import "text.mcl"\n$text = $text.text\n');
  await host.clock.advance(100);
  assert.deepEqual(
    running.problems.map(({ code }) => code),
    ["missing-module"],
  );
  assert.equal(host.outside.read("/a"), "two");
  host.outside.write("/site/lib/text.mcl", '$text = "three"\n');
  await host.clock.advance(100);
  assert.equal(host.outside.read("/a"), "three");

  // A metadata.yaml that appears changes what the module is.
  host.outside.write("/site/lib/other.mcl", '$text = "four"\n');
  host.outside.write("/site/lib/metadata.yaml", "main: other.mcl\n");
  await import("yaml"); // It is loaded when first needed, which no clock drives.
  await host.clock.advance(100);
  assert.equal(host.outside.read("/a"), "four");
  assert.equal(running.reloads(), 3);
  await end(running);
});

test("what a value resource holds reaches functions at once, and those of the next run", async () => {
  const host = memoryHost();
  const program = `import "value"

value "port" {
	any => 80,
}

$port struct{value int; ready bool} = value.get_int("port")

if $port->ready {
	test "ready" {
		int64 => $port->value,
	}
}
`;
  const first = await start(program, { host });
  for (let turn = 0; turn < 20; turn += 1) await host.clock.settle();
  const { report } = await end(first);
  assert.deepEqual(
    first.problems.map(({ message }) => message.title),
    [],
  );
  assert.deepEqual(
    report.map(({ vertex, state }) => `${vertex.reference} ${state}`),
    ["test[ready] settled", "value[port] settled"],
  );
  const reader = program.replace(/value "port" \{[^}]*\}\n/, "");
  const second = await start(reader, { host });
  for (let turn = 0; turn < 20; turn += 1) await host.clock.settle();
  const later = await end(second);
  assert.deepEqual(
    later.report.map(({ vertex, want }) => `${vertex.reference} ${String(want.int64)}`),
    ["test[ready] 80"],
  );
});

test("a resource ends the run with its status when what it depends on is done, and only then", async () => {
  const running = await start(`
file "/srv-done" {
	state => "exists",

	Before => Exit["done"],
}
exit "done" {
	code => 7,
}
`);
  const { ending, status, report } = await running.run.ended;
  assert.deepEqual([ending, status], ["exited", 7]);
  assert.equal(running.host.outside.exists("/srv-done"), true);
  assert.deepEqual(
    report.map(({ state }) => state),
    ["settled", "settled"],
  );
});

test("a resource that is only looked at ends nothing", async () => {
  const running = await start('exit "done" {}\n', { noop: true, convergedMs: 0 });
  const { ending, status } = await running.run.ended;
  assert.deepEqual([ending, status], ["converged", undefined]);
});

test("a run that ends when everything is as declared waits until the program has heard of what it did", async () => {
  const program = `import "os"

file "/out/a" { state => "exists", content => "one", }
if os.file_exists("/out/a") {
	file "/out/b" { state => "exists", content => os.readfile("/out/a"), }
}
`;
  const host = memoryHost();
  host.outside.makeDirectory("/out");
  const first = await start(program, { host, convergedMs: 0 });
  await host.clock.advance(1000);
  assert.equal((await first.run.ended).ending, "converged");
  assert.equal(host.outside.read("/out/b"), "one");

  const second = await start(program, { host, convergedMs: 0 });
  assert.equal((await second.run.ended).ending, "converged", "where nothing was done nothing is waited for");
});
