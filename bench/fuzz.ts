// SPDX-License-Identifier: Apache-2.0
// Random programs through the whole front end: text, names, types, graph, and once more formatted. Tells each that breaks a
// promise, hangs or leaves memory behind. `npm run bench -- fuzz [COUNT [FIRST]]`

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { examine } from "../test/fuzz/examine.ts";
import { programOf } from "../test/fuzz/programs.ts";

/** One program that takes longer is a hang. */
const patienceMs = 20_000;
/** What is told as slow; the others on this machine may have made it so. */
const slowMs = 2000;

interface Figures {
  readonly done: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly worst: { readonly number: number; readonly ms: number };
  readonly heapMb: number;
}

if (isMainThread) watch();
else await work();

function watch(): void {
  const count = Number(process.argv[2] ?? 200_000);
  const first = Number(process.argv[3] ?? 0);
  // The worker writes the number of the program that it is at, so that a hang can be named.
  const at = new BigInt64Array(new SharedArrayBuffer(8));
  const started = performance.now();
  let findings = 0;
  const worker = new Worker(new URL(import.meta.url), { workerData: { first, count, at } });
  let last = { at: -1n, since: performance.now() };
  const clock = setInterval(() => {
    const present = Atomics.load(at, 0);
    if (present !== last.at) last = { at: present, since: performance.now() };
    if (performance.now() - last.since < patienceMs) return;
    console.log(`HANGS: program ${present}\n${programOf(Number(present)).text}`);
    process.exit(1);
  }, 500);
  worker.on("message", (message: { readonly finding?: string; readonly figures?: Figures }) => {
    if (message.finding !== undefined) {
      findings += 1;
      console.log(message.finding);
    }
    if (message.figures === undefined) return;
    const { done, outcomes, worst, heapMb } = message.figures;
    const seconds = (performance.now() - started) / 1000;
    const shown = Object.entries(outcomes)
      .toSorted((left, right) => right[1] - left[1])
      .map(([outcome, times]) => `${outcome} ${times}`);
    console.log(
      `${done} programs in ${seconds.toFixed(0)} s, ${findings} findings, slowest ${worst.ms.toFixed(0)} ms (${worst.number}), ` +
        `heap ${heapMb.toFixed(0)} MB; ${shown.join(", ")}`,
    );
  });
  worker.on("error", (reason) => {
    console.log(`THROWS: program ${Atomics.load(at, 0)}`, reason);
    process.exitCode = 1;
  });
  worker.on("exit", () => {
    clearInterval(clock);
    if (findings > 0) process.exitCode = 1;
  });
}

async function work(): Promise<void> {
  const { first, count, at } = workerData as { first: number; count: number; at: BigInt64Array };
  const outcomes: Record<string, number> = {};
  let worst = { number: first, ms: 0 };
  const tell = (message: unknown): void => parentPort?.postMessage(message);
  for (let done = 0; done < count; done += 1) {
    const number = first + done;
    Atomics.store(at, 0, BigInt(number));
    const { text } = programOf(number);
    const started = performance.now();
    let outcome: string;
    try {
      outcome = await examine(text);
    } catch (reason) {
      outcome = "BROKEN";
      const said = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
      tell({ finding: `BROKEN: program ${number}\n${said.slice(0, 3000)}\n${text}` });
    }
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const ms = performance.now() - started;
    if (ms > worst.ms) worst = { number, ms };
    if (ms > slowMs) tell({ finding: `SLOW: program ${number} took ${ms.toFixed(0)} ms\n${text}` });
    if ((done + 1) % Math.max(1, Math.floor(count / 20)) === 0) {
      collectGarbage();
      tell({ figures: { done: done + 1, outcomes, worst, heapMb: process.memoryUsage().heapUsed / 1e6 } });
    }
  }
}

/** So that the figure is what stays. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
}
