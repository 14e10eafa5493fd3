// SPDX-License-Identifier: Apache-2.0
// Keys of users of a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, type DriveOptions, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { authorizedKey } from "./authorized-key.ts";

const one = "AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const alice = `ssh-ed25519 ${one} alice`;
const file = "/srv/alice/.ssh/authorized_keys";

function machine(uid = 0): MemoryHost {
  const host = memoryHost({ uid });
  host.outside.write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/srv/alice:/bin/sh\n");
  host.outside.makeDirectory("/srv/alice");
  host.outside.setOwner("/srv/alice", 1000, 1000);
  return host;
}

function settle(host: MemoryHost, fields: AnyWant, name = alice, options?: DriveOptions): Promise<readonly string[]> {
  return converge(authorizedKey, name, { state: "exists", ...fields }, host, options);
}

async function stateOf(
  host: MemoryHost,
  path: string,
): Promise<Readonly<Record<"mode" | "uid" | "gid", number | undefined>>> {
  const state = await host.files.inspect(path, new AbortController().signal);
  return { mode: state?.mode, uid: state?.uid, gid: state?.gid };
}

test("a key of another user is added for that user alone", async () => {
  const host = machine();
  assert.deepEqual(await settle(host, { user: "alice" }), [
    "+ make the directory /srv/alice/.ssh, mode 0700, owner 1000",
    "+ add the key ssh-ed25519 …BwcHBwcH (alice) to a new file",
  ]);
  assert.equal(host.outside.read(file), `${alice}\n`);
  assert.deepEqual(await stateOf(host, "/srv/alice/.ssh"), { mode: 0o700, uid: 1000, gid: 1000 });
  assert.deepEqual(await stateOf(host, file), { mode: 0o600, uid: 1000, gid: 1000 });
});

test("parts make the same line as the whole", async () => {
  const host = machine();
  await settle(host, { user: "alice" });
  const parts = { user: "alice", type: "ssh-ed25519", key: one, comment: "alice" };
  assert.deepEqual(await settle(host, parts, "by parts"), []);
  assert.deepEqual(await settle(host, { user: "alice", content: alice }, "whole"), []);
  assert.deepEqual(await settle(host, { file: "~alice/.ssh/authorized_keys" }), []);
  const steps = await settle(host, { ...parts, options: ["no-pty", 'from="10.0.0.1"'] }, "by parts");
  assert.deepEqual(steps, ["~ change the line of the key ssh-ed25519 …BwcHBwcH (alice)"]);
  assert.equal(host.outside.read(file), `no-pty,from="10.0.0.1" ${alice}\n`);
});

test("a key that must be absent goes with every line of it", async () => {
  const host = machine();
  host.outside.makeDirectory("/srv/alice/.ssh");
  host.outside.write(file, `# keys\n${alice}\nno-pty ${alice} again`);
  assert.deepEqual(await settle(host, { user: "alice", state: "absent" }), [
    "- remove the key ssh-ed25519 …BwcHBwcH (alice) (there 2 times)",
  ]);
  assert.equal(host.outside.read(file), "# keys\n");
  host.outside.remove("/srv/alice/.ssh");
  assert.deepEqual(await settle(host, { user: "alice", state: "absent" }), []);
  assert.equal(host.outside.exists("/srv/alice/.ssh"), false);
});

test("lines of one key that several resources want stay side by side", async () => {
  const host = machine();
  const narrow = { user: "alice", state: "exists", content: `from="10.0.0.1" ${alice}` };
  const wide = { user: "alice", state: "exists", content: `no-pty ${alice}` };
  await settle(host, narrow, "narrow", { peers: [{ name: "wide", fields: wide }] });
  await settle(host, wide, "wide", { peers: [{ name: "narrow", fields: narrow }] });
  assert.equal(host.outside.read(file), `${narrow.content}\n${wide.content}\n`);
  assert.deepEqual(await settle(host, narrow, "narrow", { peers: [{ name: "wide", fields: wide }] }), []);
});

test("a file that the server would not trust is made safe", async () => {
  const host = machine();
  await settle(host, { user: "alice" });
  host.outside.setMode(file, 0o666);
  host.outside.setOwner(file, 77, 1000);
  assert.deepEqual(await settle(host, { user: "alice" }), ["~ set mode 0644 (was 0666), set owner 1000 (was 77)"]);
  assert.deepEqual(await stateOf(host, file), { mode: 0o644, uid: 1000, gid: 1000 });
});

