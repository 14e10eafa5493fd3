// SPDX-License-Identifier: Apache-2.0
// The classic way: run now and then, from cron, until all is as declared. With the options that old crontabs have.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Program, testPrograms, type World } from "./program.ts";

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/**
 * As cron runs a line: by a plain shell, in the home directory, with next to nothing in the environment. What the crontab
 * itself sets keeps it apart from other runs on the machine.
 */
function cron(program: Program, world: World, line: string): Promise<Ended> {
  const env = {
    HOME: world.directory,
    LOGNAME: "root",
    SHELL: "/bin/sh",
    PATH: "/usr/bin:/bin",
    MGMT_PREFIX: world.path("state"),
  };
  const started = performance.now();
  return new Promise((resolve) => {
    const command = line.replaceAll("mgmt ", `'${program.path}' `);
    execFile("/bin/sh", ["-c", command], { env, cwd: world.directory, timeout: 60_000 }, (reason, stdout, stderr) => {
      const status = reason === null ? 0 : Number(reason.code);
      resolve({ status, stdout, stderr, ms: performance.now() - started });
    });
  });
}

testPrograms(
  "from cron it converges, says what it has changed, and ends; the second time nothing changes",
  async (world) => {
    const file = world.path("motd");
    world.write("site.mcl", `file "${file}" {\n\tstate => "exists",\n\tcontent => "hello\\n",\n}\n`);
    world.write(
      "site.yaml",
      `graph: cron
resources:
  file:
  - name: motd
    path: ${file}
    content: "hello\\n"
    state: exists
  noop:
  - name: after
    meta: { noop: true }
edges:
- name: e1
  from: { kind: file, name: motd }
  to: { kind: noop, name: after }
`,
    );
    for (const line of [
      "mgmt run --converged-timeout=1 site.mcl",
      "mgmt run --file site.yaml --converged-timeout=1",
      "mgmt run -f site.yaml -t 1",
      "mgmt run --yaml site.yaml --converged-timeout=1",
      "mgmt run yaml --converged-timeout=1 site.yaml",
      "mgmt run --converger-timeout=1 --converged-exit lang site.mcl",
    ]) {
      writeFileSync(file, "edited by hand\n");
      const first = await cron(world.program, world, line);
      assert.equal(first.status, 0, `${line}: ${first.stderr}`);
      assert.match(first.stdout, /^~ file\[.*motd\] write 6 bytes \(was 15\)\n$/, line);
      assert.ok(first.ms >= 1000, "it waits for the second that it was told");
      assert.equal(readFileSync(file, "utf8"), "hello\n");
      const second = await cron(world.program, world, line);
      assert.equal(second.status, 0);
      assert.equal(second.stdout, "", "what changes nothing says nothing");
      assert.equal(second.stderr, "", "cron has nothing to mail");
    }
  },
);

testPrograms("--quiet says nothing of what was changed, but of what has failed", async (world) => {
  const file = world.path("made");
  world.write("site.mcl", `file "${file}" {\n\tstate => "exists",\n}\n`);
  const made = await cron(world.program, world, "mgmt run --once --quiet site.mcl");
  assert.deepEqual([made.status, made.stdout, made.stderr], [0, "", ""]);
  assert.ok(existsSync(file));
  world.write("failing.mcl", `file "/proc/none/x" {\n\tstate => "exists",\n}\n`);
  const failed = await cron(world.program, world, "mgmt run --once -q failing.mcl");
  assert.equal(failed.status, 3);
  assert.match(
    failed.stderr,
    /error: file\[\/proc\/none\/x\][^]*not everything is as declared: 1 resource, 0 changes, 1 failed/,
  );
  const both = await cron(world.program, world, "mgmt run --once -q -v site.mcl");
  assert.equal(both.status, 2);
});

testPrograms(
  "from cron, what fails is told on stderr and by the status, and what is wrong changes nothing",
  async (world) => {
    const file = world.path("made");
    const failing = `file "${file}" {\n\tstate => "exists",\n}\nfile "/proc/none/x" {\n\tstate => "exists",\n}\n`;
    world.write("failing.mcl", failing);
    const failed = await cron(world.program, world, "mgmt run --converged-timeout=1 failing.mcl");
    assert.equal(failed.status, 3);
    assert.match(failed.stderr, /error: file\[\/proc\/none\/x\]/);
    assert.ok(existsSync(file), "one that fails does not keep others from being made");
    world.write("wrong.mcl", `file "${world.path("never")}" {\n\tstate => "exists",\n\tcontents => "x",\n}\n`);
    const wrong = await cron(world.program, world, "mgmt run --converged-timeout=1 wrong.mcl");
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /did you mean content\?|contents/);
    assert.equal(existsSync(world.path("never")), false);
  },
);
