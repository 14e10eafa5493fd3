// SPDX-License-Identifier: Apache-2.0
// Files of a real disk that are changed between two requests, in all the ways in which nobody would see it from their size and
// time of change: what is served is what is there.

import assert from "node:assert/strict";
import { chmodSync, linkSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"; // biome-ignore format: one line
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { linuxHost } from "../../src/host/linux/index.ts";
import { SmallFiles } from "../../src/resources/http/server/small-files.ts";
import { openBelow } from "../../src/resources/files/open-below.ts";
import type { ResourceEnv } from "../../src/contract/resource.ts";
import { textOf } from "../../src/values/bytes.ts";

const { signal } = new AbortController();

test("a small file that was served is served anew after every change", { timeout: 60_000 }, async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-served-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = (name: string): string => join(directory, name);
  const files = new SmallFiles();
  const env = { host: linuxHost(), signal } as unknown as ResourceEnv;
  let opened = 0;
  const get = async (): Promise<string | undefined> => {
    const open = () => {
      opened += 1;
      return openBelow(`${directory}/`, "a", env);
    };
    const content = await files.contentOf(path("a"), "a", open, env);
    const text = content === undefined ? undefined : textOf(await content.read(0, content.size));
    content?.release();
    return text;
  };
  /** The same length, and the same time of its change. */
  const time = new Date("2026-01-01");
  const write = (name: string, text: string): void => {
    writeFileSync(path(name), text);
    utimesSync(path(name), time, time);
  };
  const kept = async (): Promise<void> => {
    await sleep(2500 - (Date.now() - statSync(path("a")).ctimeMs));
    const text = await get();
    const before = opened;
    assert.equal(await get(), text);
    assert.equal(opened, before);
  };

  write("a", "one");
  await kept();
  write("a", "two");
  assert.equal(await get(), "two");
  await kept();
  write("b", "six");
  renameSync(path("b"), path("a"));
  assert.equal(await get(), "six");
  await kept();
  write("b", "ten");
  rmSync(path("a"));
  symlinkSync("b", path("a"));
  assert.equal(await get(), "ten");
  await kept();
  // Out of the directory nothing is served, also where something was before.
  rmSync(path("a"));
  symlinkSync("/etc/hostname", path("a"));
  assert.equal(await get(), undefined);
  rmSync(path("a"));
  linkSync(path("b"), path("a"));
  assert.equal(await get(), "ten");
  chmodSync(path("a"), 0o600);
  assert.equal(await get(), "ten");
  for (let times = 0; times < 200; times += 1) {
    write("a", String(times).padStart(3, "0"));
    assert.equal(await get(), String(times).padStart(3, "0"));
  }
});
