// SPDX-License-Identifier: Apache-2.0
// Runs one test file and tells on stdout what is to be shown and counted, as one JSON text on each line. `npm test` starts
// it inside of a lab host; it knows nothing of that.

import { run } from "node:test";
import { follow } from "./test-report.ts";

/** What a line of the output says. */
export type Told = { readonly print: string } | { readonly counts: Awaited<ReturnType<typeof follow>> };

const tell = (told: Told) => process.stdout.write(`${JSON.stringify(told)}\n`);

if (import.meta.main) {
  const files = process.argv.slice(2);
  // In a process of its own, so that nothing else gets between the lines.
  const events = run({ files, isolation: "process", timeout: 180_000, cwd: process.cwd() });
  tell({ counts: await follow(events, (print) => tell({ print })) });
}
