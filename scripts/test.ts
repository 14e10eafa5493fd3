// SPDX-License-Identifier: Apache-2.0
// `npm test`: the unit suite in one process, then the tests that run whole programs, each file in a process of its own, then
// those that need a machine of their own, each file inside of a lab host. Prints failures in full and the closing lines.
// `npm test -- src/engine` runs what is below these paths. `UPDATE=1 npm test` rewrites golden files.

import { globSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { runInLabHosts } from "./lab-hosts.ts";
import { type Counts, follow, renderCounts } from "./test-report.ts";

const root = join(import.meta.dirname, "..");
process.chdir(root);
const asked = process.argv.slice(2).map((path) => path.replace(/^\.\//, "").replace(/\/$/, ""));
const files = globSync(["src/**/*.test.ts", "test/**/*.test.ts"])
  .filter((file) => asked.length === 0 || asked.some((path) => file === path || file.startsWith(`${path}/`)))
  .toSorted();
if (files.length === 0) {
  console.error(`no tests below ${asked.join(" ")}`);
  process.exit(2);
}

const whole = files.filter((file) => /^test\/(machine|end-to-end)\//.test(file));
const lab = files.filter((file) => file.startsWith("test/lab/"));
const unit = files.filter((file) => !whole.includes(file) && !lab.includes(file));
const print = (text: string) => process.stdout.write(text);
const failures =
  (await report("unit tests", unit, (own) => follow(run({ files: own, isolation: "none", timeout: 60_000 }), print))) +
  // They mostly wait for processes, so more of them than processors run side by side.
  (await report("whole programs", whole, (own) =>
    follow(run({ files: own, isolation: "process", concurrency: 4, timeout: 180_000 }), print),
  )) +
  (await report("lab hosts", lab, (own) => runInLabHosts(own, print)));
process.exit(failures === 0 ? 0 : 1);

/** Runs the files, prints the closing lines and gives the number of failures. */
async function report(suite: string, own: readonly string[], follow: (own: readonly string[]) => Promise<Counts>) {
  if (own.length === 0) return 0;
  console.log(`\n${suite} (${own.length} files)`);
  const started = performance.now();
  const counts = await follow(own);
  console.log(renderCounts(counts, performance.now() - started));
  return counts.fail + counts.cancelled;
}
