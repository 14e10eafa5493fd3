// SPDX-License-Identifier: Apache-2.0
// What every host must do, as cases that run on each: the twin in memory cannot drift from the machine. Each case gets
// a fresh bench. Files are here; watching, commands and the rest stand in the other contract files beside this one.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { deflateRawSync, zstdCompressSync } from "node:zlib";
import { Failure } from "../contract/failure.ts";
import type { Host, PackedForm } from "../contract/host.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import type { Server } from "./memory/http.ts";

/** A host to try, and somebody else who works on the same machine. */
export interface Bench {
  readonly host: Host;
  /** An empty directory of the user whom the host works for. */
  readonly directory: string;
  readonly others: Others;
  readonly commands: Commands;
  /** How many runs of a property this host does in about a second. */
  readonly manyRuns: number;
  /** Aborts when the case is over: for what would go on for ever. */
  readonly signal: AbortSignal;
  /** Until every event of what has been done so far has been told. */
  readonly settle: () => Promise<void>;
  /** Until this time has passed on the host's clock. */
  readonly pass: (ms: number) => Promise<void>;
  /** How long a command may take to stop before it is killed. */
  readonly stopWithinMs: number;
  /** Starts a server that the host can reach over the network and over a socket, until the case is over. */
  readonly serve: (server: Server) => Promise<{ readonly origin: string; readonly socketPath: string }>;
  /** An empty directory on a disk of this size, or undefined where this user may make none. */
  readonly smallDisk: (bytes: number) => Promise<string | undefined>;
  /** What is on that disk can only be read from now on. */
  readonly makeReadOnly: (disk: string) => Promise<void>;
  /** Whether a program of the distribution is missing, without which the host cannot answer. */
  readonly lacks: (program: string) => boolean;
  /** Fails when the host still watches a directory, where that can be told. */
  readonly expectNoWatches: () => void;
  readonly close: () => Promise<void>;
}

/** Changes things as an administrator does, without asking the host. Nothing here waits. */
export interface Others {
  read(path: string): string | undefined;
  write(path: string, content: string): void;
  /** With its parents. */
  makeDirectory(path: string): void;
  link(path: string, target: string): void;
  makePipe(path: string): Promise<void>;
  rename(from: string, to: string): void;
  remove(path: string): void;
  setMode(path: string, mode: number): void;
}

/** Commands that do the same on each host. */
export interface Commands {
  /** Prints "out\n" to stdout and "err\n" to stderr, and ends with 3. */
  readonly speakAndFail: readonly [string, ...string[]];
  /** Prints its environment, sorted, one variable on a line. */
  readonly environment: readonly [string, ...string[]];
  readonly workingDirectory: readonly [string, ...string[]];
  /** Prints "ready\n" and then does not end for hours, whatever SIGTERM says. */
  readonly stubborn: readonly [string, ...string[]];
}

/** `ordinary`: the host works for a user who is not root. Undefined where that cannot be had. */
export type MakeBench = (options: { readonly ordinary: boolean }) => Promise<Bench | undefined>;

type Task = (bench: Bench, context: { diagnostic(message: string): void }) => Promise<void>;

const patience = { timeout: 30_000 };

/** Runs `task` on a bench that is cleared away afterwards. */
export function benches(makeBench: MakeBench) {
  const open: Bench[] = [];
  afterEach(async () => {
    for (const bench of open.splice(0)) await bench.close();
  });
  const fact = (title: string, task: Task, ordinary: boolean) => {
    it(title, patience, async (context) => {
      const bench = await makeBench({ ordinary });
      if (bench === undefined) {
        notTried(context, "only root can become another user");
        return;
      }
      open.push(bench);
      await task(bench, context);
    });
  };
  return {
    check: (title: string, task: Task) => fact(title, task, false),
    checkAsOrdinaryUser: (title: string, task: Task) => fact(title, task, true),
  };
}

/** Why a case, or a part of it, cannot be had here; stands in the report of the tests. */
export function notTried(context: { diagnostic(message: string): void }, why: string): void {
  context.diagnostic(`not tried: ${why}`);
}

/** A signal that never aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Expects a failure of that code whose message names the path. */
export async function fails(code: string, promise: Promise<unknown>, mention?: string): Promise<void> {
  await assert.rejects(promise, (reason) => {
    assert.ok(reason instanceof Error);
    assert.equal(reason.name, "Failure", reason.message);
    assert.ok("code" in reason);
    assert.equal(reason.code, code, reason.message);
    if (mention !== undefined) assert.ok(reason.message.includes(mention), `${reason.message} names ${mention}`);
    return true;
  });
}

/** Made by the programs of these names. */
const packedOx = {
  xz: "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQACb3gKAABJ3ARtkfzdhgABGwMLL7kQH7bzfQEAAAAABFla",
  bzip2: "QlpoOTFBWSZTWdodRI8AAADBgAAQAACAQCAAIZgZhGF3JFOFCQ2h1Ejw",
};

