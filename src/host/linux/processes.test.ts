// SPDX-License-Identifier: Apache-2.0
// What only real processes do: groups, children in the background, pipes that can be opened again.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { after, describe, it } from "node:test";
import { textOf } from "../../values/bytes.ts";
import { fails, never } from "../bench.test-support.ts";
import { linuxProcesses } from "./processes.ts";

const directory = mkdtempSync(`${os.tmpdir()}/mgmt-test-`);
after(() => rmSync(directory, { recursive: true }));

const processes = linuxProcesses({ stopWithinMs: 100 });
const sh = (script: string) => ({ argv: ["sh", "-c", script] }) as const;

describe("real commands", () => {
  it("a command may open /dev/stdout and /dev/stderr", async () => {
    const outcome = await processes.run(sh("echo a > /dev/stdout; echo b > /dev/stderr; echo c"), never());
    assert.equal(textOf(outcome.stdout), "a\nc\n");
    assert.equal(textOf(outcome.stderr), "b\n");
  });

  it("children in the background are not waited for, and what was written is read", { timeout: 10_000 }, async () => {
    const script = "sleep 7201 & echo $!; head -c 50000 /dev/zero | tr '\\0' x";
    const outcome = await processes.run(sh(script), never());
    const [pid = "", rest = ""] = textOf(outcome.stdout).split("\n");
    assert.equal(rest.length, 50_000);
    assert.ok(alive(Number(pid)), "it was only left alone");
    process.kill(Number(pid));
  });

  it("nothing that a stopped command has started survives", { timeout: 10_000 }, async () => {
    for (const script of [
      "sleep 7202 & echo $!; wait",
      "(trap '' TERM; sleep 7203; sleep 7203) & echo $!; sleep 7203",
      "trap '' TERM HUP; sleep 7204 & echo $!; wait; sleep 7204",
    ]) {
      const stopping = new AbortController();
      let pid = 0;
      const onOutput = (_: string, bytes: Uint8Array) => {
        pid = Number(textOf(bytes));
        stopping.abort(new Error("enough"));
      };
      await assert.rejects(processes.run({ ...sh(script), onOutput }, stopping.signal), /^Error: enough$/);
      assert.ok(pid > 1);
      assert.equal(alive(pid), false, script);
    }
  });

  it("the stop signal is the one that was asked for", async () => {
    const stopping = new AbortController();
    const heard: string[] = [];
    const script = "trap 'echo stopped; exit 0' USR1; echo ready; while :; do sleep 0.01; done";
    const onOutput = (stream: string, bytes: Uint8Array) => {
      if (stream === "stdout") heard.push(textOf(bytes)); // On stderr the shell tells how its child died.
      stopping.abort(new Error("enough"));
    };
    const running = processes.run({ ...sh(script), stopSignal: "SIGUSR1", onOutput }, stopping.signal);
    await assert.rejects(running, /^Error: enough$/);
    assert.deepEqual(heard, ["ready\n", "stopped\n"]);
  });

  it("a command that a signal has ended says which", async () => {
    const outcome = await processes.run(sh("kill -QUIT $$"), never());
    assert.equal(outcome.status, undefined);
    assert.equal(outcome.endedBy, "SIGQUIT");
  });

  it("a file that is no program says what is wrong with it", async () => {
    const run = (path: string) => processes.run({ argv: [path] }, never());
    writeFileSync(`${directory}/plain`, "x");
    writeFileSync(`${directory}/orphan`, "#!/no/such/interpreter\n");
    chmodSync(`${directory}/orphan`, 0o755);
    await fails("denied", run(`${directory}/plain`), "plain");
    await fails("not-found", run(`${directory}/orphan`), "interpreter");
    await fails("is-a-directory", run(directory), "directory");
    await fails("not-a-directory", run(`${directory}/plain/deeper`), "deeper");
    await fails("too-large", processes.run({ argv: ["true", "x".repeat(3_000_000)] }, never()), "too long");
  });

  it("no file of ours is open in a command", async () => {
    const { stdout } = await processes.run({ argv: ["ls", "/proc/self/fd"] }, never());
    const inherited = [...textOf(stdout).trim().split("\n")].filter((descriptor) => openAtStart(descriptor));
    assert.deepEqual(inherited, ["0", "1", "2", "3"], "3 is the directory that ls itself reads");
  });
});

/** Descriptors that whoever started the tests has left open go through to every command. */
function openAtStart(descriptor: string): boolean {
  return Number(descriptor) < 10;
}

/** Dead ones that nobody has asked for yet do not count. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
