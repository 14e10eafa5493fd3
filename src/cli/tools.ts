// SPDX-License-Identifier: Apache-2.0
// `mgmt tools grow`

import { thisMachine } from "../agent/machine.ts";
import { grow, planGrowth } from "../agent/setup/grow.ts";
import type { Execute } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { fileOption } from "./option-values.ts";

export const execute: Execute = async (invocation) => {
  const { terminal, options } = invocation;
  const mount = fileOption(invocation, "mount");
  if (invocation.arguments.length !== 1 || invocation.arguments[0] !== "grow" || mount === undefined) {
    terminal.stderr("mgmt: there is `mgmt tools grow --mount=DIRECTORY`\n  hint: mgmt tools --help\n");
    return exitStatus.usage;
  }
  const host = thisMachine();
  const { signal } = new AbortController();
  const done = fileOption(invocation, "done");
  if (done !== undefined && (await host.files.inspect(done, signal)) !== undefined) {
    terminal.stderr(`mgmt: ${done} is there, so this was done before\n`);
    return exitStatus.good;
  }
  const steps = await planGrowth(mount, host, signal);
  for (const { doc, argv } of steps) terminal.stdout(`${doc}: ${argv.join(" ")}\n`);
  if (options.exec !== true) return exitStatus.good;
  await grow(steps, host, signal);
  if (done !== undefined) await host.files.write(done, new Uint8Array(), { durable: true }, signal);
  return exitStatus.good;
};
