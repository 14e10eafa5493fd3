// SPDX-License-Identifier: Apache-2.0
// `file` on a real disk: what it does is read back with Node's own functions, and a second look finds nothing to do.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { notTried, proves } from "../proofs.ts";
import { Failure } from "../../src/contract/failure.ts";
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
    assert.deepEqual(await check(path, { ...fields, mode: "0640" }), [
      `~ set mode 0640 of ${directory}/target (was 0600)`,
    ]);
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
    const watch = resource.watch();
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

test("names and content of any bytes are copied, removed and purged", () =>
  inDirectory(async (directory) => {
    const odd = ["with\nnewline", "-rf *", "gr\u00fcn", " "];
    mkdirSync(join(directory, "from"));
    for (const name of odd) writeFileSync(join(directory, "from", name), name);
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/from/`), Buffer.of(0xff, 0xfe, 0x41)]), "bytes");
    mkdirSync(join(directory, "to"));
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/to/`), Buffer.of(0x80)]), "to be purged");
    const fields = { source: `${directory}/from/`, state: "exists", recurse: true, purge: true };
    assert.equal((await check(`${directory}/to/`, fields)).length, odd.length + 2);
    const names = (of: string) =>
      readdirSync(join(directory, of), "buffer")
        .map((name) => name.toString("hex"))
        .sort();
    assert.deepEqual(names("to"), names("from"));
    await check(`${directory}/to/a\udc80b`, { state: "exists", content: "x", mode: "0600" });
    assert.ok(names("to").includes(Buffer.of(0x61, 0x80, 0x62).toString("hex")));
    await check(`${directory}/to/a\udc80b`, { state: "absent" });
    assert.deepEqual(names("to"), names("from"));
  }));

test("a directory becomes a file, a link and a directory again by force", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "x");
    mkdirSync(join(path, "deep"), { recursive: true });
    writeFileSync(join(path, "deep", "file"), "x");
    await check(path, { state: "exists", content: "file", force: true });
    assert.equal(readFileSync(path, "utf8"), "file");
    await check(path, { state: "exists", symlink: true, source: "nowhere", force: true });
    assert.equal(readlinkSync(path), "nowhere");
    await check(`${path}/`, { state: "exists", force: true });
    assert.ok(lstatSync(path).isDirectory());
    await check(path, { state: "exists", symlink: true, source: "nowhere", force: true });
    await check(path, { state: "exists", content: "file", force: true });
    await check(`${path}/`, { state: "exists", force: true });
  }));

test("a big sparse file is copied in little memory, and stays sparse", (context) =>
  inDirectory(async (directory) => {
    const source = join(directory, "disk.img");
    const size = 512 * 1024 * 1024;
    const file = openSync(source, "w");
    writeSync(file, "head", 0);
    writeSync(file, "middle", size / 2);
    ftruncateSync(file, size);
    closeSync(file);
    if (lstatSync(source).blocks * 512 > size / 2) context.diagnostic("this file system keeps no holes");
    const before = process.memoryUsage().rss;
    await check(join(directory, "copy"), { state: "exists", source });
    const grownMiB = (process.memoryUsage().rss - before) / 1024 / 1024;
    assert.ok(grownMiB < 128, `512 MiB were copied with ${grownMiB.toFixed(0)} MiB more memory`);
    const copy = lstatSync(join(directory, "copy"));
    assert.equal(copy.size, size);
    assert.ok(copy.blocks <= lstatSync(source).blocks + 2048, "the holes are holes in the copy");
    const bytes = Buffer.alloc(6);
    const descriptor = openSync(join(directory, "copy"), "r");
    readSync(descriptor, bytes, 0, 6, size / 2);
    closeSync(descriptor);
    assert.equal(bytes.toString(), "middle");
  }));

test("nobody leads root out of a directory of his own, however fast he is", (context) =>
  inDirectory(async (directory) => {
    if (process.getuid?.() !== 0) {
      notTried(context, "only root can be led");
      return;
    }
    const nobody = 65534;
    const [home, victim] = [join(directory, "home"), join(directory, "victim")];
    mkdirSync(join(home, "way"), { recursive: true });
    mkdirSync(victim);
    writeFileSync(join(victim, "file"), "secret", { mode: 0o600 });
    for (const path of [directory, home, join(home, "way")]) chmodSync(path, 0o755);
    for (const path of [home, join(home, "way")]) chownSync(path, nobody, nobody);
    // Somebody who exchanges the directory for a link to the other one and back as fast as he can.
    const racer = spawn(
      process.execPath,
      [
        "-e",
        `const fs = require("fs"); process.setgid(${nobody}); process.setuid(${nobody}); process.chdir(${JSON.stringify(home)});
         fs.symlinkSync(${JSON.stringify(victim)}, "link"); console.log("ready");
         for (;;) { fs.renameSync("way", "aside"); fs.renameSync("link", "way");
                    fs.renameSync("way", "link"); fs.renameSync("aside", "way"); }`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    try {
      await once(racer.stdout, "data");
      let refused = 0;
      for (let round = 0; round < 300; round += 1) {
        const resource = drive(file, join(home, "way", "file"), fieldsOf(round), linuxHost());
        try {
          await resource.settle();
        } catch (reason) {
          assert.ok(reason instanceof Failure, String(reason));
          refused += 1;
        }
      }
      context.diagnostic(`${refused} of 300 attempts were refused`);
    } finally {
      racer.kill("SIGKILL");
      await once(racer, "exit");
    }
    assert.deepEqual(readdirSync(victim), ["file"]);
    const after = lstatSync(join(victim, "file"));
    assert.deepEqual([readFileSync(join(victim, "file"), "utf8"), after.uid, after.mode & 0o777], ["secret", 0, 0o600]);
  }));

/** Content, attributes, absence and emptiness, in turn. */
function fieldsOf(round: number): AnyWant {
  const fields = [
    { state: "exists", content: `round ${round}`, owner: "65534", mode: "0644" },
    { state: "exists", mode: round % 8 < 4 ? "0666" : "0604", owner: round % 8 < 4 ? "65534" : "0" },
    { state: "absent" },
    { state: "exists", owner: "65534" },
  ];
  return fields[round % fields.length] ?? {};
}

proves("file", "real part");
