// SPDX-License-Identifier: Apache-2.0
// `npm run bench -- server`: what needs a whole machine, each part in a lab host of its own (test/lab/host), so only root can
// run it. `npm run bench -- server peers` measures one part, of
//   peers     the same small server kept by mgmt, Puppet, Ansible and CFEngine
//   repairs   what others change on the server of examples/whole-server, until it is repaired
//   packages  a package that is removed, and three packages at once and one at a time
// docs/performance.md keeps what was measured.

import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const script = join(root, "test/lab/host");
const parts = ["peers", "repairs", "packages"];
const env = { ...process.env, LAB_BRIDGE: `lab-b${process.pid % 10_000}` };

function lab(...args: readonly string[]): void {
  const { status } = spawnSync(script, args, { env, stdio: "inherit" });
  if (status !== 0) throw new Error(`test/lab/host ${args.join(" ")} ended with ${status}`);
}

const asked = process.argv.slice(2);
lab("can");
lab("base");
for (const part of asked.length > 0 ? asked : parts) {
  if (!parts.includes(part)) throw new Error(`there is no part ${part}, but ${parts.join(", ")}`);
  console.log(`${part}\n`);
  try {
    lab("up", part, root);
    lab("exec", part, "sh", "-c", 'cd "$0" && exec "$@"', root, process.execPath, `bench/server-${part}.ts`);
  } finally {
    lab("down", part);
  }
  console.log();
}
