// SPDX-License-Identifier: Apache-2.0
// `npm test`: the unit suite in one process, then the tests that run whole programs, each file in a process of its own.
// Prints failures in full and the closing lines; passed tests are only counted.
// `npm test -- src/engine` runs what is below these paths. `UPDATE=1 npm test` rewrites golden files.

import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

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
const unit = files.filter((file) => !whole.includes(file));
const failures =
  (await report("unit tests", unit, { isolation: "none", timeout: 60_000 })) +
  // They mostly wait for processes, so more of them than processors run side by side.
  (await report("whole programs", whole, { isolation: "process", concurrency: 4, timeout: 180_000 }));
process.exit(failures === 0 ? 0 : 1);

/** Runs the files, prints what must be seen and gives the number of failures. */
async function report(suite: string, suiteFiles: readonly string[], options: Parameters<typeof run>[0]) {
  if (suiteFiles.length === 0) return 0;
  console.log(`\n${suite} (${suiteFiles.length} files)`);
  let failed = 0;
  for await (const event of run({ ...options, files: suiteFiles })) failed += reportEvent(event as TestEvent);
  return failed;
}

function reportEvent(event: TestEvent): 0 | 1 {
  switch (event.type) {
    case "test:fail": {
      const { name, file, line, details } = event.data;
      const { failureType, cause } = details.error as Error & { readonly failureType?: string };
      // A suite fails because a test in it did, which was said.
      if (failureType === "subtestsFailed") return 0;
      const place = file === undefined ? "" : `${relative(root, file)}:${line ?? 1}`;
      const reason = inspect(cause ?? details.error).replaceAll(/^/gm, "    ");
      console.log(`\n  ✖ ${name}  ${place}\n${reason}\n`);
      return 1;
    }
    case "test:stdout":
    case "test:stderr":
      process.stdout.write(event.data.message);
      return 0;
    case "test:diagnostic":
      if (/^(tests|pass|fail|cancelled|skipped|duration_ms) \d/.test(event.data.message)) {
        console.log(`  ${event.data.message}`);
      }
      return 0;
    default:
      return 0;
  }
}
