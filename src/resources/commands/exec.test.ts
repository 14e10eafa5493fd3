// SPDX-License-Identifier: Apache-2.0
// When a command runs, with what, and what is sent; programs are functions of the machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { drive } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost, type ProgramCall } from "../../host/memory/index.ts";
import { exec } from "./exec.ts";

/** A machine on which `work` notes each of its calls, and `yes` and `no` say so. */
function machine(): { readonly host: MemoryHost; readonly calls: ProgramCall[] } {
  const host = memoryHost();
  const calls: ProgramCall[] = [];
  host.outside.install("work", (call) => {
    calls.push(call);
    call.print("done\n");
    return 0;
  });
  host.outside.install("yes", (call) => {
    call.print("yes\n");
    call.complain("warning\n");
    return 0;
  });
  host.outside.install("no", () => 1);
  return { host, calls };
}

async function check(fields: AnyWant, runs: boolean): Promise<void> {
  const { host } = machine();
  const resource = drive(exec, "work", fields, host);
  assert.deepEqual(resource.check(), []);
  assert.deepEqual(await resource.settle(), runs ? ["! run work"] : [], JSON.stringify(fields));
}

test("it runs when every condition allows it", async () => {
  await check({}, true);
  await check({ ifcmd: "yes" }, true);
  await check({ ifcmd: "no" }, false);
  await check({ nifcmd: "yes" }, false);
  await check({ nifcmd: "no" }, true);
  await check({ ifcmd: "yes", nifcmd: "yes" }, false);
  await check({ ifcmd: "yes", ifequals: "yes\nwarning\n" }, false);
  await check({ ifcmd: "yes", ifequals: "yes\n" }, true);
  await check({ ifcmd: "yes", ifequals_stdout: "yes\n" }, false);
  await check({ ifcmd: "no", ifequals: "" }, false);
  await check({ creates: "/etc/passwd" }, false);
  await check({ creates: "/etc/none" }, true);
  await check({ mtimes: ["/etc/passwd"], creates: "/etc/passwd" }, true);
});

test("the command gets its arguments, directory, environment and user", async () => {
  const { host, calls } = machine();
  host.outside.addUser("www", 33);
  host.outside.addGroup("web", 34);
  const env = new Map([["HOME", "/srv"]]);
  const fields = { args: ["a b", ""], cwd: "/tmp", env, user: "www", group: "web" };
  await drive(exec, "work", fields, host).settle();
  const [call] = calls;
  assert.deepEqual(call?.argv, ["work", "a b", ""]);
  assert.deepEqual([call?.cwd, call?.uid, call?.gid], ["/tmp", 33, 34]);
  assert.deepEqual([...(call?.env ?? [])], [["HOME", "/srv"]]);
});

test("a command runs with the first group of its user, unless another one is given", async () => {
  const { host, calls } = machine();
  host.outside.addUser("www", 33);
  for (const fields of [{ user: "www" }, { user: "33" }, { user: "www", group: "0" }, { user: "77" }]) {
    await drive(exec, "work", fields, host).settle();
  }
  assert.deepEqual(
    calls.map(({ uid, gid }) => [uid, gid]),
    [
      [33, 33],
      [33, 33],
      [33, 0],
      [77, 0],
    ],
  );
});

test("only root runs commands as somebody else", async () => {
  const host = memoryHost({ uid: 1000 });
  const options = { stateDirectory: "/tmp/state" };
  host.outside.addUser("me", 1000);
  host.outside.addUser("www", 33);
  await assert.rejects(drive(exec, "true", { user: "www" }, host, options).settle(), {
    message: "cannot run a command as user www",
    code: "denied",
  });
  await assert.rejects(drive(exec, "true", { user: "nobody-known" }, host, options).settle(), {
    message: "there is no user named nobody-known",
  });
});

test("whatever the conditions and whatever is there, it runs as the conditions say, and then as long as they do", async () => {
  const guards = fc.record({
    ifcmd: fc.constantFrom("", "yes", "no"),
    ifequals: fc.constantFrom(undefined, "", "yes\nwarning\n"),
    ifequals_stdout: fc.constantFrom(undefined, "yes\n", "no"),
    nifcmd: fc.constantFrom("", "yes", "no"),
    creates: fc.constantFrom("", "/made", "/there"),
    mtimes: fc.constantFrom<readonly string[]>([], ["/etc/passwd"]),
  });
  await fc.assert(
    fc.asyncProperty(guards, fc.boolean(), async (fields, isMade) => {
      const { host, calls } = machine();
      host.outside.install("make", (call) => {
        calls.push(call);
        host.outside.write("/made", "x");
        return 0;
      });
      host.outside.write("/there", "x");
      if (isMade) host.outside.write("/made", "x");
      const allowed = (made: boolean) =>
        (fields.ifcmd === "" ||
          (fields.ifcmd === "yes" && fields.ifequals !== "yes\nwarning\n" && fields.ifequals_stdout !== "yes\n")) &&
        fields.nifcmd !== "yes" &&
        fields.creates !== "/there" &&
        !(fields.creates === "/made" && made);
      const first = allowed(isMade) || fields.mtimes.length > 0;
      const resource = drive(exec, "make", fields, host);
      await resource.settle();
      assert.equal(calls.length, first ? 1 : 0);
      const second = allowed(isMade || first);
      await resource.settle();
      assert.equal(calls.length, Number(first) + Number(second));
      await host.clock.advance(1_000);
      if (fields.mtimes.length > 0) {
        host.outside.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        assert.equal((await resource.plan()).length, 1);
      }
      assert.equal(resource.sent.length > 0, true);
    }),
    { numRuns: 400 },
  );
});

