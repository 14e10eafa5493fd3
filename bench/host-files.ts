// SPDX-License-Identifier: Apache-2.0
// What the machine costs us: one look, read, write and watch, and the time from somebody else's change of a file until
// we know of it, and until it is repaired. Prints medians; the machine's own noise is in the 99th percentile.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { Worker } from "node:worker_threads";
import { linuxHost } from "../src/host/linux/index.ts";

const { files } = linuxHost();
const { signal } = new AbortController();
const directory = mkdtempSync(`${os.tmpdir()}/mgmt-bench-`);
const content = new TextEncoder().encode("x".repeat(200));

try {
  await cost("inspect, nothing there", (index) => files.inspect(`${directory}/file${index % 100}`, signal));
  await cost("write, 200 bytes", (index) => files.write(`${directory}/file${index % 100}`, content, {}, signal));
  await cost("inspect a file", (index) => files.inspect(`${directory}/file${index % 100}`, signal));
  await cost("read, 200 bytes", (index) => files.read(`${directory}/file${index % 100}`, 1000, signal));
  await cost("digest, 200 bytes", (index) => files.digest(`${directory}/file${index % 100}`, signal));
  await watchCosts();
  await changeToPulse();
} finally {
  rmSync(directory, { recursive: true });
}

async function cost(what: string, task: (index: number) => Promise<unknown>): Promise<void> {
  const rounds = 3000;
  const times: number[] = [];
  for (let index = 0; index < rounds; index += 1) {
    const start = performance.now();
    await task(index);
    times.push(performance.now() - start);
  }
  report(what, times);
}

/** Ten thousand files in a hundred directories, each with a watch of its own. */
async function watchCosts(): Promise<void> {
  for (let index = 0; index < 100; index += 1) mkdirSync(`${directory}/many/${index}`, { recursive: true });
  // Each with a signal of its own, as workers have: one with ten thousand listeners would be slow by itself.
  const stopping = Array.from({ length: 10_000 }, () => new AbortController());
  const memory = process.memoryUsage().rss;
  const start = performance.now();
  const watches = stopping.map(({ signal: own }, index) =>
    files.watch([{ path: `${directory}/many/${index % 100}/file${index}` }], own),
  );
  await Promise.all(watches.map((watch) => watch.next()));
  const took = performance.now() - start;
  const grown = (process.memoryUsage().rss - memory) / watches.length / 1024;
  console.log(`watch armed, 10,000 files      ${(took / 10).toFixed(1)} µs each, ${grown.toFixed(1)} KiB each`);
  const idle = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  console.log(
    `idle, 10,000 watches           ${(process.cpuUsage(idle).user / 1000).toFixed(1)} ms of CPU in a second`,
  );
  for (const watch of stopping) watch.abort();
}

/** A thread of its own changes the file, so that the change comes while our event loop sleeps. */
async function changeToPulse(): Promise<void> {
  const path = `${directory}/watched/file`;
  mkdirSync(`${directory}/watched`);
  await files.write(path, content, {}, signal);
  const stopping = new AbortController();
  const watch = files.watch([{ path }], stopping.signal);
  await watch.next();
  const changer = new Worker(
    `const { parentPort, workerData: path } = require("node:worker_threads");
     const { rmSync, readFileSync } = require("node:fs");
     parentPort.on("message", () => {
       const before = performance.timeOrigin + performance.now();
       rmSync(path);
       for (;;) {
         try { readFileSync(path); break; } catch {}
         if (performance.timeOrigin + performance.now() - before > 1000) break;
       }
       parentPort.postMessage([before, performance.timeOrigin + performance.now()]);
     });`,
    { eval: true, workerData: path },
  );
  const pulses: number[] = [];
  const repairs: number[] = [];
  for (let round = 0; round < 1000; round += 1) {
    const done = new Promise<[number, number]>((resolve) => changer.once("message", resolve));
    await new Promise((resolve) => setTimeout(resolve, 1));
    changer.postMessage("change");
    let known = 0;
    let state: unknown = "there";
    while (state !== undefined) {
      await watch.next();
      known = performance.timeOrigin + performance.now();
      state = await files.inspect(path, signal);
    }
    await files.write(path, content, {}, signal);
    const [before, repaired] = await done;
    pulses.push(known - before);
    repairs.push(repaired - before);
  }
  stopping.abort();
  await changer.terminate();
  report("change → pulse", pulses);
  report("change → repaired", repairs);
}

function report(what: string, times: readonly number[]): void {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (part: number) => ((sorted[Math.floor(sorted.length * part)] ?? 0) * 1000).toFixed(1).padStart(8);
  console.log(`${what.padEnd(30)} p50 ${at(0.5)} µs   p99 ${at(0.99)} µs`);
}
