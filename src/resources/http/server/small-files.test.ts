// SPDX-License-Identifier: Apache-2.0
// When a file is opened that was served before, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { OpenFile } from "../../../contract/host.ts";
import { memoryHost } from "../../../host/memory/index.ts";
import { textOf } from "../../../values/bytes.ts";
import { SmallFiles } from "./small-files.ts";

const { signal } = new AbortController();

function start() {
  const host = memoryHost();
  host.outside.makeDirectory("/srv");
  const env = { host, signal };
  const files = new SmallFiles();
  let opened = 0;
  let held = 0;
  const open = async (path: string): Promise<OpenFile | undefined> => {
    if ((await host.files.inspectTarget(path, signal)) === undefined) return undefined;
    const file = await host.files.open(path, signal);
    opened += 1;
    held += 1;
    return {
      size: file.size,
      modifiedNs: file.modifiedNs,
      read: (at, length, into) => file.read(at, length, into),
      [Symbol.dispose]() {
        held -= 1;
        file[Symbol.dispose]();
      },
    };
  };
  /** What is served, and whether the file was opened for it. */
  const get = async (path: string): Promise<readonly [string | undefined, boolean]> => {
    const before = opened;
    const content = await files.contentOf(path, path, () => open(path), env);
    const text = content === undefined ? undefined : textOf(await content.read(0, content.size));
    content?.release();
    assert.equal(held, 0, path);
    return [text, opened > before];
  };
  return { host, get };
}

test("a file is opened once, and again when it is another one", async () => {
  const { host, get } = start();
  host.outside.write("/srv/a", "one");
  await host.clock.advance(3000);
  assert.deepEqual(await get("/srv/a"), ["one", true]);
  assert.deepEqual(await get("/srv/a"), ["one", false]);
  host.outside.write("/srv/a", "two");
  assert.deepEqual(await get("/srv/a"), ["two", true]);
  // It was changed just now, and could be changed once more in the same instant.
  assert.deepEqual(await get("/srv/a"), ["two", true]);
  await host.clock.advance(3000);
  assert.deepEqual(await get("/srv/a"), ["two", true]);
  assert.deepEqual(await get("/srv/a"), ["two", false]);
  host.outside.remove("/srv/a");
  assert.deepEqual(await get("/srv/a"), [undefined, false]);
  host.outside.write("/srv/b", "six");
  host.outside.link("/srv/a", "b");
  await host.clock.advance(3000);
  assert.deepEqual(await get("/srv/a"), ["six", true]);
  assert.deepEqual(await get("/srv/a"), ["six", false]);
  host.outside.write("/srv/c", "ten");
  host.outside.remove("/srv/a");
  host.outside.link("/srv/a", "c");
  assert.deepEqual(await get("/srv/a"), ["ten", true]);
});

test("what is large is not kept, and of what is small no more than so much", async () => {
  const { host, get } = start();
  host.outside.write("/srv/large", "x".repeat(64 * 1024 + 1));
  const names = Array.from({ length: 150 }, (_, index) => `/srv/${index}`);
  for (const name of names) host.outside.write(name, name.padEnd(60_000, "."));
  await host.clock.advance(3000);
  for (let times = 0; times < 2; times += 1) assert.equal((await get("/srv/large"))[1], true);
  for (const name of names) assert.equal((await get(name))[1], true, name);
  const isOpened = async (index: number): Promise<boolean> => (await get(names[index] ?? ""))[1];
  assert.deepEqual(
    [await isOpened(149), await isOpened(20), await isOpened(0), await isOpened(20)],
    [false, false, true, false],
  );
});

test("what cannot be looked at is what whoever opens it says", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/srv");
  host.outside.write("/srv/a", "a file");
  const files = new SmallFiles();
  const refusal = new Error("no");
  const got = files.contentOf("/srv/a/b", "b", () => Promise.reject(refusal), { host, signal });
  await assert.rejects(got, refusal);
});
