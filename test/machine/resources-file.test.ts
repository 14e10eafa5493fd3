// SPDX-License-Identifier: Apache-2.0
// `file` on a real disk: what it does is read back with Node's own functions, and a second look finds nothing to do.

import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { AnyWant } from "../../src/contract/resource.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { file } from "../../src/resources/files/file.ts";
import { converge, type DriveOptions, drive } from "../resource.ts";

// New files get what it leaves of their mode.
process.umask(0o022);

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Gives each case an empty directory of its own. */
async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-file-"));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function check(path: string, fields: AnyWant, options?: DriveOptions): Promise<readonly string[]> {
  return converge(file, path, fields, linuxHost(), options);
}

function modeOf(path: string): string {
  return (lstatSync(path).mode & 0o7777).toString(8);
}

test("a missing file is made with its content and its mode", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "motd");
    assert.deepEqual(await check(path, { state: "exists", content: "hello world\n", mode: "0640" }), [
      "+ write 12 bytes, mode 0640",
    ]);
    assert.equal(readFileSync(path, "utf8"), "hello world\n");
    assert.equal(modeOf(path), "640");
  }));

test("another content is replaced, whether its size differs or not, and the mode is kept", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "motd");
    writeFileSync(path, "jello world\n", { mode: 0o600 });
    assert.deepEqual(await check(path, { state: "exists", content: "hello world\n" }), ["~ write 12 bytes (was 12)"]);
    assert.equal(modeOf(path), "600");
    assert.deepEqual(await check(path, { content: "" }), ["~ write 0 bytes (was 12)"]);
    assert.equal(readFileSync(path, "utf8"), "");
  }));

test("a file whose content is not declared is made empty, else left alone", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "x");
    assert.deepEqual(await check(path, { state: "exists" }), ["+ make an empty file"]);
    writeFileSync(path, "kept");
    assert.deepEqual(await check(path, { state: "exists" }), []);
    assert.deepEqual(await check(path, {}), []);
    assert.equal(readFileSync(path, "utf8"), "kept");
  }));

test("content of any bytes comes out as it went in", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "bytes");
    await check(path, { state: "exists", content: "a\u0000\udcff\udc80\u00fc" });
    assert.deepEqual([...readFileSync(path)], [0x61, 0x00, 0xff, 0x80, 0xc3, 0xbc]);
  }));

test("a mode with set-id bits, and a symbolic one, are set and stay set", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "x");
    assert.deepEqual(await check(path, { state: "exists", mode: "4755" }), ["+ make an empty file, mode 4755"]);
    assert.equal(modeOf(path), "4755");
    assert.deepEqual(await check(path, { state: "exists", mode: "u-s,go-x" }), ["~ set mode 0744 (was 4755)"]);
    await check(join(directory, "d/"), { state: "exists", mode: "2770" });
    assert.equal(modeOf(join(directory, "d")), "2770");
  }));

test("what must be absent is removed, a full directory only with recursion", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "x");
    writeFileSync(path, "");
    assert.deepEqual(await check(path, { state: "absent" }), ["- remove the file"]);
    assert.deepEqual(await check(path, { state: "absent" }), []);
    mkdirSync(join(directory, "d/e"), { recursive: true });
    await assert.rejects(check(join(directory, "d/"), { state: "absent" }), {
      code: "not-empty",
      hint: "Set `recurse => true` to remove it with everything in it.",
    });
    assert.deepEqual(await check(join(directory, "d/"), { state: "absent", recurse: true }), [
      "- remove the directory and what is in it: e",
    ]);
    assert.equal(existsSync(join(directory, "d")), false);
  }));

