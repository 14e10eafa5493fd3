// SPDX-License-Identifier: Apache-2.0
// What every host must do with commands, users, time and chance, as cases that run on each.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { gunzipSync } from "node:zlib";
import type { Outcome } from "../contract/host.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { benches, fails, type MakeBench, never, notTried } from "./bench.test-support.ts";

export function commandContract(name: string, makeBench: MakeBench): void {
  describe(`commands of ${name}`, () => {
    const { check } = benches(makeBench);

    check("a command ends with its status and its output", async ({ host, commands }) => {
      const outcome = await host.processes.run({ argv: commands.speakAndFail }, never());
      assert.deepEqual(plain(outcome), { status: 3, endedBy: undefined, stdout: "out\n", stderr: "err\n" });
      assert.deepEqual([...textOf(outcome.output).split("\n")].sort(), ["", "err", "out"]);
      assert.equal((await host.processes.run({ argv: ["true"] }, never())).status, 0);
      assert.equal((await host.processes.run({ argv: ["/usr/bin/false"] }, never())).status, 1);
    });

    check("arguments arrive as they are, without a shell", async ({ host }) => {
      const { stdout } = await host.processes.run({ argv: ["echo", "$HOME", "a  b", "*", ";", "é"] }, never());
      assert.equal(textOf(stdout), "$HOME a  b * ; é\n");
    });

    check("a command reads its input, and none when there is none", async ({ host }) => {
      const input = new Uint8Array(300_000).fill(97);
      const { stdout } = await host.processes.run({ argv: ["cat"], input }, never());
      assert.deepEqual(Uint8Array.from(stdout), input);
      assert.equal((await host.processes.run({ argv: ["cat"] }, never())).stdout.length, 0);
      assert.equal((await host.processes.run({ argv: ["true"], input }, never())).status, 0);
    });

    check("output is told as it comes and kept from its end", async ({ host }) => {
      const pieces: string[] = [];
      const outcome = await host.processes.run(
        {
          argv: ["cat"],
          input: bytesOf("0123456789".repeat(1000)),
          keepBytes: 15,
          onOutput: (stream, bytes) => pieces.push(`${stream} ${textOf(bytes)}`),
        },
        never(),
      );
      assert.equal(textOf(outcome.stdout), "567890123456789");
      assert.equal(pieces.join("").replaceAll("stdout ", ""), "0123456789".repeat(1000));
    });

    check("the environment is complete when it is given", async ({ host, commands }) => {
      const env = new Map([
        ["A", "1 2"],
        ["EMPTY", ""],
      ]);
      const { stdout } = await host.processes.run({ argv: commands.environment, env }, never());
      assert.equal(textOf(stdout), "A=1 2\nEMPTY=\n");
      const inherited = await host.processes.run({ argv: commands.environment }, never());
      assert.match(textOf(inherited.stdout), /^PATH=/m);
    });

    check("a command runs where it is told to", async ({ host, directory, others, commands }) => {
      const run = (cwd: string) => host.processes.run({ argv: commands.workingDirectory, cwd }, never());
      others.write(`${directory}/file`, "x");
      assert.equal(textOf((await run(directory)).stdout), `${directory}\n`);
      await fails("not-found", run(`${directory}/missing`), `${directory}/missing: that directory does not exist`);
      await fails("not-a-directory", run(`${directory}/file`), `${directory}/file`);
    });

    check("a command that cannot be started says why", async ({ host, directory }) => {
      const run = (...argv: [string, ...string[]]) => host.processes.run({ argv }, never());
      await fails("not-found", run("no-such-command"), "the command no-such-command is not installed or not in PATH");
      await fails("not-found", run(`${directory}/missing`), `${directory}/missing does not exist`);
      await fails("invalid", run("echo", "null\0byte"), "null byte");
      await fails("unsupported", run("echo", "\udcff"), "not UTF-8");
      const stopSignal = "TERM";
      await fails("invalid", host.processes.run({ argv: ["true"], stopSignal }, never()), "no signal TERM");
      const lines = host.processes.lines({ argv: ["no-such-command"] }, never());
      await fails("not-found", lines.next(), "no-such-command");
    });

    check("a command that is stopped ends at once", async ({ host, pass }) => {
      const stopping = new AbortController();
      const running = host.processes.run({ argv: ["sleep", "3600"] }, stopping.signal);
      const stopped = assert.rejects(running, /^Error: enough$/);
      await pass(10);
      stopping.abort(new Error("enough"));
      await stopped;
    });

    check("a command that does not want to stop is killed", async ({ host, commands, pass, stopWithinMs }) => {
      const stopping = new AbortController();
      const { promise: ready, resolve } = Promise.withResolvers<void>();
      const running = host.processes.run({ argv: commands.stubborn, onOutput: () => resolve() }, stopping.signal);
      const stopped = assert.rejects(running, /^Error: enough$/);
      await ready;
      stopping.abort(new Error("enough"));
      await pass(stopWithinMs);
      await stopped;
    });

    check("all commands are killed at once, those that do not want to stop as well", async ({ host, commands }) => {
      const { promise: ready, resolve } = Promise.withResolvers<void>();
      const stubborn = host.processes.run({ argv: commands.stubborn, onOutput: () => resolve() }, never());
      const other = host.processes.run({ argv: ["cat"], input: bytesOf("x") }, never());
      await ready;
      await other;
      host.processes.killAll();
      assert.equal((await stubborn).endedBy, "SIGKILL");
      host.processes.killAll();
    });

    check("lines come one by one until the command ends", async ({ host }) => {
      const lines: string[] = [];
      const input = bytesOf("one\n\ntwo\nthree");
      for await (const line of host.processes.lines({ argv: ["cat"], input }, never())) lines.push(line);
      assert.deepEqual(lines, ["one", "", "two", "three"]);
      const many: string[] = [];
      const command = { argv: ["cat"], input: bytesOf("line\n".repeat(20_000)) } as const;
      for await (const line of host.processes.lines(command, never())) many.push(line);
      assert.equal(many.length, 20_000);
    });

    check(
      "lines end, and their command with them, when nobody wants more",
      async ({ host, commands, pass, stopWithinMs }) => {
        const stopping = new AbortController();
        const aborted = host.processes.lines({ argv: commands.stubborn }, stopping.signal);
        assert.deepEqual(await aborted.next(), { done: false, value: "ready" });
        const end = aborted.next();
        stopping.abort();
        await pass(stopWithinMs);
        assert.deepEqual(await end, { done: true, value: undefined });
        const left = host.processes.lines({ argv: commands.stubborn }, never());
        assert.deepEqual(await left.next(), { done: false, value: "ready" });
        const leaving = left.return?.();
        await pass(stopWithinMs);
        await leaving;
      },
    );
  });
}

