// SPDX-License-Identifier: Apache-2.0
// What is and what should be of an interface, in the forms of the kernel.

import type { NetworkInterface } from "../../../contract/host.ts";
import type { NetworkRoute } from "../../../contract/network-setup.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { readText } from "../../files/read-text.ts";
import { parseAddress, parseNetwork } from "../address.ts";
import type { NetWant } from "./fields.ts";

export interface NetHave {
  readonly name: string;
  readonly link: NetworkInterface | undefined;
  /** Of this interface. */
  readonly routes: readonly NetworkRoute[];
  readonly file: string | undefined;
  /** Undefined when it does not matter, or the kernel has no such thing. */
  readonly forwards: boolean | undefined;
}

export function fileOf(name: string): string {
  return `/etc/systemd/network/mgmt-${name}.network`;
}

export function forwardingFile(name: string): string {
  return `/proc/sys/net/ipv4/conf/${name}/forwarding`;
}

export async function observeNet(want: NetWant, { host, name, signal }: ResourceEnv): Promise<NetHave> {
  const link = (await host.network.interfaces(signal)).find((each) => each.name === name);
  const routes = link === undefined ? [] : await host.network.routes(signal);
  const forwarding =
    want.ip_forward === undefined ? undefined : await readText(forwardingFile(name), host.files, signal);
  return {
    name,
    link,
    routes: routes.filter((route) => route.interface === name),
    file: await readText(fileOf(name), host.files, signal),
    forwards: forwarding === undefined ? undefined : forwarding.trim() !== "0",
  };
}

export function wantedAddresses(want: NetWant): readonly string[] | undefined {
  return want.addrs?.map((address) => parseNetwork(address)?.text ?? address);
}

/** IPv6 makes an address for the link by itself; it may stay. */
export function isOfLink(address: string): boolean {
  return /^fe[89ab]/.test(address);
}

export function defaultOf(gateway: string): string {
  return gateway.includes(":") ? "::/0" : "0.0.0.0/0";
}

/** All that must be there, without those that the kernel makes. */
export function wantedRoutes(want: NetWant, name: string): readonly NetworkRoute[] {
  const route = (destination: string, gateway: string): NetworkRoute => ({
    destination,
    interface: name,
    gateway: parseAddress(gateway) ?? "",
    source: "",
    isKernel: false,
    metric: 0,
  });
  const networks = [...want.routes].map(([network, gateway]) => route(parseNetwork(network)?.text ?? network, gateway));
  const all = want.gateway === "" ? [] : [route(defaultOf(want.gateway), want.gateway)];
  // Those at the interface itself come first: a gateway may be in them.
  return [...networks, ...all].sort((left, right) => Number(left.gateway !== "") - Number(right.gateway !== ""));
}

/** Those that the kernel makes for IPv4 addresses, one for each network. */
export function networkRoutes(want: NetWant, name: string): readonly NetworkRoute[] {
  const routes = new Map<string, NetworkRoute>();
  for (const address of want.addrs ?? []) {
    const parsed = parseNetwork(address);
    if (parsed === undefined || parsed.version === 6 || parsed.bits === 32 || routes.has(parsed.network)) continue;
    const source = parsed.text.slice(0, parsed.text.indexOf("/"));
    routes.set(parsed.network, {
      destination: parsed.network,
      interface: name,
      gateway: "",
      source,
      isKernel: true,
      metric: 0,
    });
  }
  return [...routes.values()];
}

/** For systemd-networkd at the next start. */
export function renderFile(want: NetWant, name: string): string {
  const routes = wantedRoutes(want, name).filter((route) => !/^(?:0\.0\.0\.0|::)\/0$/.test(route.destination));
  return [
    "[Match]",
    `Name=${name}`,
    ...(want.mtu === 0 ? [] : ["", "[Link]", `MTUBytes=${want.mtu}`]),
    "",
    "[Network]",
    ...(wantedAddresses(want) ?? []).map((address) => `Address=${address}`),
    ...(want.gateway === "" ? [] : [`Gateway=${want.gateway}`]),
    ...(want.ip_forward === undefined ? [] : [`IPForward=${want.ip_forward ? "ipv4" : "no"}`]),
    ...routes.flatMap(({ destination, gateway }) => [
      "",
      "[Route]",
      `Destination=${destination}`,
      ...(gateway === "" ? ["Scope=link"] : [`Gateway=${gateway}`]),
    ]),
    "",
  ].join("\n");
}
