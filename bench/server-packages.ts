// SPDX-License-Identifier: Apache-2.0
// Run inside of a lab host by `npm run bench -- server`: a package that is removed behind the back of mgmt until it is
// installed again, and three packages in one transaction next to one at a time. The packages are those of Debian.

import { spawnSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { run, until } from "../test/lab/inside.ts";
import { LabProgram } from "../test/lab/program.ts";

const three = ["figlet", "tree", "hello"] as const;
const isInstalled = (name: string): boolean =>
  spawnSync("dpkg-query", ["-W", "-f", "${Status}", name], { encoding: "utf8" }).stdout === "install ok installed";
const isQuiet = (): boolean => spawnSync("pgrep", ["-x", "apt-get|dpkg"]).status !== 0;
const purge = (): Promise<string> => run("apt-get", "purge", "-qqy", ...three);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** The middle and the worst. */
function told(tookMs: readonly number[]): string {
  const sorted = tookMs.toSorted((left, right) => left - right);
  return `p50 ${seconds(sorted[sorted.length >> 1] ?? 0)}, p99 ${seconds(sorted.at(-1) ?? 0)}, ${sorted.length} times`;
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task();
  return performance.now() - started;
}

await run("apt-get", "update", "-qq");
// The archives are there: what is measured is not the network.
await run("apt-get", "install", "-qqy", ...three);
await run("apt-get", "install", "-qqy", "--download-only", "--reinstall", ...three);

await new LabProgram("package").whileRunning(async () => {
  for (const [program = "", ...args] of [
    ["dpkg", "--remove"],
    ["apt-get", "remove", "-qqy"],
  ]) {
    const tookMs: number[] = [];
    for (let time = 0; time < 20; time += 1) {
      await until("nobody is at work", isQuiet, 60_000);
      await pause(300);
      await run(program, ...args, "hello");
      tookMs.push(await timed(() => until("it is back", () => isInstalled("hello"), 60_000)));
    }
    console.log(`removed with ${program}, until it is installed again: ${told(tookMs)}`);
  }
});
await until("nobody is at work", isQuiet, 60_000);
const itself: number[] = [];
for (let time = 0; time < 5; time += 1) {
  await run("dpkg", "--remove", "hello");
  itself.push(await timed(() => run("apt-get", "install", "-qqy", "hello")));
}
console.log(`apt-get install of the same, by itself: ${told(itself)}\n`);

const list = `["${three.join('", "')}"]`;
const together = new LabProgram("together", `pkg ${list} {}\n`);
const single = new LabProgram("single", `pkg ${list} {\n\tMeta:autogroup => false,\n}\n`);
const byHand = (...names: readonly string[]): Promise<string> => run("apt-get", "install", "-qqy", ...names);
const [one, many, oneByHand, manyByHand]: [number[], number[], number[], number[]] = [[], [], [], []];
for (let time = 0; time < 5; time += 1) {
  await purge();
  one.push(await timed(() => together.once()));
  await purge();
  many.push(await timed(() => single.once()));
  // What apt itself needs for the same, in turns with the others: the machine is as busy for all of them.
  await purge();
  oneByHand.push(await timed(() => byHand(...three)));
  await purge();
  manyByHand.push(
    await timed(async () => {
      for (const name of three) await byHand(name);
    }),
  );
}
const middle = (tookMs: readonly number[]): number => tookMs.toSorted((left, right) => left - right)[2] ?? 0;
const ratio = (slow: readonly number[], fast: readonly number[]): string =>
  `ratio: ${(middle(slow) / middle(fast)).toFixed(2)} × of the middles, ${(Math.min(...slow) / Math.min(...fast)).toFixed(2)} × of the best`;
console.log(`three packages as one transaction: ${told(one)}`);
console.log(`three packages one at a time: ${told(many)}`);
console.log(ratio(many, one));
console.log(`apt-get install with three names, by hand: ${told(oneByHand)}`);
console.log(`apt-get install three times, by hand: ${told(manyByHand)}`);
console.log(ratio(manyByHand, oneByHand));
