// SPDX-License-Identifier: Apache-2.0
// The first demos, as a person does them: the examples that users copy, run on real files and processes.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { eventually, testPrograms, type World } from "./program.ts";

const examples = join(import.meta.dirname, "../../examples");

/** Copies an example into the world, with its directory below /tmp moved into the world too. */
function copyExample(world: World, name: string, directory: string): string {
  const text = readFileSync(join(examples, name, "main.mcl"), "utf8");
  assert.ok(text.includes(directory), `the example works in ${directory}`);
  mkdirSync(world.path(name));
  writeFileSync(join(world.path(name), "main.mcl"), text.replaceAll(directory, world.path("work")));
  return name;
}

testPrograms("a removed file is there again, and so is one that was overwritten", async (world) => {
  const example = copyExample(world, "quick-start", "/tmp/mgmt-quick-start");
  const running = world.start(["run", "--tmp-prefix", example], { env: { TMPDIR: world.directory } });
  const hello = world.path("work/hello");
  const isRight = (): boolean => existsSync(hello) && readFileSync(hello, "utf8") === "hello world\n";
  await eventually("the file is made", isRight);
  for (let time = 0; time < 20; time += 1) {
    unlinkSync(hello);
    await eventually("the file is back", isRight);
    writeFileSync(hello, "gone");
    await eventually("the content is back", isRight);
  }
  renameSync(world.path("work"), world.path("moved away"));
  await eventually("the directory is back with its file", isRight);
  for (let time = 0; time < 5; time += 1) {
    // As often as it takes: a file that is made again between the two halves of `rm -r` is an error of rm.
    await eventually("all is removed", () => spawnSync("rm", ["-r", world.path("work")]).status === 0);
    await eventually("all is back", isRight);
  }
  running.signal("SIGINT");
  const { status, stderr } = await running.ended;
  assert.equal(status, 0);
  assert.doesNotMatch(stderr, /error/, "what passes by itself frightens nobody");
});

testPrograms(
  "three files keep their content, a fourth never stays, and an idle agent uses no processor",
  async (world) => {
    const example = copyExample(world, "three-files", "/tmp/mgmt-three-files");
    const running = world.start(["run", "--tmp-prefix", example], { env: { TMPDIR: world.directory } });
    const [f1, f2, f4] = [world.path("work/f1"), world.path("work/f2"), world.path("work/f4")];
    const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
    await eventually("all are made", () =>
      ["f1", "f2", "f3"].every((name) => textOf(world.path(`work/${name}`)) === `i am ${name}\n`),
    );
    unlinkSync(f2);
    await eventually("f2 is back", () => textOf(f2) === "i am f2\n");
    writeFileSync(f1, "something else\n");
    await eventually("f1 has its content", () => textOf(f1) === "i am f1\n");
    for (let time = 0; time < 20; time += 1) {
      writeFileSync(f4, "");
      await eventually("f4 is gone", () => !existsSync(f4));
    }
    // What is counted are clock ticks of the process while nothing happens: a hundredth of a second each.
    const ticks = (): number =>
      Number(
        readFileSync(`/proc/${running.pid}/stat`, "utf8")
          .split(" ")
          .slice(13, 15)
          .reduce((sum, part) => sum + Number(part), 0),
      );
    await eventually("it has come to rest", settledTicks(ticks));
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assert.ok(ticks() - before <= 1, `${ticks() - before} ticks in two idle seconds`);
    running.signal("SIGTERM");
    assert.equal((await running.ended).status, 0);
  },
);

/** True once no tick has been counted for a fifth of a second. */
function settledTicks(ticks: () => number): () => boolean {
  let last = -1;
  let since = performance.now();
  return () => {
    const now = ticks();
    if (now !== last) [last, since] = [now, performance.now()];
    return performance.now() - since > 200;
  };
}

/** exec1, exec2 and exec3 wait for one another, exec4 for none. Order is what counts: how long it takes depends on the load. */
function assertChainAndFree(log: string): void {
  const at = (line: string): number => {
    const found = log.split("\n").indexOf(line);
    assert.ok(found >= 0, `"${line}" in\n${log}`);
    return found;
  };
  assert.ok(at("end exec1") < at("start exec2") && at("end exec2") < at("start exec3"), log);
  assert.ok(at("start exec4") < at("end exec1") && at("start exec1") < at("end exec4"), log);
}

