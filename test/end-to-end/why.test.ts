// SPDX-License-Identifier: Apache-2.0
// Asking a run, and what is left of one: what happens, what happened, and why something is as it is.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { eventually, testPrograms, type World } from "./program.ts";

interface Event {
  readonly type: string;
  readonly at: string;
  readonly cause: { readonly kind: string };
}

function whyOf(stdout: string): { readonly state: string; readonly entries: readonly Event[] } {
  return JSON.parse(stdout) as ReturnType<typeof whyOf>;
}

function lastApplied(events: readonly Event[]): Event | undefined {
  return events.findLast(({ type }) => type === "applied");
}

function begin(world: World, source: string) {
  world.write("main.mcl", source);
  const env = { MGMT_PREFIX: world.path("state") };
  return {
    env,
    running: world.start(["run", "main.mcl"], { env }),
    ask: async (...args: readonly string[]) => world.run(args, { env }),
  };
}

testPrograms("why names the outside change, the place in the source and what was done", async (world) => {
  const source = `file "${world.path("work/")}" {
\tstate => "exists",
}
file "${world.path("work/hello")}" {
\tcontent => "hello world\\n",
\tstate => "exists",
}
`;
  const { running, ask } = begin(world, source);
  const file = world.path("work/hello");
  const resource = `file[${file}]`;
  const isWhole = (): boolean => statSync(file, { throwIfNoEntry: false })?.size === 12;
  await eventually("the file is there", isWhole);
  await eventually("the control socket is there", () => statSync(world.path("state/control.sock")).isSocket());
  assert.equal(statSync(world.path("state/control.sock")).mode & 0o777, 0o600);
  // In one piece: whoever writes into the file empties it first, and the repair may come in between.
  renameSync(world.write("other", "other\n"), file);
  await eventually("it is repaired", () => running.stdout.includes("write 12 bytes (was 6)") && isWhole());
  const why = await ask("why", resource);
  assert.equal(why.status, 0, why.stderr);
  assert.match(why.stdout, /is as declared/);
  assert.match(why.stdout, /~ write 12 bytes \(was 6\)\n {2}because something outside of mgmt had changed it/);
  assert.match(why.stdout, /main\.mcl:4:1/);

  const { state, entries } = whyOf((await ask("why", "--json", resource)).stdout);
  assert.equal(state, "settled");
  assert.equal(lastApplied(entries)?.cause.kind, "watch");
  assert.equal(lastApplied(entries)?.at, "main.mcl:4:1");

  const status = await ask("status");
  assert.equal(status.status, 0);
  assert.match(status.stdout, /mgmt runs main\.mcl since .*\nEverything is as declared\.\nResources: 2 as declared\./);

  const second = await ask("run", "--max-runtime=1", "main.mcl");
  assert.equal(second.status, 3);
  assert.match(second.stderr, /Another mgmt runs with the state directory/);

  running.signal("SIGTERM");
  await running.ended;
  const after = await ask("status");
  assert.equal(after.status, 1);
  assert.match(after.stdout, /mgmt does not run now[^]*It ran main\.mcl from .* and ended \(it was stopped\)/);
  const later = await ask("why", resource);
  assert.equal(later.status, 0);
  assert.match(later.stdout, /mgmt does not run now[^]*because something outside of mgmt had changed it/);
});

