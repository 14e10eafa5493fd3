// SPDX-License-Identifier: Apache-2.0
// What every host does with files in their places: links, guarded directories, moves, attributes, removal, and refusals.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { Failure } from "../contract/failure.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { benches, fails, never, notTried, type MakeBench } from "./bench.test-support.ts";

export function fileTreeContract(name: string, makeBench: MakeBench): void {
  describe(`file tree of ${name}`, () => {
    const { check, checkAsOrdinaryUser } = benches(makeBench);

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
