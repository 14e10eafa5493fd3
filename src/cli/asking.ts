// SPDX-License-Identifier: Apache-2.0
// What `status`, `events` and `why` have in common: whom they ask, and what they say when nobody is there.

import { thisMachine } from "../agent/machine.ts";
import { askedPrefix } from "../agent/record/asked-prefix.ts";
import type { Host } from "../contract/host.ts";
import type { Invocation } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { fileOption } from "./option-values.ts";

export async function whomToAsk(invocation: Invocation): Promise<{ readonly host: Host; readonly prefix: string }> {
  const host = thisMachine();
  return { host, prefix: await askedPrefix(fileOption(invocation, "prefix"), host, new AbortController().signal) };
}

/** Returns the exit status. */
export function nobodyThere(prefix: string, { terminal }: Invocation): number {
  terminal.stderr(`mgmt: no mgmt runs with the state directory ${prefix}, and none has left a journal there\n`);
  terminal.stderr("  hint: name another one with --prefix\n");
  return exitStatus.wrong;
}
