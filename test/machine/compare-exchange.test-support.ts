// SPDX-License-Identifier: Apache-2.0
// `LIBRARY cases`: calls the `compareExchange` of a library, alone and from several threads, and tells on stdout what came
// of it. `LIBRARY size=4`: asks for a size that it does not know. A process of its own, because that may end it.

import { readFileSync } from "node:fs";
import { dlopen, getRawPointer } from "node:ffi";
import { isMainThread, Worker, workerData } from "node:worker_threads";

const additions = 200_000;
const [, self = "", library = "", what] = process.argv;
const { functions } = dlopen(library, {
  compareExchange: {
    arguments: ["uint64", "pointer", "pointer", "pointer", "int32", "int32"],
    return: "uint32",
  },
});
/** The expected and the desired value. */
const pair = new BigUint64Array(2);
const [expected, desired] = [getRawPointer(pair), getRawPointer(pair) + 8n];

function compareExchange(at: bigint, from: bigint, to: bigint, size = 8n): { answer: number; expected: bigint } {
  pair[0] = from;
  pair[1] = to;
  const answer = functions.compareExchange(size, at, expected, desired, 5, 5);
  return { answer, expected: pair[0] };
}

function add(at: bigint): void {
  for (let count = 0, seen = 0n; count < additions; count += 1) {
    for (;;) {
      const { answer, expected: found } = compareExchange(at, seen, seen + 1n);
      seen = answer === 1 ? seen + 1n : found;
      if (answer === 1) break;
    }
  }
}

function alone(from: bigint, to: bigint) {
  const memory = BigUint64Array.of(7n, 0xfedcba98_76543210n, 9n);
  const result = compareExchange(getRawPointer(memory) + 8n, from, to);
  return [result.answer, result.expected, ...memory].map(String);
}

if (!isMainThread) {
  add(workerData as bigint);
} else if (what === "size=4") {
  compareExchange(getRawPointer(new BigUint64Array(1)), 0n, 1n, 4n);
} else {
  const sum = new BigUint64Array(1);
  const at = getRawPointer(sum);
  const workers = [1, 2].map(() => new Worker(self, { argv: [library], workerData: at }));
  const ends = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
  add(at);
  await Promise.all(ends);
  process.stdout.write(
    JSON.stringify({
      equal: alone(0xfedcba98_76543210n, 2n),
      otherLow: alone(0xfedcba98_76543211n, 2n),
      otherHigh: alone(0x7edcba98_76543210n, 2n),
      lost: 3n * BigInt(additions) - (sum[0] ?? 0n) === 0n ? "nothing" : "something",
      libatomic: readFileSync("/proc/self/maps", "utf8").includes("libatomic.so"),
    }),
  );
}
