// SPDX-License-Identifier: Apache-2.0
// Run inside of a lab host by `npm run bench -- server`: how long each repair of the whole server takes, as a table.

import { run, withoutRecommended } from "../test/lab/inside.ts";
import { LabProgram } from "../test/lab/program.ts";
import { measure, renderRow, repairs } from "../test/lab/repairs.ts";

withoutRecommended();
await run("apt-get", "update", "-qq");
const program = new LabProgram("whole-server");
// Upgrades of the machine itself would take the lock of the packages meanwhile.
program.edit(/include upgrades.*\n/, "");
const started = performance.now();
await program.once();
const made = performance.now() - started;
await program.isSettled();
console.log(`from an empty machine to a whole server: ${(made / 1000).toFixed(1)} s\n`);
console.log("| kind | what somebody else does | times | p50 | p99 |\n|---|---|---|---|---|");
await program.whileRunning(async () => {
  for (const repair of repairs) console.log(renderRow(await measure(repair, 100)));
});