test("a run whose donecmd fails is a failure, and nothing of it is kept", async () => {
  const { host } = machine();
  const resource = drive(exec, "work", { donecmd: "no", send_stdout: "nothing yet" }, host);
  await assert.rejects(resource.settle(), { message: 'the command "no" failed with status 1' });
  assert.deepEqual(resource.sent.at(-1), { output: undefined, stdout: "nothing yet", stderr: undefined });
});

test("before a run old values are sent only once, after it the new ones", async () => {
  const { host } = machine();
  const resource = drive(exec, "work", {}, host);
  await resource.settle();
  await resource.settle();
  assert.deepEqual(
    resource.sent.map((values) => values.stdout),
    [undefined, "done\n", "done\n"],
  );
});

test("what is kept of a run that cannot be read counts as no run", async () => {
  const { host } = machine();
  host.outside.makeDirectory("/var/lib/mgmt/test");
  host.outside.write("/var/lib/mgmt/test/last-run.json", '{"version":1,"beganMs":"x"}');
  const resource = drive(exec, "work", { creates: "/etc/passwd", send_output: "fresh" }, host);
  await resource.settle();
  assert.equal(resource.sent[0]?.output, "fresh");
});

test("a long command is shown by its beginning", async () => {
  const { host } = machine();
  const resource = drive(exec, "x", { shell: "work", cmd: "first line\nsecond line" }, host);
  assert.deepEqual(await resource.settle(), ["! run first line…"]);
});

test("without anything to watch it is watching at once, until it is told to stop", async () => {
  const { host } = machine();
  const controller = new AbortController();
  const resource = drive(exec, "work", {}, host, { signal: controller.signal });
  const watch = resource.watch();
  assert.equal((await watch.next()).done, false);
  const next = watch.next();
  controller.abort();
  assert.equal((await next).done, true);
});

test("what a command makes is watched, and its removal makes it run again", async () => {
  const { host } = machine();
  host.outside.install("make", (call) => {
    host.outside.write("/tmp/made", call.argv.join(" "));
    return 0;
  });
  const resource = drive(exec, "make", { creates: "/tmp/made" }, host);
  const watch = resource.watch();
  await watch.next();
  assert.deepEqual(await resource.settle(), ["! run make"]);
  await watch.next();
  assert.deepEqual(await resource.settle(), []);
  host.outside.remove("/tmp/made");
  await watch.next();
  assert.deepEqual(await resource.settle(), ["! run make"]);
  await watch.return?.();
});

proves("exec", "twice", "outside change", "random starts");

const runs = "it says how a command runs";
const ways = "it says how `watchcmd`, `ifcmd`, `nifcmd` or `donecmd` runs";
const sent = "it says what is sent before anything was written";
const flag = "/tmp/flag";

eachField("exec", {
  machine: () => {
    const made = machine();
    const { outside } = made.host;
    outside.write("/etc/app.conf", "");
    outside.install("work", () => {
      outside.write(flag, "done");
      return 0;
    });
    outside.install("is-done", ({ print }) => {
      print(outside.read(flag) ?? "");
      return outside.read(flag) === "done" ? 0 : 1;
    });
    outside.install("is-not-done", ({ print }) => {
      print(outside.read(flag) ?? "");
      return outside.read(flag) === "done" ? 1 : 0;
    });
    outside.install("show", ({ print }) => {
      print(outside.read(flag) ?? "");
      return 0;
    });
    return made;
  },
  name: "work",
  changes: {
    watchfiles: {
      fields: { watchfiles: ["/tmp/"], nifcmd: "is-done" },
      outside: ({ host }) => host.outside.write(flag, "undone"),
      repair: ["! run work"],
    },
    watchcmd: {
      fields: { watchcmd: "tell", nifcmd: "is-done" },
      before: ({ host }) =>
        host.outside.install("tell", async ({ print, signal }) => {
          const watch = host.files.watch([{ path: flag }], signal);
          for await (const _ of watch) print("something\n");
          return 0;
        }),
      outside: ({ host }) => host.outside.remove(flag),
      repair: ["! run work"],
    },
    ifcmd: {
      fields: { watchfiles: [flag], ifcmd: "is-not-done" },
      outside: ({ host }) => host.outside.remove(flag),
      repair: ["! run work"],
    },
    ifequals: {
      fields: { watchfiles: [flag], ifcmd: "show", ifequals: "done" },
      outside: ({ host }) => host.outside.write(flag, "other"),
      repair: ["! run work"],
    },
    ifequals_stdout: {
      fields: { watchfiles: [flag], ifcmd: "show", ifequals_stdout: "done" },
      outside: ({ host }) => host.outside.write(flag, "other"),
      repair: ["! run work"],
    },
    nifcmd: {
      fields: { watchfiles: [flag], nifcmd: "is-done" },
      outside: ({ host }) => host.outside.remove(flag),
      repair: ["! run work"],
    },
    creates: { fields: { creates: flag }, outside: ({ host }) => host.outside.remove(flag), repair: ["! run work"] },
    mtimes: {
      fields: { creates: flag, mtimes: ["/etc/app.conf"] },
      outside: async ({ host }) => {
        await host.clock.advance(2_000);
        host.outside.write("/etc/app.conf", "other");
      },
      repair: ["! run work"],
    },
  },
  parameters: {
    ...{ cmd: runs, args: runs, cwd: runs, shell: runs, env: runs, sig: runs, user: runs, group: runs },
    ...{ watchcwd: ways, watchshell: ways, ifcwd: ways, ifshell: ways, nifcwd: ways, nifshell: ways },
    ...{ donecmd: "it says when a run has succeeded", donecwd: ways, doneshell: ways },
    ...{ send_output: sent, send_stdout: sent, send_stderr: sent },
  },
});