testPrograms("why not names the dependency that failed, and what came out of the program", async (world) => {
  const source = (wanted: boolean): string => `import "os"
import "strings"
exec "bad" {
\tcmd => "/bin/sh",
\targs => ["-c", "echo broken >&2; exit 3"],
\tshell => "",
}
noop "after" {
\tDepend => Exec["bad"],
}
if strings.has_prefix(os.readfile("${world.path("flag")}"), "${wanted ? "yes" : "no"}") {
\tfile "${world.path("conditional")}" {
\t\tcontent => "x",
\t\tstate => "exists",
\t}
}
`;
  world.write("flag", "yes\n");
  const { running, ask } = begin(world, source(true));
  await eventually("it has failed", () => running.stderr.includes("error: exec[bad]"));
  await eventually(
    "the file is there",
    () => statSync(world.path("conditional"), { throwIfNoEntry: false }) !== undefined,
  );
  const not = await ask("why", "not", "noop[after]");
  assert.match(not.stdout, /^noop\[after\] is not looked after, because exec\[bad\] before it has failed:/);
  assert.match(not.stdout, /exec\[bad\] \(main\.mcl:3:1\): .*failed with status 3: broken/);
  assert.match((await ask("why", "not", `file[${world.path("conditional")}]`)).stdout, /^Nothing stands in the way/);

  writeFileSync(world.path("flag"), "no\n");
  const isGone = async (): Promise<string> => (await ask("why", "not", `file[${world.path("conditional")}]`)).stdout;
  let said = await isGone();
  for (let tries = 0; tries < 50 && !said.includes("not in the program"); tries += 1) said = await isGone();
  assert.match(said, /is not in the program any more, since .*\.\n {2}It was declared at main\.mcl:12:2\./);

  writeFileSync(world.path("flag"), "yes\n");
  const resource = `file[${world.path("conditional")}]`;
  const isBack = async () => whyOf((await ask("why", "--json", resource)).stdout);
  let back = await isBack();
  for (let tries = 0; tries < 50 && back.state !== "settled"; tries += 1) back = await isBack();
  assert.equal(back.state, "settled");

  const unknown = await ask("why", "noop[afterr]");
  assert.equal(unknown.status, 1);
  assert.match(unknown.stdout, /did you mean noop\[after\]/);
  assert.equal((await ask("why", "motd")).status, 2);
  running.signal("SIGKILL");
  await running.ended;
  assert.match(
    (await ask("why", "not", "noop[after]")).stdout,
    /mgmt does not run now[^]*exec\[bad\] before it has failed/,
  );
  assert.match((await ask("status")).stdout, /ended without a word/);
});

testPrograms("events --follow tells what happens, with the call whose new value set it off", async (world) => {
  mkdirSync(world.path("state"));
  world.write("value", "1\n");
  const source = `import "os"
file "${world.path("copy")}" {
\tcontent => os.readfile("${world.path("value")}"),
\tstate => "exists",
}
`;
  const { running, env, ask } = begin(world, source);
  await eventually("the file is there", () => running.stdout.includes("copy]"));
  const following = world.start(["events", "--follow", "--json"], { env });
  await eventually("the past is told", () => following.stdout.includes('"applied"'));
  writeFileSync(world.path("value"), "secret 2\n");
  await eventually("the change is told", () => following.stdout.split('"applied"').length > 2);
  running.signal("SIGTERM");
  await running.ended;
  const { status, stdout } = await following.ended;
  assert.equal(status, 0);
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);
  assert.deepEqual(lastApplied(events)?.cause, {
    kind: "definition",
    fields: ["content"],
    origins: [{ function: "os.readfile", at: "main.mcl:3:13" }],
  });
  assert.equal(readFileSync(world.path("copy"), "utf8"), "secret 2\n");
  assert.ok(!readFileSync(world.path("state/journal.db")).includes("secret"), "no content is in the journal");
  assert.match((await ask("events", "--since=1h")).stdout, /os\.readfile\(\) at main\.mcl:3:13 had a new value/);
  assert.equal((await ask("events", "--since=soon")).status, 2);
});

testPrograms("the journal tells programs apart that are in no file", async (world) => {
  const hashes: string[] = [];
  for (const [path, input] of [
    ["-", 'noop "a" {}\n'],
    ["-", 'noop "b" {}\n'],
    ["-", 'noop "a" {}\n'],
    ['noop "a" {}', ""],
    ['noop "b" {}', ""],
  ] as const) {
    const prefix = ["--prefix", world.path("state")];
    assert.equal((await world.run(["run", "--once", ...prefix, path], { input })).status, 0);
    const { stdout } = await world.run(["status", "--json", ...prefix]);
    hashes.push((JSON.parse(stdout) as { readonly hash: string }).hash);
  }
  assert.equal(hashes[0], hashes[2]);
  assert.equal(new Set(hashes).size, 4, "how it was given is part of it, as the path of a file is");
});