test("a missing parent is told, or made with recursion", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "a/b/c");
    await assert.rejects(check(path, { state: "exists", content: "x" }), {
      message: `cannot make ${path}: the directory ${join(directory, "a/b")} does not exist`,
      code: "not-found",
    });
    await assert.rejects(check(`${path}/`, { state: "exists" }), { code: "not-found" });
    assert.deepEqual(await check(`${path}/`, { state: "exists", recurse: true, mode: "0700" }), [
      "+ make the directory and the directories above it, mode 0700",
    ]);
    assert.equal(modeOf(path), "700");
    assert.equal(modeOf(join(directory, "a")), "755");
    assert.deepEqual(await check(join(directory, "q/r"), { state: "exists", content: "x", recurse: true }), [
      `+ make the directory ${join(directory, "q")}/ and the directories above it`,
      "+ write 1 byte",
    ]);
  }));

test("content for a missing file whose state is not given is refused", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "x");
    await assert.rejects(check(path, { content: "x" }), {
      message: `${path} does not exist, and \`state\` does not say that it should`,
    });
    await assert.rejects(check(path, { mode: "0600" }), { code: "not-found" });
    assert.equal(existsSync(path), false);
  }));

test("a thing of another sort is only replaced by force", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "x");
    mkdirSync(path);
    writeFileSync(join(path, "inner"), "");
    await assert.rejects(check(path, { state: "exists", content: "x" }), {
      message: `${path} is a directory, not a file`,
      code: "conflict",
    });
    assert.deepEqual(await check(path, { state: "exists", content: "x", force: true }), [
      "- remove the directory and what is in it: inner",
      "+ write 1 byte",
    ]);
    await assert.rejects(check(`${path}/`, { state: "exists" }), { message: `${path} is a file, not a directory` });
    assert.deepEqual(await check(`${path}/`, { state: "exists", force: true }), [
      "- remove the file",
      "+ make the directory",
    ]);
  }));

test("a symbolic link is written through, and kept", () =>
  inDirectory(async (directory) => {
    mkdirSync(join(directory, "real"));
    writeFileSync(join(directory, "real/file"), "old");
    symlinkSync("real", join(directory, "way"));
    symlinkSync("way/file", join(directory, "link"));
    assert.deepEqual(await check(join(directory, "link"), { content: "new!" }), ["~ write 4 bytes (was 3)"]);
    assert.equal(readlinkSync(join(directory, "link")), "way/file");
    assert.equal(readFileSync(join(directory, "real/file"), "utf8"), "new!");
    assert.deepEqual(await check(join(directory, "way/"), { state: "exists", mode: "0700" }), [
      "~ set mode 0700 (was 0755)",
    ]);
  }));

test("a symbolic link that leads nowhere is replaced by force", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "link");
    symlinkSync("nowhere", path);
    for (const fields of [{ state: "exists" }, { state: "exists", content: "x" }]) {
      await assert.rejects(check(path, fields), { message: `${path} is a symbolic link to nowhere, not a file` });
    }
    assert.deepEqual(await check(path, { state: "exists", content: "x", force: true }), [
      "~ write 1 byte in place of the symbolic link",
    ]);
    assert.equal(lstatSync(path).isFile(), true);
  }));

test("a declared symbolic link has its text, its target's mode, and goes again", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "link");
    const fields = { state: "exists", symlink: true, source: "target" };
    assert.deepEqual(await check(path, fields), ["+ link to target"]);
    writeFileSync(join(directory, "target"), "", { mode: 0o600 });
    assert.deepEqual(await check(path, { ...fields, mode: "0640" }), ["~ set mode 0640 (was 0600)"]);
    assert.deepEqual(await check(path, { ...fields, source: "/etc" }), ["~ link to /etc (was target)"]);
    assert.equal(readlinkSync(path), "/etc");
    assert.deepEqual(await check(path, { symlink: true, state: "absent" }), ["- remove the symbolic link"]);
    writeFileSync(path, "");
    await assert.rejects(check(path, fields), { code: "conflict" });
    assert.deepEqual(await check(path, { ...fields, force: true }), ["~ link to target (was a file)"]);
  }));

