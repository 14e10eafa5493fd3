// SPDX-License-Identifier: Apache-2.0
// The network interfaces of this machine, as `ip` tells of them.

import { Pulses } from "../../base/pulse.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import type { Clock, Files, Network, NetworkInterface, Processes } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";

/** `ip monitor` does not say when it has begun to listen; what changed before is seen by looking again after this. */
const settledMs = 500;

export interface LinuxNetworkParts {
  readonly processes: Processes;
  readonly files: Files;
  readonly clock: Clock;
}

export function linuxNetwork({ processes, files, clock }: LinuxNetworkParts): Network {
  return {
    async interfaces(signal) {
      const { status, stdout, stderr } = await processes.run({ argv: ["ip", "-json", "address", "show"] }, signal);
      if (status !== 0) {
        const why = textOf(stderr).trim();
        throw new Failure(`cannot list the network interfaces: ${why}`, { code: "command-failed", retry: "backoff" });
      }
      const links = parseLinks(textOf(stdout));
      const isWireless = (name: string) => files.inspect(`/sys/class/net/${name}/wireless`, signal);
      return Promise.all(
        links.map(async (link) => ({ ...link, isWireless: (await isWireless(link.name)) !== undefined })),
      );
    },
    async *changes(signal) {
      const stopping = new AbortController();
      const living = AbortSignal.any([signal, stopping.signal]);
      const pulses = new Pulses(living);
      const cancelLook = clock.after(settledMs, pulses.pulse);
      const listening = listen(processes, living, pulses);
      pulses.pulse();
      try {
        yield* pulses;
      } finally {
        cancelLook();
        stopping.abort();
        await listening;
      }
    },
  };
}

async function listen(processes: Processes, signal: AbortSignal, pulses: Pulses): Promise<void> {
  try {
    for await (const _ of processes.lines({ argv: ["ip", "monitor", "link", "address"] }, signal)) pulses.pulse();
    if (!signal.aborted) throw new Failure("`ip monitor` has ended", { code: "unexpected", retry: "backoff" });
  } catch (reason) {
    if (!isAbort(reason, signal)) pulses.fail(reason);
  }
}

/** The shape of the JSON is that of iproute2; what is missing is taken as not there. */
export function parseLinks(json: string): readonly Omit<NetworkInterface, "isWireless">[] {
  const parsed: unknown = JSON.parse(json);
  return listOf(parsed).map((link) => {
    const flags = listOf(member(link, "flags"));
    const isEthernet = textIn(link, "link_type") !== "none";
    return {
      name: textIn(link, "ifname"),
      isLoopback: flags.includes("LOOPBACK"),
      isUp: flags.includes("UP"),
      hardwareAddress: isEthernet ? hardwareAddressOf(textIn(link, "address")) : "",
      addresses: listOf(member(link, "addr_info")).map((address) => {
        return `${textIn(address, "local")}/${Number(member(address, "prefixlen"))}`;
      }),
    };
  });
}

/** Tunnels have IP addresses in this place. */
function hardwareAddressOf(text: string): string {
  return /^[0-9a-f]{2}(?::[0-9a-f]{2})+$/.test(text) ? text : "";
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textIn(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === "string" ? found : "";
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value ? Reflect.get(value, name) : undefined;
}
