// SPDX-License-Identifier: Apache-2.0
// Runs each test file of test/lab/ inside of a fresh lab host (test/lab/host): Debian with systemd as process 1. Its lab has
// names and a network of its own, so several runs on one machine do not meet, and is gone afterwards.

import { execFile, spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { promisify } from "node:util";
import type { Told } from "./test-inside.ts";
import { type Counts, eachOf, noCounts } from "./test-report.ts";

const root = join(import.meta.dirname, "..");
const script = join(root, "test/lab/host");
/** Hosts at a time: they wait less than they work. */
const width = 2;

const { XDG_CACHE_HOME: cacheHome, HOME: home = "/root" } = process.env;
const cache = process.env["LAB_CACHE"] ?? join(cacheHome ?? join(home, ".cache"), "mgmt/lab");
const bridgeOf = (pid: number) => `lab${pid.toString(36)}`;
const environment = (bridge: string) => ({
  ...process.env,
  LAB_CACHE: cache,
  LAB_BRIDGE: bridge,
  LAB_DIR: join(cache, "runs", bridge),
});
/** What hangs for longer loses its host. A file of tests has 180 s. */
const longestMs = 240_000;
/** Files that are named `nested-…` get a host in which containers can be started. */
const nesting = { SYSTEMD_NSPAWN_API_VFS_WRITABLE: "yes" };
const env = environment(bridgeOf(process.pid));
const lab = (...args: string[]) => promisify(execFile)(script, args, { env });

export async function runInLabHosts(
  files: readonly string[],
  print: (text: string) => void,
): Promise<ReadonlyMap<string, Counts>> {
  const reason = await reasonWhyNot();
  if (reason !== undefined) {
    print(`  not tried: ${reason}\n`);
    return new Map(files.map((file) => [file, { ...noCounts, notTried: 1 }]));
  }
  const stop = new AbortController();
  const interrupted = () => stop.abort();
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    return await eachOf(files, width, (file) =>
      stop.signal.aborted ? Promise.resolve({ ...noCounts, cancelled: 1 }) : runInHost(file, print, stop.signal),
    );
  } finally {
    await lab("down", "--all");
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}

async function runInHost(file: string, print: (text: string) => void, signal: AbortSignal): Promise<Counts> {
  const name = file.replace(/^.*\/(.*)\.test\.ts$/, "$1");
  try {
    const isNested = name.startsWith("nested-");
    await promisify(execFile)(script, ["up", name, root], { env: isNested ? { ...env, ...nesting } : env });
  } catch (error) {
    print(`\n  ✖ ${file}\n    no host for it: ${messageOf(error)}\n\n`);
    return { ...noCounts, fail: 1 };
  }
  let counts: Counts | undefined;
  // Lines of several files must not mix: what one tells is printed when it has ended.
  const printed: string[] = [];
  const inside = [
    "exec",
    name,
    "sh",
    "-c",
    'cd "$0" && exec "$@"',
    root,
    process.execPath,
    "scripts/test-inside.ts",
    file,
  ];
  const child = spawn(script, inside, { env, signal, killSignal: "SIGKILL", stdio: ["ignore", "pipe", "pipe"] });
  child.on("error", (error) => printed.push(String(error)));
  const bound = setTimeout(() => void lab("down", name), longestMs);
  child.stderr.setEncoding("utf8").on("data", (text: string) => printed.push(text));
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line) as Told;
    if ("counts" in told) counts = told.counts;
    else printed.push(told.print);
  }
  clearTimeout(bound);
  print(printed.join(""));
  await lab("down", name);
  if (counts !== undefined) return counts;
  print(`\n  ✖ ${file}\n    ended before it had told what happened\n\n`);
  return { ...noCounts, fail: 1 };
}

async function reasonWhyNot(): Promise<string | undefined> {
  try {
    await lab("can");
    await sweep();
    await lab("base");
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Takes down what runs that were killed have left. */
async function sweep() {
  const runs = await readdir(join(cache, "runs"));
  for (const run of runs.filter((name) => /^lab[0-9a-z]+$/.test(name))) {
    const pid = Number.parseInt(run.slice(3), 36);
    const isAlive = await stat(`/proc/${pid}`).then(
      () => true,
      () => false,
    );
    // One with our own process id is of a process that had it before.
    if (!isAlive || pid === process.pid)
      await promisify(execFile)(script, ["down", "--all"], { env: environment(run) });
  }
}

function messageOf(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
  return (stderr ?? message).trim().replaceAll(/^lab: /gm, "") || message;
}
