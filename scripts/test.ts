// SPDX-License-Identifier: Apache-2.0
// `npm test`: the unit suite in one process, then the tests that run whole programs, each file in a process of its own, then
// those that need a machine of their own, each file inside of a lab host. Prints failures in full and the closing lines.
// `npm test -- src/engine` runs what is below these paths. `UPDATE=1 npm test` rewrites golden files.
// `SECOND_TRY=1`, for machines where nobody looks on: a file of whole programs that failed runs once more, alone.

import { globSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { runInLabHosts } from "./lab-hosts.ts";
import { type Counts, eachOf, follow, noCounts, renderCounts, sum } from "./test-report.ts";

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
type Suite = (files: readonly string[]) => Promise<ReadonlyMap<string, Counts>>;

// They mostly wait for processes, so more of them than processors run side by side.
const runProcesses: Suite = (own) =>
  eachOf(own, 4, (file) => follow(run({ files: [file], isolation: "process", timeout: 180_000 }), print));
const runLabHosts: Suite = (own) => runInLabHosts(own, print);
const runUnits: Suite = async (own) =>
  new Map([["", await follow(run({ files: [...own], isolation: "none", timeout: 60_000 }), print)]]);

const failures =
  (await report("unit tests", unit, runUnits)) +
  (await report("whole programs", whole, withSecondTry(runProcesses))) +
  (await report("lab hosts", lab, withSecondTry(runLabHosts)));
process.exit(failures === 0 ? 0 : 1);

/** Runs the files, prints the closing lines and gives the number of failures. */
async function report(name: string, own: readonly string[], suite: Suite) {
  if (own.length === 0) return 0;
  console.log(`\n${name} (${own.length} files)`);
  const started = performance.now();
  const counts = [...(await suite(own)).values()].reduce(sum, noCounts);
  console.log(renderCounts(counts, performance.now() - started));
  return failuresIn(counts);
}

function withSecondTry(suite: Suite): Suite {
  if (process.env["SECOND_TRY"] !== "1") return suite;
  return async (own) => {
    const counts = new Map(await suite(own));
    for (const [file, first] of counts) {
      if (failuresIn(first) === 0) continue;
      console.log(`  again, alone: ${file}`);
      const second = (await suite([file])).get(file) ?? first;
      counts.set(file, failuresIn(second) === 0 ? { ...second, secondTry: 1 } : second);
    }
    return counts;
  };
}

function failuresIn(counts: Counts): number {
  return counts.fail + counts.cancelled;
}
