// SPDX-License-Identifier: Apache-2.0
// What the single file is made of: `npm run build` runs this once, and what is in memory then (the program loaded, what
// checks and runs use compiled, the modules of mcl read) is what each start of the single file begins with. So nothing
// that is loaded may look at the machine; `start` does, when the single file is started.

import { readdirSync, readFileSync } from "node:fs";
import { queryObjects, setFlagsFromString, startupSnapshot } from "node:v8";
import { bringShippedModules } from "../../src/agent/modules/shipped.ts";
import { runCommandLine, start } from "../../src/cli/start.ts";

/** Command lines, as JSON; they are tried so that what they use is compiled. */
const trials = JSON.parse(process.env.MGMT_BUILD_TRIALS ?? "[]") as readonly (readonly string[])[];

// Else the runtime forgets what it has compiled before it is kept.
setFlagsFromString("--no-flush-bytecode");
bringShippedModules(
  new Map(
    readdirSync("modules", { recursive: true, withFileTypes: true })
      .filter((found) => found.isFile() && !found.name.endsWith("_test.mcl"))
      .map((found) => `${found.parentPath}/${found.name}`)
      .toSorted()
      .map((path) => [path, readFileSync(path, "utf8")]),
  ),
);
startupSnapshot.setDeserializeMainFunction(start);
tryAll().catch((reason: unknown) => {
  console.error(reason);
  process.exit(1);
});

async function tryAll(): Promise<void> {
  for (const words of trials) {
    const status = await runCommandLine(words);
    if (status === 0) continue;
    console.error(`mgmt ${words.join(" ")} ended with ${status}`);
    process.exit(1);
  }
  // What is left of them goes before memory is kept, with all that waits for that.
  for (let round = 0; round < 5; round += 1) {
    queryObjects(Map); // Which begins with a collection of everything.
    await new Promise((done) => setTimeout(done, 20));
  }
}
