// SPDX-License-Identifier: Apache-2.0
// sys/fwupd: what the daemon for firmware updates tells over the system bus.

import { Pulses } from "../../base/pulse.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import { defineFunction } from "../../contract/function.ts";
import type { Host } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";

const service = "org.freedesktop.fwupd";

/** `UpdateState` of a device whose new firmware waits for a restart. */
const needsReboot = 4;

export const fwupd = defineFunction({
  module: "sys/fwupd",
  name: "reboot_needed",
  type: "func() bool",
  doc: "Whether new firmware waits for this machine to be restarted. False also where nobody can tell.",
  example: "$restart = fwupd.reboot_needed()",
  stream: async function* (_, { host, signal }) {
    const stopping = new AbortController();
    const living = AbortSignal.any([signal, stopping.signal]);
    const pulses = new Pulses(living);
    const listening = listen(host, living, pulses);
    pulses.pulse();
    try {
      for await (const _change of pulses) yield await isRebootNeeded(host, living);
    } catch (reason) {
      if (!isAbort(reason, signal)) throw reason;
    } finally {
      stopping.abort();
      await listening;
    }
  },
});

/** Every signal of the daemon is a reason to look. Without a bus there is none, and that is no failure. */
async function listen({ processes }: Host, signal: AbortSignal, pulses: Pulses): Promise<void> {
  const match = `--match=type='signal',sender='${service}'`;
  try {
    for await (const _ of processes.lines({ argv: ["busctl", "--system", "--json=short", match, "monitor"] }, signal)) {
      pulses.pulse();
    }
  } catch (reason) {
    if (!(reason instanceof Failure) && !isAbort(reason, signal)) pulses.fail(reason);
  }
}

async function isRebootNeeded({ processes }: Host, signal: AbortSignal): Promise<boolean> {
  try {
    const argv = ["busctl", "--system", "--json=short", "call", service, "/", service, "GetDevices"] as const;
    const { status, stdout } = await processes.run({ argv: [...argv], keepBytes: 64 * 1024 * 1024 }, signal);
    return status === 0 && statesIn(JSON.parse(textOf(stdout))).includes(needsReboot);
  } catch (reason) {
    if (reason instanceof Failure || reason instanceof SyntaxError) return false;
    throw reason;
  }
}

/** Every `UpdateState` in what `busctl` prints: `{"data": [[{"UpdateState": {"type": "u", "data": 4}}]]}`. */
function statesIn(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply.flatMap(statesIn);
  if (typeof reply !== "object" || reply === null) return [];
  const found: unknown[] = [];
  for (const [name, member] of Object.entries(reply) as [string, unknown][]) {
    const hasData = typeof member === "object" && member !== null && "data" in member;
    if (name === "UpdateState" && hasData) found.push(member.data);
    else found.push(...statesIn(member));
  }
  return found;
}
