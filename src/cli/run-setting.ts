// SPDX-License-Identifier: Apache-2.0
// What `run` and `plan` have in common: the program, the machine and where state is kept, from the command line.

import { catalogFor } from "../agent/catalog.ts";
import { thisMachine } from "../agent/machine.ts";
import { absolutePath } from "../agent/program-input.ts";
import type { PlanOptions } from "../agent/plan-program.ts";
import { statePrefix } from "../agent/state-prefix.ts";
import type { Invocation } from "./command.ts";
import { moduleChoice } from "./module-options.ts";

/** Fails with a `Failure` when two options contradict each other, or the state cannot be kept where it should be. */
export async function runSetting(invocation: Invocation, path: string): Promise<PlanOptions> {
  const { options, terminal } = invocation;
  const { readStandardInput, workingDirectory } = terminal;
  const host = thisMachine();
  const { signal } = new AbortController();
  const hostname = textOption(options, "hostname") ?? (await host.identity.hostname(signal));
  const prefixOptions = { given: fileOption(invocation, "prefix"), temporary: options.tmpPrefix === true };
  return {
    path,
    reading: { readStandardInput, workingDirectory, modules: moduleChoice(invocation) },
    host,
    catalog: catalogFor(hostname),
    hostname,
    prefix: await statePrefix(prefixOptions, host, signal),
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
