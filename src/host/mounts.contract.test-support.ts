// SPDX-License-Identifier: Apache-2.0
// What every host must do with mounts, as cases that run on each. The real machine runs them in a namespace of its own.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Host } from "../contract/host.ts";
import type { MountedFileSystem } from "../contract/mounts.ts";
import { fails, never } from "./bench.test-support.ts";

export interface MountBench {
  readonly host: Host;
  /** An empty directory. */
  readonly directory: string;
  /** Somebody else uses this place until what is returned is called. */
  readonly hold: (place: string, name: string) => Promise<() => void>;
}

export function mountContract(name: string, makeBench: () => Promise<MountBench>): void {
  describe(`mounts of ${name}`, () => {
    const check = (title: string, task: (bench: MountBench) => Promise<void>) => {
      it(title, { timeout: 30_000 }, async () => task(await makeBench()));
    };
    const memory = (place: string, options: Readonly<Record<string, string>> = {}) => ({
      place,
      source: "memory",
      type: "tmpfs",
      options: new Map(Object.entries(options)),
    });
    const at = async ({ mounts }: Host, place: string): Promise<MountedFileSystem | undefined> =>
      (await mounts.table(never())).findLast((each) => each.place === place);

    check("what is mounted stands in the table with its options", async ({ host, directory }) => {
      await host.mounts.mount(memory(directory, { size: "64k", nosuid: "", noexec: "" }), never());
      const found = await at(host, directory);
      assert.deepEqual([found?.source, found?.type, found?.root], ["memory", "tmpfs", "/"]);
      for (const option of ["rw", "nosuid", "noexec"]) assert.ok(found?.options.has(option), option);
      assert.equal(found?.options.get("size"), "64k");
      assert.equal(found?.options.has("nodev"), false);
      await host.mounts.unmount(directory, never());
      assert.equal(await at(host, directory), undefined);
    });

    check("other options take the place of those that were", async ({ host, directory }) => {
      await host.mounts.mount(memory(directory, { size: "64k", nosuid: "" }), never());
      const options = { ro: "", suid: "", nodev: "", noatime: "", size: "128k" };
      await host.mounts.remount(memory(directory, options), never());
      const found = await at(host, directory);
      for (const option of ["ro", "nodev", "noatime"]) assert.ok(found?.options.has(option), option);
      for (const option of ["rw", "nosuid"]) assert.equal(found?.options.has(option), false, option);
      assert.equal(found?.options.get("size"), "128k");
      await host.mounts.unmount(directory, never());
    });

    check("a directory can be seen at another place", async ({ host, directory }) => {
      const { files, mounts } = host;
      for (const path of [`${directory}/from`, `${directory}/to`]) await files.createDirectory(path, {}, never());
      const request = { place: `${directory}/to`, source: `${directory}/from`, type: "none" };
      await mounts.mount({ ...request, options: new Map([["bind", ""]]) }, never());
      const found = await at(host, `${directory}/to`);
      assert.match(found?.root ?? "", /\/from$/);
      await mounts.unmount(`${directory}/to`, never());
    });

    check("the last of several at one place goes first", async ({ host, directory }) => {
      await host.mounts.mount({ ...memory(directory), source: "first" }, never());
      await host.mounts.mount({ ...memory(directory), source: "second" }, never());
      assert.equal((await at(host, directory))?.source, "second");
      await host.mounts.unmount(directory, never());
      assert.equal((await at(host, directory))?.source, "first");
      await host.mounts.unmount(directory, never());
      await fails("not-found", host.mounts.unmount(directory, never()), `nothing is mounted at ${directory}`);
    });

    check("what is missing or unknown is told", async ({ host, directory }) => {
      const { mounts } = host;
      await fails("not-found", mounts.mount(memory(`${directory}/none`), never()), "there is no such directory");
      const unknown = { ...memory(directory), source: "/dev/null", type: "no-such-type" };
      await fails("unsupported", mounts.mount(unknown, never()), "file systems of the type no-such-type");
      const missing = { ...memory(directory), source: "/dev/no-such-device", type: "ext4" };
      await fails("not-found", mounts.mount(missing, never()), "cannot mount /dev/no-such-device");
    });

    check("a place that is used is not unmounted, and who uses it is told", async ({ host, directory, hold }) => {
      await host.mounts.mount(memory(directory), never());
      const release = await hold(directory, "sleep");
      await fails("busy", host.mounts.unmount(directory, never()), "used by sleep (");
      release();
      await host.files.createDirectory(`${directory}/in`, {}, never());
      await host.mounts.mount(memory(`${directory}/in`), never());
      await fails("busy", host.mounts.unmount(directory, never()), `what is mounted at ${directory}/in`);
      await host.mounts.unmount(`${directory}/in`, never());
      await host.mounts.unmount(directory, never());
    });

    check("changes are told", async ({ host, directory }) => {
      const stopping = new AbortController();
      const changes = host.mounts.changes(stopping.signal);
      await changes.next();
      await host.mounts.mount(memory(directory), never());
      await changes.next();
      await host.mounts.unmount(directory, never());
      await changes.next();
      stopping.abort();
      let last = await changes.next();
      while (last.done !== true) last = await changes.next();
    });
  });
}
