// SPDX-License-Identifier: Apache-2.0
// `exec` with real processes.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { notTried, proves } from "../proofs.ts";
import type { AnyWant } from "../../src/contract/resource.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { exec } from "../../src/resources/commands/exec.ts";
import { type DrivenResource, drive } from "../resource.ts";

/** Gives each case an empty directory of its own; in it `state/` is the private directory of the resource. */
async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-exec-"));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function command(directory: string, fields: AnyWant, signal?: AbortSignal): DrivenResource {
  const stateDirectory = join(directory, "state");
  const options = signal === undefined ? { stateDirectory } : { stateDirectory, signal };
  const resource = drive(exec, "command", { shell: "/bin/sh", ...fields }, linuxHost(), options);
  assert.deepEqual(resource.check(), []);
  return resource;
}

const path = new Map([["PATH", "/usr/bin:/bin"]]);

test("a command without conditions runs each time something happened", () =>
  inDirectory(async (directory) => {
    const resource = command(directory, { cmd: "echo x >> log", cwd: directory });
    assert.deepEqual(await resource.settle(), ["! run echo x >> log"]);
    await resource.settle();
    assert.equal(readFileSync(join(directory, "log"), "utf8"), "x\nx\n");
  }));

test("words are split at white space and arguments are taken as they are", () =>
  inDirectory(async (directory) => {
    const touch = command(directory, { shell: "", cmd: `/usr/bin/touch  ${directory}/a\t${directory}/"b"` });
    await touch.settle();
    assert.ok(existsSync(join(directory, "a")) && existsSync(join(directory, '"b"')));
    await command(directory, { shell: "", cmd: "/usr/bin/touch", args: [join(directory, "c d")] }).settle();
    assert.ok(existsSync(join(directory, "c d")));
  }));

test("the environment is empty but for what is given", () =>
  inDirectory(async (directory) => {
    const none = command(directory, { shell: "", cmd: "/usr/bin/env" });
    await none.settle();
    assert.deepEqual(none.said, []);
    const some = command(directory, {
      shell: "",
      cmd: "/usr/bin/env",
      env: new Map([
        ["B", "2"],
        ["A", "1"],
      ]),
    });
    await some.settle();
    assert.deepEqual(some.said, ["A=1", "B=2"]);
  }));

test("what a command makes keeps it from running again", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "made");
    const resource = command(directory, { cmd: `echo > ${path}`, creates: path });
    assert.equal((await resource.settle()).length, 1);
    assert.deepEqual(await resource.plan(), []);
    rmSync(path);
    assert.equal((await resource.plan()).length, 1);
  }));

test("conditions decide by their status and by what they write", () =>
  inDirectory(async (directory) => {
    const runs = async (fields: AnyWant) =>
      (await command(directory, { cmd: "true", ifshell: "/bin/sh", nifshell: "/bin/sh", ...fields }).plan()).length ===
      1;
    assert.equal(await runs({ ifcmd: "true" }), true);
    assert.equal(await runs({ ifcmd: "false" }), false);
    assert.equal(await runs({ nifcmd: "true" }), false);
    assert.equal(await runs({ nifcmd: "false" }), true);
    assert.equal(await runs({ ifcmd: "echo up; echo no >&2", ifequals_stdout: "up\n" }), false);
    assert.equal(await runs({ ifcmd: "echo up; echo no >&2", ifequals: "up\n" }), true);
    assert.equal(await runs({ ifcmd: "echo up; exit 1", ifequals: "down" }), false);
    assert.equal(await runs({ ifcmd: 'test -z "$PWD" || pwd', ifcwd: directory, ifequals: `${directory}\n` }), false);
    await assert.rejects(runs({ ifcmd: "kill -KILL $$" }), {
      message: 'the condition "kill -KILL $$" was ended by SIGKILL',
      code: "command-failed",
    });
  }));

test("a newer file in mtimes makes it run whatever the conditions say", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "config");
    const fields = { cmd: "true", nifcmd: "true", nifshell: "/bin/sh", mtimes: [path] };
    await assert.rejects(command(directory, fields).plan(), { code: "not-found" });
    writeFileSync(path, "");
    utimesSync(path, 1_000_000, 1_000_000);
    assert.equal((await command(directory, fields).settle()).length, 1, "there was no run yet");
    assert.equal((await command(directory, fields).settle()).length, 0);
    utimesSync(path, 1_000_001, 1_000_001);
    assert.equal((await command(directory, fields).settle()).length, 1);
    assert.equal((await command(directory, fields).settle()).length, 0);
  }));

test("output is told line by line, the last one too, and sent; it is sent again after a restart", () =>
  inDirectory(async (directory) => {
    const fields = { cmd: "printf 'one\\ntwo'; sleep 0.01; printf 'bad\\n' >&2", send_output: "none yet" };
    const resource = command(directory, { ...fields, creates: directory });
    await resource.settle();
    assert.deepEqual(resource.sent, [{ output: "none yet", stdout: undefined, stderr: undefined }]);
    const running = command(directory, fields);
    await running.settle();
    assert.deepEqual(running.said.toSorted(), ["one", "stderr: bad", "two"]);
    const written = { output: "one\ntwobad\n", stdout: "one\ntwo", stderr: "bad\n" };
    assert.deepEqual(running.sent.at(-1), written);
    const again = command(directory, { ...fields, creates: directory });
    assert.deepEqual(await again.settle(), []);
    assert.deepEqual(again.sent, [written]);
  }));

