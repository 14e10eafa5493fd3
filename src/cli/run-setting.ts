// SPDX-License-Identifier: Apache-2.0
// What `run` and `plan` have in common: the program, the machine and where state is kept, from the command line.

import { catalogFor } from "../agent/catalog.ts";
import { clusterOf } from "../agent/cluster.ts";
import { checkHostname } from "../agent/hostname.ts";
import { thisMachine } from "../agent/machine.ts";
import { absolutePath } from "../agent/program-input.ts";
import type { PlanOptions } from "../agent/plan-program.ts";
import { statePrefix } from "../agent/state-prefix.ts";
import type { Invocation } from "./command.ts";
import { moduleChoice } from "./module-options.ts";

/** `readOnly`: nothing is kept. Fails with a `Failure` when two options contradict each other, or the state cannot be kept where it should be. */
export async function runSetting(
  invocation: Invocation,
  path: string,
  { readOnly }: { readonly readOnly: boolean },
): Promise<PlanOptions> {
  const { options, terminal } = invocation;
  const onTrouble = (message: string): void => terminal.stderr(`mgmt: ${message}\n`);
  const { readStandardInput, workingDirectory } = terminal;
  const host = thisMachine();
  const { signal } = new AbortController();
  const given = textOption(options, "hostname");
  const hostname = given === undefined ? await host.identity.hostname(signal) : checkHostname(given);
  const prefixOptions = { given: fileOption(invocation, "prefix"), temporary: options.tmpPrefix === true };
  const prefix = await statePrefix(prefixOptions, host, signal);
  return {
    path,
    reading: { readStandardInput, workingDirectory, modules: moduleChoice(invocation) },
    host,
    catalog: catalogFor(hostname),
    hostname,
    prefix,
    cluster: clusterOf({ prefix, readOnly, host, onTrouble }),
    onTrouble,
    automatic: { autoedges: options.autoedges !== false, autogroups: options.autogroup !== false },
    sema: typeof options.sema === "number" ? options.sema : undefined,
    maxRuntimeMs: typeof options.maxRuntime === "number" ? options.maxRuntime * 1000 : undefined,
  };
}

export function textOption(options: Invocation["options"], name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/** An absolute path. */
export function fileOption({ options, terminal }: Invocation, name: string): string | undefined {
  const file = textOption(options, name);
  return file === undefined ? undefined : absolutePath(file, terminal.workingDirectory);
}