export function fileContract(name: string, makeBench: MakeBench): void {
  describe(`files of ${name}`, () => {
    const { check, checkAsOrdinaryUser } = benches(makeBench);

    check("nothing is there, below a file as well", async ({ host, directory, others }) => {
      others.write(`${directory}/file`, "x");
      assert.equal(await host.files.inspect(`${directory}/missing`, never()), undefined);
      assert.equal(await host.files.inspect(`${directory}/missing/deeper`, never()), undefined);
      assert.equal(await host.files.inspect(`${directory}/file/deeper`, never()), undefined);
      assert.equal(await host.files.inspectTarget(`${directory}/file/deeper`, never()), undefined);
    });

    check("a new file has its content and the usual attributes", async ({ host, directory, others }) => {
      const path = `${directory}/motd`;
      await host.files.write(path, bytesOf("hello"), {}, never());
      const state = await host.files.inspect(path, never());
      assert.equal(others.read(path), "hello");
      assert.equal(state?.kind, "file");
      assert.equal(state.size, 5);
      assert.equal(state.mode, 0o666 & ~host.identity.umask);
      assert.equal(state.uid, host.identity.uid);
      assert.deepEqual(await host.files.list(directory, never()), ["motd"]);
      assert.equal(textOf(await host.files.read(path, 5, never())), "hello");
    });

    check(
      "an open file is read in parts, and stays what it was when another takes its place",
      async ({ host, directory, others }) => {
        const path = `${directory}/motd`;
        others.write(path, "hello world");
        const file = await host.files.open(path, never());
        assert.equal(file.size, 11);
        await host.files.write(path, bytesOf("other"), {}, never());
        assert.equal(textOf(await file.read(6, 3)), "wor");
        assert.equal(textOf(await file.read(6, 100)), "world");
        assert.equal((await file.read(11, 5)).length, 0);
        file[Symbol.dispose]();
        await fails("not-found", host.files.open(`${directory}/missing`, never()), `${directory}/missing`);
        await fails("is-a-directory", host.files.open(directory, never()), directory);
        others.link(`${directory}/link`, path);
        await fails("conflict", host.files.open(`${directory}/link`, never(), { noLinksBelow: directory }));
        (await host.files.open(`${directory}/link`, never()))[Symbol.dispose]();
      },
    );

    check("a mode is set exactly, whatever the umask", async ({ host, directory }) => {
      await host.files.write(`${directory}/open`, bytesOf(""), { mode: 0o666 }, never());
      await host.files.write(`${directory}/odd`, bytesOf("x"), { mode: 0o4751 }, never());
      await host.files.createDirectory(`${directory}/shared`, { mode: 0o1777 }, never());
      assert.equal((await host.files.inspect(`${directory}/open`, never()))?.mode, 0o666);
      assert.equal((await host.files.inspect(`${directory}/odd`, never()))?.mode, 0o4751);
      assert.equal((await host.files.inspect(`${directory}/shared`, never()))?.mode, 0o1777);
    });

    check("a write puts a new file in the place of the old and keeps its mode", async ({ host, directory, others }) => {
      const path = `${directory}/motd`;
      others.write(path, "old");
      others.setMode(path, 0o640);
      const before = await host.files.inspect(path, never());
      await host.files.write(path, bytesOf("new"), { durable: true }, never());
      const after = await host.files.inspect(path, never());
      assert.equal(others.read(path), "new");
      assert.equal(after?.mode, 0o640);
      assert.notEqual(after.inode, before?.inode);
      assert.deepEqual(await host.files.list(directory, never()), ["motd"]);
    });

    check("a write replaces a symbolic link and leaves its target alone", async ({ host, directory, others }) => {
      others.write(`${directory}/target`, "untouched");
      others.link(`${directory}/link`, "target");
      await host.files.write(`${directory}/link`, bytesOf("new"), {}, never());
      assert.equal(others.read(`${directory}/target`), "untouched");
      assert.equal((await host.files.inspect(`${directory}/link`, never()))?.kind, "file");
    });

    check("a write that cannot be done says why and leaves nothing behind", async ({ host, directory, others }) => {
      const write = (path: string) => host.files.write(path, bytesOf("x"), {}, never());
      others.makeDirectory(`${directory}/directory`);
      others.write(`${directory}/file`, "x");
      await others.makePipe(`${directory}/pipe`);
      await fails("is-a-directory", write(`${directory}/directory`), `${directory}/directory`);
      await fails("not-found", write(`${directory}/missing/file`), `${directory}/missing/file`);
      await fails("not-a-directory", write(`${directory}/file/deeper`), `${directory}/file/deeper`);
      await fails("unsupported", write(`${directory}/pipe`), `${directory}/pipe`);
      await fails("invalid", write(`${directory}/${"n".repeat(256)}`));
      await fails("invalid", write(`${directory}/null\0byte`), "null\\x00byte");
      await fails("invalid", write("relative"), "relative");
      assert.deepEqual(await host.files.list(directory, never()), ["directory", "file", "pipe"]);
    });

    check("a read that cannot be done says why", async ({ host, directory, others }) => {
      const read = (path: string) => host.files.read(path, 3, never());
      others.write(`${directory}/long`, "1234");
      others.link(`${directory}/one`, "other");
      others.link(`${directory}/other`, "one");
      await others.makePipe(`${directory}/pipe`);
      await fails("too-large", read(`${directory}/long`), `${directory}/long`);
      await fails("not-found", read(`${directory}/missing`), `${directory}/missing`);
      await fails("is-a-directory", read(directory), directory);
      await fails("unsupported", read(`${directory}/pipe`));
      await fails("invalid", read(`${directory}/one`), `${directory}/one`);
      await fails("is-a-directory", host.files.digest(directory, never()));
      await fails("not-found", host.files.digest(`${directory}/missing`, never()));
    });

    check("a read follows symbolic links", async ({ host, directory, others }) => {
      others.makeDirectory(`${directory}/real`);
      others.write(`${directory}/real/file`, "content");
      others.link(`${directory}/alias`, "real");
      others.link(`${directory}/link`, "alias/file");
      assert.equal(textOf(await host.files.read(`${directory}/link`, 100, never())), "content");
      assert.equal((await host.files.inspect(`${directory}/link`, never()))?.kind, "symlink");
      assert.equal((await host.files.inspectTarget(`${directory}/link`, never()))?.kind, "file");
      assert.equal(await host.files.readLink(`${directory}/link`, never()), "alias/file");
      await fails("invalid", host.files.readLink(`${directory}/real`, never()), `${directory}/real`);
      await fails("not-found", host.files.readLink(`${directory}/missing`, never()));
    });

    check("a big file is written, read, hashed and copied whole", async ({ host, directory, others }) => {
      const content = new Uint8Array(3_000_001).fill(97);
      const digest = "71b1401c2645810a611615bae0fce7b308f0ed904a54af8ec8be0fe435581611";
      await host.files.write(`${directory}/big`, content, { mode: 0o600 }, never());
      await host.files.copy(`${directory}/big`, `${directory}/copy`, { mode: 0o640, durable: true }, never());
      assert.equal((await host.files.inspect(`${directory}/copy`, never()))?.mode, 0o640);
      assert.equal(others.read(`${directory}/copy`)?.length, content.length);
      assert.deepEqual(await host.files.read(`${directory}/copy`, content.length, never()), content);
      assert.equal(await host.files.digest(`${directory}/copy`, never()), digest);
      await fails("too-large", host.files.read(`${directory}/copy`, content.length - 1, never()));
      await fails("not-found", host.files.copy(`${directory}/missing`, `${directory}/x`, {}, never()), "missing");
      await fails("not-found", host.files.copy(`${directory}/big`, `${directory}/no/x`, {}, never()), "/no/x");
      assert.deepEqual(await host.files.list(directory, never()), ["big", "copy"]);
    });

    check("the digest is the SHA-256 of the content", async ({ host, directory, others }) => {
      others.write(`${directory}/abc`, "abc");
      assert.equal(
        await host.files.digest(`${directory}/abc`, never()),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      );
    });

    check("names are listed in the order of their bytes", async ({ host, directory, others }) => {
      const names = ["a", "Z", "\u{1f600}", "\u{fffd}", "\udcff", "new\nline", " ", "n".repeat(255)];
      for (const name of names) others.write(`${directory}/${name}`, "x");
      const sorted = [" ", "Z", "a", "new\nline", "n".repeat(255), "\u{fffd}", "\u{1f600}", "\udcff"];
      assert.deepEqual(await host.files.list(directory, never()), sorted.sort(byBytes));
      await fails("not-found", host.files.list(`${directory}/missing`, never()), `${directory}/missing`);
      await fails("not-a-directory", host.files.list(`${directory}/a`, never()), `${directory}/a`);
    });

    check("a name may be anything that the system allows", async ({ host, directory, others }) => {
      for (const name of ["new\nline", "\udcff\udc80", "n".repeat(255), "é".repeat(127), 'quote"', " ", "-rf"]) {
        const path = `${directory}/${name}`;
        await host.files.write(path, bytesOf("content"), {}, never());
        assert.equal(others.read(path), "content");
        assert.equal(textOf(await host.files.read(path, 100, never())), "content");
        assert.deepEqual(await host.files.list(directory, never()), [name]);
        await host.files.link(path, name, never());
        assert.equal(await host.files.readLink(path, never()), name);
        await host.files.remove(path, {}, never());
        assert.deepEqual(await host.files.list(directory, never()), []);
      }
    });

    check("a directory is made where there is none", async ({ host, directory, others }) => {
      const { files, identity } = host;
      others.write(`${directory}/file`, "x");
      await files.createDirectory(`${directory}/plain`, {}, never());
      assert.equal((await files.inspect(`${directory}/plain`, never()))?.mode, 0o777 & ~identity.umask);
      await fails("exists", files.createDirectory(`${directory}/plain`, {}, never()), `${directory}/plain`);
      await fails("exists", files.createDirectory(`${directory}/file`, { parents: true }, never()));
      await fails("not-found", files.createDirectory(`${directory}/no/way`, {}, never()), `${directory}/no/way`);
      await fails("not-a-directory", files.createDirectory(`${directory}/file/way`, {}, never()));
      await fails("not-a-directory", files.createDirectory(`${directory}/file/a/way`, { parents: true }, never()));
      await files.createDirectory(`${directory}/with/all/parents`, { parents: true, mode: 0o777 }, never());
      assert.equal((await files.inspect(`${directory}/with/all/parents`, never()))?.mode, 0o777);
      assert.equal((await files.inspect(`${directory}/with/all`, never()))?.mode, 0o777 & ~identity.umask);
      assert.deepEqual(await files.list(directory, never()), ["file", "plain", "with"]);
    });

    check("a link takes the place of a file or a link, not of a directory", async ({ host, directory, others }) => {
      others.write(`${directory}/file`, "x");
      others.makeDirectory(`${directory}/directory`);
      await host.files.link(`${directory}/file`, "first", never());
      await host.files.link(`${directory}/file`, "second", never());
      assert.equal(await host.files.readLink(`${directory}/file`, never()), "second");
      await fails("is-a-directory", host.files.link(`${directory}/directory`, "x", never()), `${directory}/directory`);
      await fails("not-found", host.files.link(`${directory}/no/way`, "x", never()));
      assert.deepEqual(await host.files.list(directory, never()), ["directory", "file"]);
    });

    check("a file that is overwritten stays the file that it was", async ({ host, directory, others }) => {
      const { files } = host;
      others.write(`${directory}/file`, "long content");
      others.setMode(`${directory}/file`, 0o640);
      others.link(`${directory}/link`, "file");
      await others.makePipe(`${directory}/pipe`);
      const before = await files.inspect(`${directory}/file`, never());
      await files.overwrite(`${directory}/file`, bytesOf("short"), never());
      assert.equal(others.read(`${directory}/file`), "short");
      await files.overwrite(`${directory}/link`, bytesOf("longer than that"), never());
      assert.equal(others.read(`${directory}/file`), "longer than that");
      const after = await files.inspect(`${directory}/file`, never());
      assert.deepEqual([after?.inode, after?.mode], [before?.inode, before?.mode]);
      await fails("not-found", files.overwrite(`${directory}/missing`, bytesOf("x"), never()), `${directory}/missing`);
      await fails("is-a-directory", files.overwrite(directory, bytesOf("x"), never()), directory);
      await fails("unsupported", files.overwrite(`${directory}/pipe`, bytesOf("x"), never()), `${directory}/pipe`);
      assert.deepEqual(await files.list(directory, never()), ["file", "link", "pipe"]);
    });

    check("a file is read and written in pieces", async ({ host, directory, others }) => {
      const { files } = host;
      const content = Uint8Array.from({ length: 700_001 }, (_, index) => (index * 7) % 251);
      const inPieces = async function* (bytes: Uint8Array, length: number) {
        const buffer = new Uint8Array(length);
        for (let at = 0; at < bytes.length; at += length) {
          const piece = bytes.subarray(at, at + length);
          buffer.set(piece);
          yield buffer.subarray(0, piece.length);
        }
      };
      const path = `${directory}/big`;
      await files.writePieces(path, inPieces(content, 12_345), { mode: 0o640 }, never());
      assert.equal((await files.inspect(path, never()))?.mode, 0o640);
      const read: Uint8Array[] = [];
      for await (const piece of files.pieces(path, never())) read.push(Uint8Array.from(piece));
      assert.ok(read.length > 1);
      assert.deepEqual(Buffer.concat(read), Buffer.from(content));
      const sum = host.hashing.sha256();
      for (const piece of read) sum.add(piece);
      assert.equal(sum.hex(), await files.digest(path, never()));
      const failing = async function* () {
        yield bytesOf("half");
        throw new Failure("it broke off", { code: "unreachable" });
      };
      await fails("unreachable", files.writePieces(path, failing(), {}, never()), "it broke off");
      assert.equal((await files.inspect(path, never()))?.size, content.length);
      assert.deepEqual(await files.list(directory, never()), ["big"]);
      await fails("not-found", files.pieces(`${directory}/none`, never()).next(), `${directory}/none`);
      await fails("is-a-directory", files.pieces(directory, never()).next(), directory);
      others.makeDirectory(`${directory}/home`);
      others.link(`${directory}/home/link`, "../big");
      const guard = { noLinksBelow: `${directory}/home` };
      await fails("conflict", files.pieces(`${directory}/home/link`, never(), guard).next(), `${directory}/home/link`);
      await fails("conflict", files.writePieces(`${directory}/home/link`, inPieces(content, 100), guard, never()));
    });

    check(
      "pieces are written behind what is there, and stay when the rest fails",
      async ({ host, directory, others }) => {
        const { files } = host;
        const path = `${directory}/part`;
        const texts = async function* (...parts: readonly (string | Error)[]) {
          for (const part of parts) {
            if (part instanceof Error) throw part;
            yield bytesOf(part);
          }
        };
        await files.appendPieces(path, texts("one ", "two "), { mode: 0o606 }, never());
        assert.equal((await files.inspect(path, never()))?.mode, 0o606);
        const broken = new Failure("it broke off", { code: "unreachable" });
        await fails("unreachable", files.appendPieces(path, texts("three ", broken), { mode: 0o600 }, never()));
        await files.appendPieces(path, texts(), { mode: 0o600 }, never());
        assert.equal(others.read(path), "one two three ");
        assert.equal((await files.inspect(path, never()))?.mode, 0o606);
        await files.appendPieces(`${directory}/empty`, texts(), { mode: 0o600 }, never());
        assert.equal(others.read(`${directory}/empty`), "");
        await fails("is-a-directory", files.appendPieces(directory, texts("x"), { mode: 0o600 }, never()), directory);
        others.makeDirectory(`${directory}/home`);
        others.link(`${directory}/home/link`, "../part");
        const guarded = { mode: 0o600, noLinksBelow: `${directory}/home` };
        await fails("conflict", files.appendPieces(`${directory}/home/link`, texts("x"), guarded, never()));
        assert.equal(others.read(path), "one two three ");
      },
    );

    check("a file grows while it is read, and gets its name when it is whole", async ({ host, directory, others }) => {
      const { files } = host;
      const [part, whole] = [`${directory}/part`, `${directory}/home/whole`];
      others.makeDirectory(`${directory}/home`);
      using begun = await files.grow(part, { mode: 0o600 }, never());
      await begun.append(bytesOf("one "));
      await begun.append(bytesOf("two"));
      assert.deepEqual([begun.size, textOf(await begun.read(2, 100))], [7, "e two"]);
      assert.deepEqual([others.read(part), (await files.inspect(part, never()))?.mode], ["one two", 0o600]);
      using again = await files.grow(part, { mode: 0o644 }, never());
      assert.equal(again.size, 7);
      await again.append(bytesOf("."));
      assert.equal(textOf(await again.read(4, 4)), "two.");
      await again.clear();
      await again.append(bytesOf("three"));
      const modifiedMs = 784_111_777_000;
      others.write(whole, "old");
      await again.moveTo(whole, { modifiedMs, durable: true, noLinksBelow: directory }, never());
      assert.deepEqual([others.read(whole), await files.inspect(part, never())], ["three", undefined]);
      const state = await files.inspect(whole, never());
      assert.deepEqual([state?.modifiedNs, state?.mode], [BigInt(modifiedMs) * 1_000_000n, 0o600]);
      assert.equal(textOf(await again.read(0, 100)), "three");
    });

    check("what cannot grow or move says why", async (bench, context) => {
      const { host, directory, others } = bench;
      const { files } = host;
      await fails("is-a-directory", files.grow(directory, { mode: 0o600 }, never()), directory);
      await fails("not-found", files.grow(`${directory}/missing/part`, { mode: 0o600 }, never()));
      others.makeDirectory(`${directory}/home/full`);
      others.link(`${directory}/home/link`, "../else");
      const guard = { noLinksBelow: `${directory}/home` };
      await fails("conflict", files.grow(`${directory}/home/link`, { mode: 0o600, ...guard }, never()));
      using part = await files.grow(`${directory}/part`, { mode: 0o600 }, never());
      await part.append(bytesOf("x"));
      await fails("conflict", part.moveTo(`${directory}/home/link/x`, guard, never()));
      await fails("is-a-directory", part.moveTo(`${directory}/home/full`, {}, never()), `${directory}/home/full`);
      await fails("not-found", part.moveTo(`${directory}/missing/whole`, {}, never()));
      assert.equal(others.read(`${directory}/part`), "x");
      const disk = await bench.smallDisk(256 * 1024);
      if (disk === undefined) return notTried(context, "this user may mount no disk");
      using large = await files.grow(`${disk}/part`, { mode: 0o600 }, never());
      await large.append(new Uint8Array(100_000));
      await fails("full", large.append(new Uint8Array(1_000_000)), `${disk}/part`);
      assert.deepEqual(await large.read(0, 3), new Uint8Array(3));
    });

    check("a file may be given the time of its last change", async ({ host, directory }) => {
      const { files } = host;
      const modifiedMs = 784_111_777_000;
      await files.write(`${directory}/one`, bytesOf("x"), { modifiedMs }, never());
      await files.copy(`${directory}/one`, `${directory}/two`, { modifiedMs: modifiedMs + 1000 }, never());
      const timeOf = async (name: string) => (await files.inspect(`${directory}/${name}`, never()))?.modifiedNs;
      assert.equal(await timeOf("one"), BigInt(modifiedMs) * 1_000_000n);
      assert.equal(await timeOf("two"), BigInt(modifiedMs + 1000) * 1_000_000n);
    });

    check("what was packed is unpacked, and what is damaged is told", async ({ host }, context) => {
      const content = Uint8Array.from({ length: 300_000 }, (_, index) => (index >> 5) % 251);
      const { compression } = host;
      const unpacked = async (packed: Uint8Array, form: PackedForm) => {
        const piece = async function* () {
          for (let at = 0; at < packed.length; at += 100) yield packed.subarray(at, at + 100);
        };
        const found: Uint8Array[] = [];
        for await (const part of compression.unpack(piece(), form, never())) found.push(Uint8Array.from(part));
        return new Uint8Array(Buffer.concat(found));
      };
      const packed = {
        gzip: await compression.gzip(content, 6, never()),
        zstd: zstdCompressSync(content),
        deflate: deflateRawSync(content),
      };
      for (const [form, bytes] of Object.entries(packed) as [PackedForm, Uint8Array][]) {
        assert.deepEqual(await unpacked(bytes, form), content, form);
        await fails("invalid", unpacked(bytes.subarray(0, bytes.length / 2), form), form);
        await fails(
          "invalid",
          unpacked(
            Uint8Array.from(bytes, (byte) => byte ^ 0x55),
            form,
          ),
          form,
        );
      }
      for (const [form, base64] of Object.entries(packedOx) as [PackedForm, string][]) {
        try {
          assert.equal(textOf(await unpacked(Buffer.from(base64, "base64"), form)), "ox\n", form);
        } catch (reason) {
          if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
          notTried(context, reason.message);
          continue;
        }
        await fails("invalid", unpacked(Buffer.from(base64, "base64").subarray(0, 20), form), form);
      }
    });

    check("below a guarded directory no link is followed and none replaced", async ({ host, directory, others }) => {
      const { files } = host;
      const guard = { noLinksBelow: `${directory}/home` };
      others.makeDirectory(`${directory}/home/real`);
      others.makeDirectory(`${directory}/outside`);
      others.link(`${directory}/home/way`, "../outside");
      others.link(`${directory}/home/real/link`, "../../outside/file");
      others.link(`${directory}/door`, "home");
      const x = bytesOf("x");
      for (const path of [`${directory}/home/way/file`, `${directory}/home/real/link`]) {
        await fails("conflict", files.read(path, 100, never(), guard), path);
        await fails("conflict", files.write(path, x, guard, never()), path);
        await fails("conflict", files.createDirectory(path, guard, never()), path);
      }
      assert.deepEqual(await files.list(`${directory}/outside`, never()), []);
      assert.equal(await files.readLink(`${directory}/home/real/link`, never()), "../../outside/file");
      await files.write(`${directory}/home/real/file`, x, { mode: 0o640, ...guard }, never());
      await files.createDirectory(`${directory}/home/real/inner`, { mode: 0o700, ...guard }, never());
      assert.equal(textOf(await files.read(`${directory}/home/real/file`, 100, never(), guard)), "x");
      assert.equal((await files.inspect(`${directory}/home/real/file`, never()))?.mode, 0o640);
      assert.equal((await files.inspect(`${directory}/home/real/inner`, never()))?.mode, 0o700);
      const missing = `${directory}/home/missing/file`;
      await fails("not-found", files.write(missing, x, guard, never()), missing);
      await fails("exists", files.createDirectory(`${directory}/home/real`, guard, never()), `${directory}/home/real`);
      await files.write(`${directory}/door/file`, x, { noLinksBelow: `${directory}/door` }, never());
      assert.equal(others.read(`${directory}/home/file`), "x");
    });

    check(
      "everything that changes a guarded place refuses links on the way to it",
      async ({ host, directory, others }) => {
        const { files } = host;
        const guard = { noLinksBelow: `${directory}/home` };
        others.makeDirectory(`${directory}/home/real`);
        others.makeDirectory(`${directory}/outside/inner`);
        others.write(`${directory}/outside/file`, "secret");
        others.setMode(`${directory}/outside/file`, 0o600);
        others.link(`${directory}/home/way`, "../outside");
        others.link(`${directory}/home/link`, "../outside/file");
        const behind = `${directory}/home/way/file`;
        const last = `${directory}/home/link`;
        for (const path of [behind, last]) {
          await fails("conflict", files.digest(path, never(), guard), path);
          await fails("conflict", files.setMode(path, 0o666, never(), guard), path);
          await fails("conflict", files.copy(path, `${directory}/stolen`, { sourceGuard: guard }, never()), path);
          await fails("conflict", files.copy(`${directory}/outside/file`, path, guard, never()), path);
        }
        await fails("conflict", files.link(behind, "x", never(), guard), behind);
        await fails("conflict", files.setOwner(behind, { uid: host.identity.uid }, never(), guard), behind);
        await fails("conflict", files.remove(behind, guard, never()), behind);
        await fails("conflict", files.remove(`${directory}/home/way/inner`, { recursive: true, ...guard }, never()));
        const deep = `${directory}/home/way/a/b`;
        await fails("conflict", files.createDirectory(deep, { parents: true, ...guard }, never()));
        await fails("conflict", files.setSecurityContext(behind, "a:b:c:s0", never(), guard), behind);
        assert.deepEqual(await files.list(`${directory}/outside`, never()), ["file", "inner"]);
        assert.equal(others.read(`${directory}/outside/file`), "secret");
        assert.equal((await files.inspect(`${directory}/outside/file`, never()))?.mode, 0o600);
        // What acts on a link itself does so.
        await files.link(last, "elsewhere", never(), guard);
        assert.equal(await files.readLink(last, never()), "elsewhere");
        await files.remove(last, guard, never());
        assert.equal(await files.inspect(last, never()), undefined);
        await files.remove(`${directory}/home/none/below`, guard, never());
        await files.createDirectory(`${directory}/home/real/a/b`, { parents: true, mode: 0o700, ...guard }, never());
        assert.equal((await files.inspect(`${directory}/home/real/a/b`, never()))?.mode, 0o700);
        await files.copy(`${directory}/outside/file`, `${directory}/home/real/copy`, guard, never());
        await files.setMode(`${directory}/home/real/copy`, 0o4711, never(), guard);
        assert.equal((await files.inspect(`${directory}/home/real/copy`, never()))?.mode, 0o4711);
        assert.equal(
          await files.digest(`${directory}/home/real/copy`, never(), guard),
          await files.digest(`${directory}/outside/file`, never()),
        );
      },
    );

    check(
      "a security context is set on the place itself, and taken away",
      async ({ host, directory, others }, context) => {
        const { files } = host;
        others.write(`${directory}/file`, "x");
        others.link(`${directory}/link`, "file");
        const label = "system_u:object_r:etc_t:s0";
        try {
          await files.setSecurityContext(`${directory}/file`, label, never());
        } catch (reason) {
          if (!(reason instanceof Failure) || (reason.code !== "unsupported" && reason.code !== "denied")) throw reason;
          notTried(context, `this machine keeps no contexts: ${reason.message}`);
          return;
        }
        assert.equal(await files.securityContext(`${directory}/file`, never()), label);
        assert.equal(await files.securityContext(`${directory}/link`, never()), undefined);
        await files.setSecurityContext(`${directory}/file`, undefined, never());
        await files.setSecurityContext(`${directory}/file`, undefined, never());
        assert.equal(await files.securityContext(`${directory}/file`, never()), undefined);
        assert.equal(await files.securityContext(`${directory}/missing`, never()), undefined);
        await fails(
          "not-found",
          files.setSecurityContext(`${directory}/missing`, label, never()),
          `${directory}/missing`,
        );
      },
    );

    check("the mode goes through a link, the owner does not", async ({ host, directory, others }) => {
      const { files, identity } = host;
      others.write(`${directory}/file`, "x");
      others.link(`${directory}/link`, "file");
      others.link(`${directory}/dangling`, "missing");
      await files.setMode(`${directory}/link`, 0o4701, never());
      assert.equal((await files.inspect(`${directory}/file`, never()))?.mode, 0o4701);
      await files.setOwner(`${directory}/dangling`, { uid: identity.uid, gid: identity.gid }, never());
      await files.setOwner(`${directory}/file`, { gid: identity.gid }, never());
      await fails("not-found", files.setMode(`${directory}/dangling`, 0o644, never()), `${directory}/dangling`);
      await fails("not-found", files.setMode(`${directory}/missing`, 0o644, never()));
      await fails("not-found", files.setOwner(`${directory}/missing`, { uid: identity.uid }, never()));
    });

    check("what is removed is gone, and what was not there as well", async ({ host, directory, others }) => {
      const remove = (path: string, recursive = false) => host.files.remove(path, { recursive }, never());
      others.makeDirectory(`${directory}/tree/deep/er`);
      others.makeDirectory(`${directory}/kept`);
      others.makeDirectory(`${directory}/empty`);
      others.write(`${directory}/tree/deep/file\udcff`, "x");
      others.write(`${directory}/kept/file`, "x");
      others.link(`${directory}/tree/out`, "../kept");
      others.link(`${directory}/link`, "kept");
      await remove(`${directory}/missing`);
      await remove(`${directory}/missing/deeper`);
      await remove(`${directory}/kept/file/deeper`);
      await fails("not-empty", remove(`${directory}/tree`), `${directory}/tree`);
      await remove(`${directory}/tree`, true);
      await remove(`${directory}/empty`);
      await remove(`${directory}/link`, true);
      await fails("busy", remove("/", true));
      assert.deepEqual(await host.files.list(directory, never()), ["kept"]);
      assert.equal(others.read(`${directory}/kept/file`), "x");
    });

    check("a reader sees the old content or the new, never a part", async ({ host, directory, others }) => {
      const path = `${directory}/file`;
      const contents = [
        new Uint8Array(200_000).fill(97),
        new Uint8Array(100).fill(98),
        new Uint8Array(90_000).fill(99),
      ];
      const whole = new Set(contents.map((content) => textOf(content)));
      await host.files.write(path, contents[0] ?? new Uint8Array(), {}, never());
      let writing = true;
      const writer = (async () => {
        for (let round = 0; round < 30; round += 1) {
          for (const content of contents) await host.files.write(path, content, {}, never());
        }
        writing = false;
      })();
      for (let looks = 0; writing || looks < 10; looks += 1) {
        const seen = others.read(path);
        assert.ok(seen !== undefined && whole.has(seen), `a reader saw ${seen?.length} bytes`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await writer;
      assert.deepEqual(await host.files.list(directory, never()), ["file"]);
    });

    check("on a full disk the old file stays whole and nothing else is left", async (bench, context) => {
      const { host, others } = bench;
      const disk = await bench.smallDisk(256 * 1024);
      if (disk === undefined) return notTried(context, "this user may mount no disk");
      await host.files.write(`${disk}/file`, bytesOf("old"), {}, never());
      await host.files.write(`${disk}/filler`, new Uint8Array(200 * 1024), {}, never());
      for (const bytes of [60_000, 1_000_000]) {
        await fails("full", host.files.write(`${disk}/file`, new Uint8Array(bytes), {}, never()), `${disk}/file`);
        assert.equal(others.read(`${disk}/file`), "old");
        assert.deepEqual(await host.files.list(disk, never()), ["file", "filler"]);
        await fails("full", host.files.copy(`${disk}/filler`, `${disk}/file`, {}, never()), `${disk}/file`);
        assert.deepEqual(await host.files.list(disk, never()), ["file", "filler"]);
      }
    });

    check("a read-only disk says so", async ({ host, others, smallDisk, makeReadOnly }, context) => {
      const { files, identity } = host;
      const disk = await smallDisk(256 * 1024);
      if (disk === undefined) return notTried(context, "this user may mount no disk");
      others.write(`${disk}/file`, "old");
      await makeReadOnly(disk);
      assert.equal(others.read(`${disk}/file`), "old");
      await fails("read-only", files.write(`${disk}/file`, bytesOf("new"), {}, never()), `${disk}/file`);
      await fails("read-only", files.createDirectory(`${disk}/directory`, {}, never()), `${disk}/directory`);
      await fails("read-only", files.remove(`${disk}/file`, {}, never()), `${disk}/file`);
      await fails("read-only", files.setMode(`${disk}/file`, 0o600, never()), `${disk}/file`);
      await fails("read-only", files.setOwner(`${disk}/file`, { uid: identity.uid }, never()), `${disk}/file`);
      await fails("read-only", files.link(`${disk}/link`, "file", never()), `${disk}/link`);
    });

    checkAsOrdinaryUser("what a user may not do is denied", async ({ host, directory, others }) => {
      const { files } = host;
      others.makeDirectory(`${directory}/theirs`);
      others.write(`${directory}/theirs/file`, "x");
      others.write(`${directory}/secret`, "x");
      others.setMode(`${directory}/secret`, 0o600);
      others.makeDirectory(`${directory}/closed/inside`);
      others.setMode(`${directory}/closed`, 0o700);
      await fails("denied", files.write(`${directory}/theirs/file`, bytesOf("y"), {}, never()), "theirs/file");
      await fails("denied", files.createDirectory(`${directory}/theirs/new`, {}, never()));
      await fails("denied", files.remove(`${directory}/theirs/file`, {}, never()));
      await fails("denied", files.link(`${directory}/theirs/link`, "x", never()));
      await fails("denied", files.read(`${directory}/secret`, 10, never()), `${directory}/secret`);
      await fails("denied", files.digest(`${directory}/secret`, never()));
      await fails("denied", files.setMode(`${directory}/secret`, 0o644, never()));
      await fails("denied", files.setOwner(`${directory}/secret`, { uid: host.identity.uid }, never()));
      await fails("denied", files.list(`${directory}/closed`, never()));
      await fails("denied", files.inspect(`${directory}/closed/inside`, never()));
      await fails("denied", files.write(`${directory}/secret`, bytesOf("mine"), {}, never()), `${directory}/secret`);
      await files.write(`${directory}/own`, bytesOf("mine"), {}, never());
      const given = files.write(`${directory}/own`, bytesOf("x"), { uid: 0 }, never());
      await fails("denied", given, `${directory}/own: only root may give it to another owner`);
      assert.equal(others.read(`${directory}/own`), "mine");
    });

    check("a signal that has aborted stops everything before it begins", async ({ host, directory, others }) => {
      const stopped = AbortSignal.abort(new Error("stop"));
      const { files, identity, system, clock, processes } = host;
      others.write(`${directory}/file`, "x");
      const attempts: readonly (() => Promise<unknown>)[] = [
        () => files.inspect(directory, stopped),
        () => files.inspectTarget(directory, stopped),
        () => files.read(`${directory}/file`, 10, stopped),
        () => files.digest(`${directory}/file`, stopped),
        () => files.list(directory, stopped),
        () => files.readLink(`${directory}/file`, stopped),
        () => files.write(`${directory}/new`, bytesOf("x"), {}, stopped),
        () => files.overwrite(`${directory}/file`, bytesOf("y"), stopped),
        () => files.copy(`${directory}/file`, `${directory}/new`, {}, stopped),
        () => files.createDirectory(`${directory}/new`, {}, stopped),
        () => files.link(`${directory}/new`, "x", stopped),
        () => files.setMode(`${directory}/file`, 0o600, stopped),
        () => files.setOwner(`${directory}/file`, {}, stopped),
        () => files.remove(`${directory}/file`, {}, stopped),
        () => processes.run({ argv: ["true"] }, stopped),
        () => identity.hostname(stopped),
        () => identity.userId("root", stopped),
        () => identity.groupId("root", stopped),
        () => identity.userName(0, stopped),
        () => identity.groupName(0, stopped),
        () => identity.homeDirectory("root", stopped),
        () => system.load(stopped),
        () => system.uptimeSeconds(stopped),
        () => clock.sleep(1000, stopped),
      ];
      for (const attempt of attempts) await assert.rejects(attempt, /^Error: stop$/, attempt.toString());
      assert.deepEqual(await files.list(directory, never()), ["file"]);
    });
  });
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(bytesOf(one), bytesOf(other));
}
