// SPDX-License-Identifier: Apache-2.0
// What every host does with the content of files: read, written, grown, unpacked, whole or in pieces.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { deflateRawSync, gunzipSync, zstdCompressSync } from "node:zlib";
import { Failure } from "../contract/failure.ts";
import type { PackedForm } from "../contract/host.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { benches, fails, never, notTried, type MakeBench } from "./bench.test-support.ts";

/** Made by the programs of these names. */
const packedOx = {
  xz: "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQACb3gKAABJ3ARtkfzdhgABGwMLL7kQH7bzfQEAAAAABFla",
  bzip2: "QlpoOTFBWSZTWdodRI8AAADBgAAQAACAQCAAIZgZhGF3JFOFCQ2h1Ejw",
};

export function fileContentContract(name: string, makeBench: MakeBench): void {
  describe(`content of files of ${name}`, () => {
    const { check } = benches(makeBench);

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

    check("content in pieces is packed as the whole is, and what it fails with it fails with", async ({ host }) => {
      const content = Uint8Array.from({ length: 900_000 }, (_, index) => (index * index) % 251);
      const { compression } = host;
      const pieces = async function* (fails = false) {
        const piece = new Uint8Array(100_000);
        for (let at = 0; at < content.length; at += piece.length) {
          piece.set(content.subarray(at, at + piece.length));
          yield piece; // The same memory each time: it is only lent.
        }
        if (fails) throw new Failure("it is gone", { code: "not-found" });
      };
      const packed: Uint8Array[] = [];
      for await (const piece of compression.pack(pieces(), 1, never())) packed.push(piece);
      assert.deepEqual(new Uint8Array(gunzipSync(Buffer.concat(packed))), content);
      assert.deepEqual(Buffer.concat(packed).subarray(0, 10), Buffer.from(await compression.gzip(content, 1, never())).subarray(0, 10)); // biome-ignore format: one line
      const broken = (async () => {
        for await (const _ of compression.pack(pieces(true), 1, never()));
      })();
      await fails("not-found", broken, "it is gone");
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
  });
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(bytesOf(one), bytesOf(other));
}
