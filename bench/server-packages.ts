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
const [one, many]: [number[], number[]] = [[], []];
for (let time = 0; time < 5; time += 1) {
  await purge();
  one.push(await timed(() => together.once()));
  await purge();
  many.push(await timed(() => single.once()));
}
console.log(`three packages as one transaction: ${told(one)}`);
console.log(`three packages one at a time: ${told(many)}`);
const middle = (tookMs: readonly number[]): number => tookMs.toSorted((left, right) => left - right)[2] ?? 0;
const [ofMiddles, ofBest] = [middle(many) / middle(one), Math.min(...many) / Math.min(...one)];
console.log(`ratio: ${ofMiddles.toFixed(2)} × of the middles, ${ofBest.toFixed(2)} × of the best`);