test("a failure names the command, its status and the end of its errors", () =>
  inDirectory(async (directory) => {
    const failing = command(directory, { cmd: "for i in 1 2 3 4; do echo line $i >&2; done; exit 3" });
    await assert.rejects(failing.settle(), {
      message:
        'the command "for i in 1 2 3 4; do echo line $i >&2; done; exit 3" failed with status 3: ' +
        "line 2 / line 3 / line 4",
      code: "command-failed",
    });
    await assert.rejects(command(directory, { shell: "", cmd: "/no/such/program" }).settle(), { code: "not-found" });
    await assert.rejects(command(directory, { cmd: "true", donecmd: "/bin/false" }).settle(), {
      message: 'the command "/bin/false" failed with status 1',
    });
  }));

test("a command whose time is up gets its signal", () =>
  inDirectory(async (directory) => {
    const controller = new AbortController();
    const cmd = `trap 'echo told > ${directory}/told; exit 1' INT; echo ready; while :; do sleep 0.01; done`;
    const resource = command(directory, { cmd, sig: "SIGINT" }, controller.signal);
    const reason = new Error("time is up");
    const settling = resource.settle();
    const stopping = (async () => {
      const watching = linuxHost().files.watch([{ path: directory }], AbortSignal.timeout(10_000));
      while (resource.said.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await watching.return?.();
      controller.abort(reason);
    })();
    await assert.rejects(settling, reason);
    await stopping;
    assert.equal(readFileSync(join(directory, "told"), "utf8"), "told\n");
  }));

test("a watch tells of lines of watchcmd and of changed files, and fails when watchcmd ends", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "file");
    const resource = command(directory, {
      cmd: "true",
      watchcmd: `while ! test -e ${directory}/go; do sleep 0.01; done; echo; echo line; while ! test -e ${directory}/end; do sleep 0.01; done`,
      watchshell: "/bin/sh",
      watchfiles: [path],
      env: new Map([["PATH", "/usr/bin:/bin"]]),
    });
    const watch = resource.watch();
    assert.equal((await watch.next()).done, false, "armed");
    writeFileSync(path, "");
    assert.equal((await watch.next()).done, false);
    writeFileSync(join(directory, "go"), "");
    assert.equal((await watch.next()).done, false);
    writeFileSync(join(directory, "end"), "");
    await assert.rejects(
      async () => {
        // The file may be told of more than once.
        while ((await watch.next()).done !== true);
      },
      { code: "command-failed", message: /of `watchcmd` has ended$/ },
    );
  }));

test("a flood of output is told as it comes, and its end is kept", () =>
  inDirectory(async (directory) => {
    const lines = 300_000;
    const resource = command(directory, { cmd: `seq 1 ${lines}; echo bad >&2`, env: path });
    await resource.settle();
    assert.equal(resource.said.length, lines + 1);
    const sent = resource.sent.at(-1)?.stdout;
    assert.ok(typeof sent === "string" && sent.length <= 1024 * 1024 && sent.endsWith(`\n${lines}\n`));
    assert.equal(resource.sent.at(-1)?.stderr, "bad\n");
  }));

test("lines are told while the command still runs", () =>
  inDirectory(async (directory) => {
    const go = join(directory, "go");
    const resource = command(directory, {
      cmd: `echo first; while ! test -e ${go}; do sleep 0.01; done; echo second`,
      env: path,
    });
    const settling = resource.settle();
    while (resource.said.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(resource.said, ["first"]);
    writeFileSync(go, "");
    await settling;
    assert.deepEqual(resource.said, ["first", "second"]);
  }));

test("the signal goes to everything that the command has started", () =>
  inDirectory(async (directory) => {
    const controller = new AbortController();
    const told = (name: string) => `trap 'echo told > ${directory}/${name}; exit 1' USR1`;
    const wait = "while :; do sleep 0.01; done";
    const cmd = `(${told("child")}; echo ready; ${wait}) & ${told("parent")}; echo ready; ${wait}`;
    const resource = command(directory, { cmd, sig: "SIGUSR1", env: path }, controller.signal);
    const settling = resource.settle();
    while (resource.said.length < 2) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error("time is up"));
    await assert.rejects(settling, { message: "time is up" });
    assert.ok(existsSync(join(directory, "child")) && existsSync(join(directory, "parent")));
  }));

test("what it leaves in the background does not hold it up", () =>
  inDirectory(async (directory) => {
    const resource = command(directory, { cmd: `sleep 60 & echo $! > ${directory}/pid; echo done`, env: path });
    const started = performance.now();
    await resource.settle();
    assert.ok(performance.now() - started < 10_000);
    process.kill(Number(readFileSync(join(directory, "pid"), "utf8")));
    assert.deepEqual(resource.said, ["done"]);
  }));

test("a command of another user has the user's groups and nothing of root's", (context) =>
  inDirectory(async (directory) => {
    if (process.getuid?.() !== 0) {
      notTried(context, "only root runs commands as somebody else");
      return;
    }
    const ids = async (fields: AnyWant) => {
      const resource = command(directory, { cmd: "id -u; id -g; id -G", env: path, ...fields });
      await resource.settle();
      return resource.said.join(" ");
    };
    assert.equal(await ids({ user: "nobody" }), "65534 65534 65534");
    assert.equal(await ids({ user: "65534", group: "daemon" }), "65534 1 1");
    assert.equal(await ids({ group: "daemon" }), "0 1 1");
  }));

proves("exec", "real part");