test("a source is copied with its mode, and again when it changes", () =>
  inDirectory(async (directory) => {
    const source = join(directory, "source");
    const path = join(directory, "copy");
    writeFileSync(source, "#!/bin/sh\n", { mode: 0o755 });
    chmodSync(source, 0o755);
    const fields = { state: "exists", source };
    assert.deepEqual(await check(path, fields), [`+ copy 10 bytes from ${source}, mode 0755`]);
    assert.equal(modeOf(path), "755");
    writeFileSync(source, "#!/bin/ed\n");
    assert.deepEqual(await check(path, fields), [`~ copy 10 bytes from ${source} (was 10)`]);
    writeFileSync(source, "x".repeat(2_000_000));
    await check(path, fields);
    assert.equal(readFileSync(path).length, 2_000_000);
    rmSync(source);
    await assert.rejects(check(path, fields), { message: `the source ${source} does not exist` });
  }));

test("fragments make up the content in their order", () =>
  inDirectory(async (directory) => {
    mkdirSync(join(directory, "parts/inner"), { recursive: true });
    for (const [name, text] of [
      ["head", "head\n"],
      ["parts/20", "two\n"],
      ["parts/10", "one\n"],
    ] as const) {
      writeFileSync(join(directory, name), text);
    }
    const path = join(directory, "whole");
    const fields = { state: "exists", fragments: [join(directory, "head"), `${join(directory, "parts")}/`] };
    assert.deepEqual(await check(path, fields), ["+ write 13 bytes"]);
    assert.equal(readFileSync(path, "utf8"), "head\none\ntwo\n");
    rmSync(join(directory, "head"));
    await assert.rejects(check(path, fields), { message: `the fragment ${join(directory, "head")} does not exist` });
  }));

test("a directory is copied with everything in it; what else is there stays", () =>
  inDirectory(async (directory) => {
    const source = join(directory, "source");
    const path = join(directory, "copy");
    mkdirSync(join(source, "sub"), { recursive: true });
    chmodSync(join(source, "sub"), 0o750);
    writeFileSync(join(source, "a"), "a", { mode: 0o644 });
    writeFileSync(join(source, "sub/b"), "bb", { mode: 0o600 });
    symlinkSync("../a", join(source, "sub/link"));
    const fields = { state: "exists", source: `${source}/`, recurse: true };
    assert.deepEqual(await check(`${path}/`, fields), [
      "+ make the directory",
      `+ copy 1 byte from ${source}/a to a, mode 0644`,
      "+ make the directory sub/, mode 0750",
      `+ copy 2 bytes from ${source}/sub/b to sub/b, mode 0600`,
      "+ link sub/link to ../a",
    ]);
    assert.equal(readFileSync(join(path, "sub/b"), "utf8"), "bb");
    assert.equal(modeOf(join(path, "sub")), "750");
    writeFileSync(join(path, "other"), "");
    writeFileSync(join(path, "a"), "A");
    assert.deepEqual(await check(`${path}/`, fields), [`~ copy 1 byte from ${source}/a to a (was 1)`]);
    assert.deepEqual(readdirSync(path), ["a", "other", "sub"]);
  }));

test("a purge removes what nobody manages, and names each of it", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "d");
    mkdirSync(join(path, "old/deep"), { recursive: true });
    mkdirSync(join(path, "mine"));
    for (const name of ["a", "old/deep/b", "mine/c", "mine/d", "link-target"]) writeFileSync(join(path, name), "");
    symlinkSync("/etc", join(path, "etc"));
    writeFileSync(join(path, ".big.mgmt-0123456789ab"), "being written");
    const peers = [{ name: join(path, "mine/c"), fields: {} }];
    assert.deepEqual(await check(`${path}/`, { state: "exists", recurse: true, purge: true }, { peers }), [
      "- remove old/deep/b",
      "- remove old/deep",
      "- remove old",
      "- remove mine/d",
      "- remove link-target",
      "- remove etc",
      "- remove a",
    ]);
    assert.deepEqual(readdirSync(path, { recursive: true }).map(String).toSorted(byText), [
      ".big.mgmt-0123456789ab",
      "mine",
      "mine/c",
    ]);
    assert.equal(existsSync("/etc/passwd"), true);
  }));

