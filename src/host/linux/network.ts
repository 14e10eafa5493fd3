// SPDX-License-Identifier: Apache-2.0
// The network interfaces of this machine, as `ip` tells of them.

import { Failure } from "../../contract/failure.ts";
import type { Clock, Files, Network, NetworkInterface, Processes } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";
import { linuxNetworkSetup } from "./network-setup.ts";
import { SharedListener } from "./shared-listener.ts";

export interface LinuxNetworkParts {
  readonly processes: Processes;
  readonly files: Files;
  readonly clock: Clock;
}

export function linuxNetwork({ processes, files, clock }: LinuxNetworkParts): Network {
  // `netconf`: who passes packets on, of which the files below /proc/sys tell nothing when all are set as one.
  const argv = ["ip", "monitor", "link", "address", "route", "netconf"] as const;
  const listener = new SharedListener(processes, clock, { argv });
  return {
    ...linuxNetworkSetup(processes),
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
    changes: (signal) => listener.changes(signal),
  };
}

/** The shape of the JSON is that of iproute2; what is missing is taken as not there. */
export function parseLinks(json: string): readonly Omit<NetworkInterface, "isWireless">[] {
  const parsed: unknown = JSON.parse(json);
  return listOf(parsed).map((link) => {
    const flags = listOf(member(link, "flags"));
    const isEthernet = textIn(link, "link_type") !== "none";
    return {
      name: textIn(link, "ifname"),
      index: Number(member(link, "ifindex") ?? 0),
      isLoopback: flags.includes("LOOPBACK"),
      isUp: flags.includes("UP"),
      mtu: Number(member(link, "mtu") ?? 0),
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
