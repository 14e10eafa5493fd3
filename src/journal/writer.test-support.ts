// SPDX-License-Identifier: Apache-2.0
// A process that writes a journal as fast as it can, for a test that kills it. Says `ready` when it has begun.

import { setTimeout as after } from "node:timers";
import { Journal } from "./journal.ts";

const [path = "", name = "writer"] = process.argv.slice(2);
const journal = new Journal({
  path,
  clock: {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: () => Promise.reject(new Error("nobody sleeps here")),
    after: (ms, task) => {
      const timer = after(task, ms);
      return () => clearTimeout(timer);
    },
    offsetMinutes: () => 0,
    zoneName: () => undefined,
  },
  keepDays: 30,
  keepBytes: 1024 * 1024 * 1024,
  onTrouble: (message) => process.stdout.write(`${message}\n`),
});
process.stdout.write("ready\n");
for (let count = 0; ; count += 1) {
  for (let each = 0; each < 100; each += 1) journal.add({ type: "settled", resource: `${name}[${count}]` });
  journal.flush();
  await new Promise((resolve) => setImmediate(resolve));
}
