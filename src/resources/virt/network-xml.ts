// SPDX-License-Identifier: Apache-2.0
// Descriptions of networks, as libvirt takes them and as it gives them.

import { childOf, childrenOf, parseXml } from "../xml/read.ts";
import { element, type Markup } from "../xml/write.ts";
import { netmaskOf, parseAddress, parseCidr, type Range, renderAddress, type Reservation } from "./network-members.ts";

/** What of a network cannot be changed while it is up. */
export interface Base {
  readonly uuid: string;
  readonly device: string;
  readonly mode: string;
  readonly mac: string;
  /** With its prefix. */
  readonly ip: string;
}

export interface Described extends Base {
  readonly reservations: readonly Reservation[];
  readonly ranges: readonly Range[];
}

export function describeNetwork(
  name: string,
  { uuid, device, mode, mac, ip, reservations, ranges }: Described,
): string {
  const cidr = parseCidr(ip);
  const [address, netmask] = cidr === undefined ? [] : [renderAddress(cidr.address), netmaskOf(cidr.bits)];
  const given = [...ranges.map(rangeElement), ...reservations.map(reservationElement)];
  return element(
    "network",
    element("name", name),
    uuid === "" ? undefined : element("uuid", uuid),
    element("forward", { mode }),
    element("bridge", { name: device, stp: "on", delay: "0" }),
    element("mac", { address: mac }),
    element("ip", { address, netmask }, given.length === 0 ? undefined : element("dhcp", ...given)),
  ).text;
}

export function rangeElement({ start, end }: Range): Markup {
  return element("range", { start, end });
}

export function reservationElement({ mac, hostname, ip }: Reservation): Markup {
  return element("host", { mac, name: hostname, ip });
}

export function readNetwork(text: string): Described {
  const network = parseXml(text, "the description of a network");
  const attribute = (name: string, ...way: readonly string[]) => childOf(network, ...way)?.attributes.get(name) ?? "";
  const address = attribute("address", "ip");
  const prefix = attribute("prefix", "ip");
  const mask = parseAddress(attribute("netmask", "ip"));
  const bits = prefix !== "" ? Number(prefix) : mask === undefined ? 32 : 32 - Math.log2(2 ** 32 - mask);
  return {
    uuid: childOf(network, "uuid")?.text.trim() ?? "",
    device: attribute("name", "bridge"),
    mode: attribute("mode", "forward"),
    mac: attribute("address", "mac").toLowerCase(),
    ip: address === "" ? "" : `${address}/${bits}`,
    reservations: childrenOf(network, "ip", "dhcp", "host").map(({ attributes }) => ({
      hostname: attributes.get("name") ?? "",
      mac: (attributes.get("mac") ?? "").toLowerCase(),
      ip: attributes.get("ip") ?? "",
    })),
    ranges: childrenOf(network, "ip", "dhcp", "range").map(({ attributes }) => ({
      start: attributes.get("start") ?? "",
      end: attributes.get("end") ?? "",
    })),
  };
}