test("root is not led out of the home of a user by a symbolic link", async () => {
  for (const link of ["/srv/alice/.ssh", file]) {
    const host = machine();
    host.outside.makeDirectory("/root/.ssh");
    host.outside.write("/root/.ssh/authorized_keys", "root's\n");
    if (link === file) host.outside.makeDirectory("/srv/alice/.ssh");
    host.outside.link(link, link === file ? "/root/.ssh/authorized_keys" : "/root/.ssh");
    const resource = drive(authorizedKey, alice, { state: "exists", user: "alice" }, host);
    await assert.rejects(resource.settle(), { code: "conflict" });
    assert.equal(host.outside.read("/root/.ssh/authorized_keys"), "root's\n");
  }
});

test("one's own symbolic links are followed", async () => {
  const host = machine(1000);
  host.outside.makeDirectory("/srv/alice/dotfiles");
  host.outside.setOwner("/srv/alice/dotfiles", 1000, 1000);
  host.outside.link("/srv/alice/.ssh", "dotfiles");
  await settle(host, {});
  assert.equal(host.outside.read("/srv/alice/dotfiles/authorized_keys"), `${alice}\n`);
  assert.equal((await host.files.inspect("/srv/alice/.ssh", new AbortController().signal))?.kind, "symlink");
});

test("a directory is only made when that is wanted, and a missing user is told", async () => {
  const host = machine();
  await assert.rejects(settle(host, { user: "alice", mkdir: false }), { code: "not-found" });
  const resource = drive(authorizedKey, alice, { state: "exists", user: "bob" }, host);
  assert.deepEqual((await resource.plan()).map(renderStep), ["! the user bob does not exist or has no home directory"]);
});

test("a change behind its back is told", async () => {
  const host = machine();
  const stop = new AbortController();
  const resource = drive(authorizedKey, alice, { state: "exists", user: "alice" }, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  host.outside.write(file, "");
  await watch.next();
  assert.deepEqual(await resource.settle(), ["+ add the key ssh-ed25519 …BwcHBwcH (alice)"]);
  stop.abort();
});

test("mistakes are found before anything is touched", () => {
  const check = (fields: AnyWant, name: string, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(authorizedKey, name, { state: "exists", ...fields }), titles);
  check({}, alice);
  check({ state: "" }, alice, "a key needs a `state`");
  check({ file: "keys" }, alice, 'the path "keys" is neither absolute nor in a home directory');
  check({}, "alice", "this is no public key: a line has a type, such as ssh-ed25519, and then the key in base64");
  check({ content: alice, comment: "x" }, "a", "`content` is the whole line: `comment` cannot be said beside it");
  check({ type: "ssh-ed25519" }, "a", "a key of parts needs `type` and `key`: there is no `key`");
  check({ options: ["no-pty"] }, alice, "a key of parts needs `type` and `key`: there is no `type`");
  check({ type: "ssh-rsa", key: one }, "a", 'the key is of the type ssh-ed25519, but "ssh-rsa" stands before it');
  const parts = { type: "ssh-ed25519", key: one };
  check(
    { ...parts, options: ["no-pty no-x"] },
    "a",
    "the options before the key have white space outside of quotation marks",
  );
});

test("whatever the file is, one pass settles it, and leaves the other keys", async () => {
  const other = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAwEAAQ== bob";
  const kept = fc.constantFrom(other, "# a comment", "", alice, `no-pty ${alice}`, `ssh-ed25519 ${one} old comment`);
  const there = fc.option(
    fc.record({ lines: fc.array(kept, { maxLength: 5 }), mode: fc.constantFrom(0o600, 0o644, 0o666, 0o4700) }),
    { nil: undefined },
  );
  await fc.assert(
    fc.asyncProperty(
      there,
      fc.constantFrom("exists", "absent"),
      fc.constantFrom<readonly string[]>([], ["no-pty"]),
      async (before, state, options) => {
        const host = machine();
        if (before !== undefined) {
          host.outside.makeDirectory("/srv/alice/.ssh");
          host.outside.setOwner("/srv/alice/.ssh", 1000, 1000);
          host.outside.write(file, before.lines.map((each) => `${each}\n`).join(""));
          host.outside.setOwner(file, 1000, 1000);
          host.outside.setMode(file, before.mode);
        }
        const parts = { user: "alice", type: "ssh-ed25519", key: one, comment: "alice", options };
        await settle(host, { ...parts, state }, "alice's");
        const lines = (host.outside.read(file) ?? "").split("\n");
        const own = options.length === 0 ? alice : `no-pty ${alice}`;
        assert.deepEqual(
          lines.filter((each) => each.includes(one)),
          state === "exists" ? [own] : [],
        );
        const others = (all: readonly string[]) => all.filter((each) => each !== "" && !each.includes(one));
        assert.deepEqual(others(lines), others(before?.lines ?? []));
      },
    ),
    { numRuns: 300 },
  );
});

proves("ssh:authorized_key", "twice", "outside change", "bad values", "random starts");