export function worldContract(name: string, makeBench: MakeBench): void {
  describe(`users, time and chance of ${name}`, () => {
    const { check } = benches(makeBench);

    check("users and groups are known by name and number", async ({ host }) => {
      const { identity } = host;
      assert.equal(await identity.userId("root", never()), 0);
      assert.equal(await identity.groupId("root", never()), 0);
      assert.equal(await identity.userName(0, never()), "root");
      assert.equal(await identity.groupName(0, never()), "root");
      assert.equal(await identity.userId("54321", never()), 54321);
      assert.equal(await identity.groupId("54321", never()), 54321);
      for (const nobody of ["no-such-user", "", "-1", "4294967295", "99999999999999", "a:b", "\udcff"]) {
        assert.equal(await identity.userId(nobody, never()), undefined);
        assert.equal(await identity.groupId(nobody, never()), undefined);
      }
      assert.equal(await identity.userName(987_654_321, never()), undefined);
      assert.equal(await identity.homeDirectory("root", never()), "/root");
      assert.equal(await identity.primaryGroupId("root", never()), 0);
      assert.equal(await identity.primaryGroupId("0", never()), 0);
      assert.equal(await identity.primaryGroupId("no-such-user", never()), undefined);
      assert.equal(await identity.primaryGroupId("987654321", never()), undefined);
      assert.equal(await identity.homeDirectory("no-such-user", never()), undefined);
      assert.ok((await identity.hostname(never())).length > 0);
      assert.ok(identity.umask >= 0 && identity.umask <= 0o777);
    });

    check("the system tells its load, uptime and environment", async ({ host }) => {
      const load = await host.system.load(never());
      assert.equal(load.length, 3);
      assert.ok(load.every((number) => number >= 0));
      assert.ok((await host.system.uptimeSeconds(never())) >= 0);
      assert.match(host.system.environment("PATH") ?? "", /bin/);
      assert.equal(host.system.environment("NO_SUCH_VARIABLE_HERE"), undefined);
      assert.equal(host.system.environmentVariables().get("PATH"), host.system.environment("PATH"));
      assert.equal(host.system.environmentVariables().has("NO_SUCH_VARIABLE_HERE"), false);
    });

    check("a gzip file is the same each time, and gives the content back", async ({ host }) => {
      const content = bytesOf("hello hello hello ".repeat(500));
      const sizes: number[] = [];
      for (const level of [-2, -1, 0, 1, 9]) {
        const packed = await host.compression.gzip(content, level, never());
        assert.deepEqual(await host.compression.gzip(content, level, never()), packed);
        assert.deepEqual([...packed.subarray(0, 8)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
        assert.deepEqual(new Uint8Array(gunzipSync(packed)), content);
        sizes.push(packed.length);
      }
      const [coded = 0, usual = 0, none = 0, , best = 0] = sizes;
      assert.ok(best <= usual && usual < coded && coded < content.length && content.length < none);
      const stopped = AbortSignal.abort(new Error("stop"));
      await assert.rejects(host.compression.gzip(content, -1, stopped), { message: "stop" });
    });

    check("this process is one of the machine", async ({ host }) => {
      const { process, processors, pageBytes } = host.system;
      for (const number of [process.id, process.parentId, processors])
        assert.ok(Number.isInteger(number) && number > 0);
      assert.ok(pageBytes >= 4096 && Number.isInteger(Math.log2(pageBytes)));
      assert.equal(process.effectiveUserId, host.identity.uid);
      assert.equal(process.effectiveGroupId, host.identity.gid);
      assert.ok(Number.isInteger(process.userId) && Number.isInteger(process.groupId));
      assert.equal(process.arguments[0], process.executable);
      for (const path of [process.executable, process.workingDirectory]) assert.match(path, /^\//);
    });

    check("there are network interfaces, the loopback one among them", async ({ host, lacks }, context) => {
      if (lacks("ip")) return notTried(context, "ip is not installed");
      const interfaces = await host.network.interfaces(never());
      const loopback = interfaces.find(({ name }) => name === "lo");
      assert.ok(loopback?.isLoopback);
      assert.ok(loopback.isUp && !loopback.isWireless);
      assert.ok(loopback.addresses.includes("127.0.0.1/8"));
      assert.equal(new Set(interfaces.map(({ name }) => name)).size, interfaces.length);
      assert.equal(new Set(interfaces.map(({ index }) => index)).size, interfaces.length);
      for (const { index, hardwareAddress, addresses } of interfaces) {
        assert.ok(Number.isInteger(index) && index > 0);
        assert.match(hardwareAddress, /^(?:[0-9a-f]{2}(?::[0-9a-f]{2})*)?$/);
        for (const address of addresses) assert.match(address, /^[0-9a-f.:]+\/[0-9]+$/);
      }
    });

    check(
      "changes of the network begin with a first look and end with their signal",
      async ({ host, lacks }, context) => {
        if (lacks("ip")) return notTried(context, "ip is not installed");
        const stopping = new AbortController();
        const changes = host.network.changes(stopping.signal);
        assert.deepEqual(await changes.next(), { done: false, value: undefined });
        stopping.abort();
        let last: IteratorResult<void> = await changes.next();
        while (last.done !== true) last = await changes.next();
        const left = host.network.changes(never());
        await left.next();
        await left.return?.();
      },
    );

    check("time passes for those who wait for it", async ({ host, pass }) => {
      const { clock } = host;
      const before = clock.monotonicMs();
      const fired: string[] = [];
      const cancel = clock.after(5, () => fired.push("cancelled"));
      clock.after(15, () => fired.push("second"));
      clock.after(5, () => fired.push("first"));
      cancel();
      const sleeping = clock.sleep(20, never());
      await pass(20);
      await sleeping;
      assert.deepEqual(fired, ["first", "second"]);
      assert.ok(clock.monotonicMs() >= before + 20);
      assert.ok(clock.now() > Date.UTC(2020, 0, 1));
      assert.ok(Math.abs(clock.offsetMinutes(clock.now())) <= 14 * 60);
    });

    check("a sleeper that is woken gives the reason", async ({ host, pass }) => {
      const stopping = new AbortController();
      const woken = assert.rejects(host.clock.sleep(3_600_000, stopping.signal), /^Error: enough$/);
      await pass(1);
      stopping.abort(new Error("enough"));
      await woken;
    });

    check("random bytes are as many as asked for, and not the same again", async ({ host }) => {
      assert.equal(host.random.bytes(0).length, 0);
      const one = host.random.bytes(32);
      assert.equal(one.length, 32);
      assert.notDeepEqual(host.random.bytes(32), one);
    });
  });
}

function plain(outcome: Outcome): unknown {
  const { status, endedBy } = outcome;
  return { status, endedBy, stdout: textOf(outcome.stdout), stderr: textOf(outcome.stderr) };
}