test("a purged copy keeps its source's entries and what other resources copy", () =>
  inDirectory(async (directory) => {
    const source = join(directory, "source");
    const path = join(directory, "copy");
    mkdirSync(source);
    mkdirSync(join(path, "theirs"), { recursive: true });
    for (const name of [join(source, "a"), join(path, "a"), join(path, "b"), join(path, "theirs/x")]) {
      writeFileSync(name, "");
    }
    const peers = [{ name: `${path}/theirs/`, fields: { source: "/elsewhere/", recurse: true } }];
    const fields = { state: "exists", source: `${source}/`, recurse: true, purge: true };
    assert.deepEqual(await check(`${path}/`, fields, { peers }), ["- remove b"]);
  }));

test("unknown users and groups are told before anything is done", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "x");
    await assert.rejects(check(path, { state: "exists", owner: "no-such-user" }), {
      message: "there is no user named no-such-user",
      code: "not-found",
    });
    assert.equal(existsSync(path), false);
    const { uid, gid } = lstatSync(directory);
    assert.deepEqual(await check(path, { state: "exists", owner: `${uid}`, group: `${gid}` }), [
      `+ make an empty file, owner ${uid}, group ${gid}`,
    ]);
  }));

test("a file at rest is not read again", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "x");
    const host = linuxHost();
    let reads = 0;
    const counting = {
      ...host,
      files: {
        ...host.files,
        read: (...args: Parameters<typeof host.files.read>) => {
          reads += 1;
          return host.files.read(...args);
        },
      },
      // Far enough ahead for every stamp to be settled.
      clock: { ...host.clock, now: () => host.clock.now() + 60_000 },
    };
    writeFileSync(path, "same");
    const resource = drive(file, path, { content: "same" }, counting);
    assert.deepEqual(await resource.settle(), []);
    assert.equal(reads, 1);
    assert.deepEqual(await resource.settle(), []);
    assert.equal(reads, 1);
    utimesSync(path, 0, 0);
    assert.deepEqual(await resource.settle(), []);
    assert.equal(reads, 2);
    assert.deepEqual(await resource.changed({ content: "diff" }).settle(), ["~ write 4 bytes (was 4)"]);
  }));

/** Resolves with how the watch ended: with another item, or with the signal. */
async function nextOf(watch: AsyncIterator<void>): Promise<string> {
  return (await watch.next()).done === true ? "ended" : "changed";
}

/** Resolves when the machine has had every chance to tell of what happened before. */
async function quiet(): Promise<string> {
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return "quiet";
}

test("a watch tells of the file, of where its link leads, and of where the link leads next", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "link");
    const controller = new AbortController();
    for (const name of ["one", "two"]) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, "file"), "");
    }
    symlinkSync("one/file", path);
    const resource = drive(file, path, { content: "" }, linuxHost(), { signal: controller.signal });
    const watch = file.watch(resource.want, resource.env)[Symbol.asyncIterator]();
    assert.equal(await nextOf(watch), "changed", "the first item says that it is armed");
    const inOne = nextOf(watch);
    writeFileSync(join(directory, "one/file"), "x");
    assert.equal(await inOne, "changed");
    const moved = nextOf(watch);
    rmSync(path);
    symlinkSync("two/file", path);
    assert.equal(await moved, "changed");
    // What is told too often does no harm, so this looks for the end of the telling.
    let last = nextOf(watch);
    while ((await Promise.race([last, quiet()])) === "changed") last = nextOf(watch);
    writeFileSync(join(directory, "two/file"), "x");
    assert.equal(await last, "changed");
    controller.abort();
  }));

test("the plan shows the difference of a text, but not of bytes", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "x");
    writeFileSync(path, "old\n");
    const planned = await drive(file, path, { content: "new\n" }, linuxHost()).plan();
    assert.deepEqual(planned[0]?.content, { before: "old\n", after: "new\n" });
    const bytes = await drive(file, path, { content: "\u0000" }, linuxHost()).plan();
    assert.deepEqual(bytes, [{ mark: "~", text: "write 1 byte (was 4)" }]);
  }));
