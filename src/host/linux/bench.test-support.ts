// SPDX-License-Identifier: Apache-2.0
// A real machine to try things on, in a temporary directory, and somebody else at work there.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  type FSWatcher,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { textOf } from "../../values/bytes.ts";
import type { Bench, Others } from "../bench.test-support.ts";
import { linuxHost } from "./index.ts";
import { nativeText } from "./paths.ts";
import { type Served, serve } from "./serve.test-support.ts";

/** "nobody" on most machines; that it has a name does not matter. */
const ordinaryUser = 65534;

/** Short, because tests wait for it. */
const stopWithinMs = 100;

export const weAreRoot = process.getuid?.() === 0;

export async function linuxBench({ ordinary }: { readonly ordinary: boolean }): Promise<Bench | undefined> {
  const becomesOrdinary = ordinary && weAreRoot;
  const top = mkdtempSync(`${os.tmpdir()}/mgmt-test-`);
  const directory = `${top}/bench`;
  mkdirSync(directory);
  mkdirSync(`${top}/sentinel`);
  chmodSync(top, 0o755);
  if (ordinary && !weAreRoot) {
    rmSync(top, { recursive: true });
    return undefined; // What belongs to others can only be made by root.
  }
  const over = new AbortController();
  const mounts: string[] = [];
  const served: Served[] = [];
  const sentinel = await sentinelIn(`${top}/sentinel`);
  const watchedBefore = new Set(watchedInodes());
  if (becomesOrdinary) {
    chownSync(directory, ordinaryUser, ordinaryUser);
    process.setegid?.(ordinaryUser);
    process.seteuid?.(ordinaryUser);
  }
  const asOurselves = <Result>(task: () => Result): Result => {
    if (!becomesOrdinary) return task();
    process.seteuid?.(0);
    process.setegid?.(0);
    try {
      return task();
    } finally {
      process.setegid?.(ordinaryUser);
      process.seteuid?.(ordinaryUser);
    }
  };
  return {
    host: linuxHost({ stopWithinMs }),
    directory,
    others: othersWho(asOurselves),
    commands: {
      speakAndFail: ["sh", "-c", "echo out; echo err > /dev/stderr; exit 3"],
      environment: ["sh", "-c", "env -u PWD -u _ -u SHLVL -u OLDPWD | sort"],
      workingDirectory: ["pwd"],
      stubborn: ["sh", "-c", "trap '' TERM; echo ready; sleep 7200 & wait; sleep 7200"],
    },
    manyRuns: 40,
    signal: over.signal,
    settle: () => asOurselves(() => sentinel.passed()),
    stopWithinMs,
    pass: async (ms) => {
      await sleep(ms);
    },
    async serve(server) {
      const one = await serve(server);
      served.push(one);
      return one;
    },
    async smallDisk(bytes) {
      const disk = `${directory}/disk`;
      mkdirSync(disk);
      const options = `size=${bytes},mode=755`;
      if ((await statusOf("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk)) !== 0) return undefined;
      mounts.push(disk);
      return disk;
    },
    async makeReadOnly(disk) {
      await statusOf("mount", "-o", "remount,ro", disk);
    },
    lacks: (program) => spawnSync(program, ["-V"]).error !== undefined,
    expectNoWatches() {
      const open = watchedInodes().filter((inode) => !watchedBefore.has(inode));
      assert.deepEqual(open, []);
    },
    async close() {
      over.abort();
      if (becomesOrdinary) {
        process.seteuid?.(0);
        process.setegid?.(0);
      }
      sentinel.close();
      for (const one of served) await one.close();
      for (const disk of mounts) await statusOf("umount", disk);
      rmSync(top, { recursive: true, force: true });
    },
  };
}

/** What this process watches by inotify, one text for each watch. */
function watchedInodes(): readonly string[] {
  return readdirSync("/proc/self/fdinfo").flatMap((descriptor) => {
    try {
      const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8");
      return text.match(/(?<=^inotify wd:\S+ )ino:\S+ sdev:\S+/gm) ?? [];
    } catch {
      return []; // The one by which the directory was read.
    }
  });
}

async function statusOf(program: string, ...argv: readonly string[]): Promise<number | null> {
  const child = spawn(program, argv, { stdio: "ignore" });
  return new Promise((resolve, reject) => {
    child.once("exit", resolve);
    child.once("error", reject);
  });
}

/** All events of a process stand in one queue: when that of a change made now has come, all earlier ones have. */
async function sentinelIn(directory: string): Promise<{ passed(): Promise<void>; close(): void }> {
  let wake = () => {};
  const watcher: FSWatcher = watch(directory, () => wake());
  let count = 0;
  return {
    async passed() {
      const seen = new Promise<void>((resolve) => {
        wake = resolve;
      });
      count += 1;
      mkdirSync(`${directory}/${count}`);
      await seen;
      // What runs when events have come: promises, and a turn for work that was put off.
      for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    close: () => watcher.close(),
  };
}

function othersWho(asOurselves: <Result>(task: () => Result) => Result): Others {
  const onPath =
    <Rest extends readonly unknown[], Result>(task: (path: string | Buffer, ...rest: Rest) => Result) =>
    (path: string, ...rest: Rest): Result =>
      asOurselves(() => task(nativeText(path), ...rest));
  return {
    read: onPath((path) => {
      try {
        return textOf(readFileSync(path));
      } catch {
        return undefined;
      }
    }),
    write: onPath((path, content: string) => writeFileSync(path, content)),
    makeDirectory: onPath((path) => {
      mkdirSync(path, { recursive: true });
    }),
    link: onPath((path, target: string) => symlinkSync(nativeText(target), path)),
    makePipe: async (path) => {
      await statusOf("mkfifo", path);
    },
    rename: onPath((path, to: string) => renameSync(path, nativeText(to))),
    remove: onPath((path) => rmSync(path, { recursive: true, force: true })),
    setMode: onPath((path, mode: number) => chmodSync(path, mode)),
  };
}
