// SPDX-License-Identifier: Apache-2.0
// How a run ends when it is told to: how soon, with which status, and that it leaves no process behind.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { eventually, testPrograms, type World } from "./program.ts";

/** Processes, zombies aside, whose command line has the text. */
function countProcesses(text: string): number {
  let count = 0;
  for (const id of readdirSync("/proc")) {
    if (!/^\d+$/.test(id)) continue;
    try {
      if (readFileSync(`/proc/${id}/cmdline`, "utf8").includes(text)) count += 1;
    } catch {
      continue; // It has ended meanwhile.
    }
  }
  return count;
}

let lengths = 0;

/** A length of sleep that nobody else on this machine has. */
function uniqueSeconds(): string {
  lengths += 1;
  return `86${process.pid}${lengths}`;
}

/** A command that sleeps, with another sleeper that it has started in the background. */
function sleeper(world: World, seconds: string, before = ""): string {
  const started = world.path("started");
  return `exec "sleeper" {
	cmd => "${before}sleep ${seconds} & touch ${started}; sleep ${seconds}; true",
	shell => "/bin/sh",
}
`;
}

// Stopping takes less than a second on a machine at rest. As a test only its share of the start counts, which does not
// depend on how busy the machine is.
testPrograms("ten thousand resources stop in less time than their start took", async (world) => {
  const text = Array.from({ length: 10_000 }, (_, at) => `file "${world.path("f")}${at}" {}\n`).join("");
  world.write("main.mcl", text);
  const startedMs = performance.now();
  const running = world.start(["run", "--tmp-prefix", "-v", "main.mcl"], { env: { TMPDIR: world.directory } });
  await eventually("all are looked at", () => running.stdout.includes(`f9999] is as declared`), 30_000);
  const stoppedMs = performance.now();
  running.signal("SIGTERM");
  const { status } = await running.ended;
  assert.equal(status, 0);
  const [start, stop] = [stoppedMs - startedMs, performance.now() - stoppedMs];
  assert.ok(stop < start, `the start took ${start.toFixed(0)} ms, the stop ${stop.toFixed(0)} ms`);
});

testPrograms("the second signal ends a running command with all it has started", async (world) => {
  const seconds = uniqueSeconds();
  world.write("main.mcl", sleeper(world, seconds));
  const running = world.start(["run", "--tmp-prefix", "main.mcl"], { env: { TMPDIR: world.directory } });
  await eventually("the command runs", () => existsSync(world.path("started")));
  running.signal("SIGINT");
  // The first one waits for the command, and says nothing; so that nothing can be seen is what there is to see.
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(countProcesses(`sleep\0${seconds}`), 2);
  running.signal("SIGINT");
  assert.equal((await running.ended).status, 0);
  assert.equal(countProcesses(`sleep\0${seconds}`), 0);
});

testPrograms("the third signal kills what does not want to end, and says so by its status", async (world) => {
  const seconds = uniqueSeconds();
  world.write("main.mcl", sleeper(world, seconds, "trap '' TERM INT; "));
  const running = world.start(["run", "--tmp-prefix", "main.mcl"], { env: { TMPDIR: world.directory } });
  await eventually("the command runs", () => existsSync(world.path("started")));
  for (const signal of ["SIGINT", "SIGTERM", "SIGINT"] as const) {
    running.signal(signal);
    await new Promise((resolve) => setTimeout(resolve, 50)); // Two of one kind that come together are one.
  }
  const { status, ms } = await running.ended;
  assert.equal(status, 3);
  assert.ok(ms < 30_000);
  await eventually("no process is left", () => countProcesses(`sleep\0${seconds}`) === 0);
});

testPrograms("a program that ends itself does so with its status, after what it depends on", async (world) => {
  const done = world.path("done");
  const text = `file "${done}" {\n\tstate => "exists",\n\n\tBefore => Exit["end"],\n}\nexit "end" {\n\tcode => 9,\n}\n`;
  world.write("main.mcl", text);
  const running = world.start(["run", "--tmp-prefix", "main.mcl"], { env: { TMPDIR: world.directory } });
  assert.equal((await running.ended).status, 9);
  assert.ok(existsSync(done));
});

testPrograms("a run that waits for nothing of the machine goes on until it is stopped", async (world) => {
  const running = world.start(["run", "--prefix", world.path("state"), 'noop "x" {}']);
  const status = () => world.run(["status", "--prefix", world.path("state")]);
  await eventually("it is at rest", async () => (await status()).stdout.includes("1 as declared"), 60_000);
  for (let each = 0; each < 3; each += 1) assert.equal((await status()).status, 0);
  running.signal("SIGTERM");
  assert.equal((await running.ended).status, 0);
});