testPrograms("commands without an edge between them run at the same time", async (world) => {
  const text = readFileSync(join(examples, "four-commands", "main.mcl"), "utf8");
  const names = ["exec1", "exec2", "exec3", "exec4"];
  const command = 'cmd => "sleep 10s",';
  assert.ok(text.includes(command) && text.includes(JSON.stringify(names).replaceAll(",", ", ")));
  const logged = text.replace(
    /^exec \[.*\] \{$/m,
    'for $i, $name in ["exec1", "exec2", "exec3", "exec4"] {\nexec ["${name}"] {',
  );
  const body = logged.replace(command, 'cmd => "echo start ${name} >> log; sleep 1; echo end ${name} >> log",');
  world.write(
    "main.mcl",
    body.replace(
      'shell => "/bin/sh",\n}',
      `shell => "/bin/sh",\n\tcwd => "${world.directory}",\n\tenv => {"PATH" => "/usr/bin:/bin"},\n}\n}`,
    ),
  );
  const args = ["run", "--tmp-prefix", "--converged-timeout=1", "--graphviz=g.dot", "main.mcl"];
  const { status, stdout, stderr, ms } = await world.run(args, { env: { TMPDIR: world.directory } });
  assert.equal(status, 0, stderr);
  assert.equal(stdout.match(/^! exec\[exec\d\] run /gm)?.length, 4);
  assertChainAndFree(readFileSync(world.path("log"), "utf8"));
  assert.ok(ms > 3900, `a chain of three seconds and one of calm, not ${ms} ms`);
  assert.match(readFileSync(world.path("g.dot"), "utf8"), /"exec\[exec1\]" -> "exec\[exec2\]"/);
});

testPrograms("a page follows the time and a file, without touching what does not depend on them", async (world) => {
  const example = copyExample(world, "live-template", "/tmp/mgmt-live");
  const running = world.start(["run", "--tmp-prefix", "--json", example], {
    env: { TMPDIR: world.directory, TZ: "UTC" },
  });
  const page = (): string => (existsSync(world.path("work/page")) ? readFileSync(world.path("work/page"), "utf8") : "");
  await eventually("the page is there", () => page().includes("The level is none yet."));
  const first = /It is (\S+) o'clock/.exec(page())?.[1];
  await eventually("the time goes on", () => /It is (\S+) o'clock/.exec(page())?.[1] !== first);
  writeFileSync(world.path("work/level"), "7\n");
  await eventually("the level is taken up", () => page().includes("The level is 7."));
  unlinkSync(world.path("work/level"));
  await eventually("the level is gone", () => page().includes("The level is none yet."));
  running.signal("SIGINT");
  const { status, stdout } = await running.ended;
  assert.equal(status, 0);
  const swaps = stdout
    .split("\n")
    .filter((line) => line.includes('"graph-swapped"'))
    .map((line) => JSON.parse(line) as { readonly changed: number; readonly added: number; readonly kept: number });
  assert.equal(swaps[0]?.added, 2);
  for (const swap of swaps.slice(1)) assert.deepEqual([swap.changed, swap.kept], [1, 1]);
});

testPrograms("a directory is read-only on Fridays", async (world) => {
  const example = copyExample(world, "read-only-on-friday", "/tmp/mgmt-friday");
  const { status } = await world.run(["run", "--once", "--tmp-prefix", example], { env: { TMPDIR: world.directory } });
  assert.equal(status, 0);
  const isFriday = execFileSync("date", ["+%u"], { encoding: "utf8" }).trim() === "5";
  assert.equal(statSync(world.path("work")).mode & 0o777, isFriday ? 0o500 : 0o700);
});

testPrograms("an edit of the program is taken up, and a wrong one is shown and left", async (world) => {
  world.write("main.mcl", `file "${world.path("a")}" {\n\tcontent => "one",\n\tstate => "exists",\n}\n`);
  const running = world.start(["run", "--tmp-prefix", "main.mcl"], { env: { TMPDIR: world.directory } });
  const text = (): string => (existsSync(world.path("a")) ? readFileSync(world.path("a"), "utf8") : "");
  await eventually("the file is made", () => text() === "one");
  world.write("main.mcl", `file "${world.path("a")}" {\n\tcontent => 2,\n\tstate => "exists",\n}\n`);
  await eventually("the problem is shown", () => running.stderr.includes("main.mcl:2:13"));
  unlinkSync(world.path("a"));
  await eventually("the good program goes on", () => text() === "one");
  world.write("main.mcl", `file "${world.path("a")}" {\n\tcontent => "two",\n\tstate => "exists",\n}\n`);
  await eventually("the edit is taken up", () => text() === "two");
  running.signal("SIGINT");
  assert.equal((await running.ended).status, 0);
});

testPrograms("an old time stamp does not matter, only the content", async (world) => {
  world.write("main.mcl", `file "${world.path("a")}" {\n\tcontent => "one",\n\tstate => "exists",\n}\n`);
  const options = { env: { TMPDIR: world.directory } };
  await world.run(["run", "--once", "--tmp-prefix", "main.mcl"], options);
  utimesSync(world.path("a"), 1, 1);
  const { stdout } = await world.run(["run", "--once", "--tmp-prefix", "main.mcl"], options);
  assert.equal(stdout, "");
});

testPrograms("a graph in YAML runs by the command line of the first article", async (world) => {
  const command = (name: string): string => `echo start ${name} >> log; sleep 1; echo end ${name} >> log`;
  const commands = ["exec1", "exec2", "exec3", "exec4"].map(
    (name) =>
      `  - name: ${name}\n    cmd: ${JSON.stringify(command(name))}\n    shell: /bin/sh\n    timeout: 0\n    cwd: ${world.directory}\n    env: { PATH: "/usr/bin:/bin" }\n`,
  );
  const edge = (from: string, to: string): string =>
    `- name: ${from}\n  from: { type: exec, name: ${from} }\n  to: { type: exec, name: ${to} }\n`;
  world.write(
    "graph8.yaml",
    `---\ngraph: mygraph\ntypes:\n  exec:\n${commands.join("")}edges:\n${edge("exec1", "exec2")}${edge("exec2", "exec3")}`,
  );
  const args = ["run", "--tmp-prefix", "--file", "graph8.yaml", "--converged-timeout=1", "--graphviz=example1.dot"];
  const { status, stdout, ms } = await world.run(args, { env: { TMPDIR: world.directory } });
  assert.equal(status, 0);
  assert.equal(stdout.match(/^! exec\[exec\d\] run /gm)?.length, 4);
  assertChainAndFree(readFileSync(world.path("log"), "utf8"));
  assert.ok(ms > 3900, `${ms} ms`);
  const dot = readFileSync(world.path("example1.dot"), "utf8");
  assert.match(dot, /^digraph "mygraph" \{[^]*"exec\[exec2\]" -> "exec\[exec3\]"/);
});
