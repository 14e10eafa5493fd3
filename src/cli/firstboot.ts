// SPDX-License-Identifier: Apache-2.0
// `mgmt firstboot start`

import { dirname } from "node:path";
import { thisMachine } from "../agent/machine.ts";
import { lockFile } from "../agent/record/prefix-lock.ts";
import { runFirstBoot } from "../agent/setup/first-boot.ts";
import { Failure, isAbort } from "../contract/failure.ts";
import type { Execute } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { fileOption } from "./option-values.ts";
import { directoryOption, usualScripts } from "./setup.ts";

export const execute: Execute = async (invocation) => {
  const { terminal } = invocation;
  if (invocation.arguments.length !== 1 || invocation.arguments[0] !== "start") {
    terminal.stderr("mgmt: there is only `mgmt firstboot start`\n  hint: mgmt firstboot --help\n");
    return exitStatus.usage;
  }
  const host = thisMachine();
  const stopping = new AbortController();
  const lockPath = fileOption(invocation, "lockFilePath") ?? "/var/lib/mgmt/firstboot.lock";
  const places = {
    scripts: directoryOption(invocation, "scriptsDir") ?? usualScripts,
    done: directoryOption(invocation, "doneDir"),
    logs: directoryOption(invocation, "loggingDir") ?? "/root/",
  };
  const directory = dirname(lockPath);
  if ((await host.files.inspectTarget(directory, stopping.signal)) === undefined) {
    await host.files.createDirectory(directory, { parents: true, mode: 0o750 }, stopping.signal);
  }
  const lock = lockFile(lockPath);
  if (lock === undefined)
    throw new Failure("it is running already", { code: "busy", hint: `who runs holds ${lockPath}` });
  const stopListening = terminal.onStopSignal(() => stopping.abort());
  try {
    await runFirstBoot(places, host, (text) => terminal.stdout(`${text}\n`), stopping.signal);
  } catch (reason) {
    if (!isAbort(reason, stopping.signal)) throw reason;
    terminal.stderr("mgmt: stopped; what was not done is done at the next start\n");
  } finally {
    stopListening();
    lock.release();
  }
  return exitStatus.good;
};
