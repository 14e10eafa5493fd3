// SPDX-License-Identifier: Apache-2.0
// The functions of the module net that look at the interfaces of this machine; each is new when they change.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import type { NetworkInterface } from "../../contract/host.ts";
import { quote } from "../../values/print.ts";
import { fatal, textAt } from "../arguments.ts";
import { onNetworkChange } from "../streams.ts";
import { parsePrefix } from "./address.ts";

export const netInterfaces: readonly FunctionDefinition[] = [
  defineFunction({
    module: "net",
    name: "macs",
    type: "func() []str",
    doc: "The MAC addresses of this machine, those of the loopback interface left out.",
    example: '$ours = "00:11:22:aa:bb:cc" in net.macs()',
    stream: (_, { host, signal }) => onNetworkChange(host, signal, macsOf),
  }),
  defineFunction({
    module: "net",
    name: "interface_cidr",
    type: "func(interface str) str",
    doc: "The first IPv4 address of an interface that is not only for this machine or link, with the length of its network part. An interface without one ends the program's run.",
    example: '$address = net.interface_cidr("eth0")',
    stream: (args, { host, signal }) =>
      onNetworkChange(host, signal, (interfaces) => {
        const name = textAt(args, 0);
        const found = interfaces.find((entry) => entry.name === name);
        if (found === undefined) throw fatal(`there is no network interface ${quote(name)}`);
        const address = found.addresses.find(isGlobalVersion4);
        if (address === undefined) throw fatal(`the network interface ${quote(name)} has no IPv4 address`);
        return address;
      }),
  }),
  defineFunction({
    module: "net",
    name: "wired_interface",
    type: "func() str",
    doc: "The first network interface with a MAC address that is not wireless, one that is up before others. A machine without one ends the program's run.",
    example: "$interface = net.wired_interface()",
    stream: (_, { host, signal }) =>
      onNetworkChange(host, signal, (interfaces) => {
        const wired = interfaces.filter((entry) => {
          return !entry.isLoopback && !entry.isWireless && entry.hardwareAddress !== "";
        });
        const found = wired.find(({ isUp }) => isUp) ?? wired[0];
        if (found === undefined) throw fatal("this machine has no wired network interface");
        return found.name;
      }),
  }),
];

/** Of six bytes, as Ethernet has them. */
export function macsOf(interfaces: readonly NetworkInterface[]): readonly string[] {
  return interfaces
    .filter(({ isLoopback, hardwareAddress }) => !isLoopback && hardwareAddress.length === 17)
    .map(({ hardwareAddress }) => hardwareAddress);
}

function isGlobalVersion4(cidr: string): boolean {
  const address = parsePrefix(cidr)?.address;
  if (address?.length !== 4) return false;
  const [first = 0, second] = address;
  const isBroadcast = address.every((byte) => byte === 255);
  const isUnset = address.every((byte) => byte === 0);
  const isMulticast = first >= 224 && first < 240;
  return !isBroadcast && !isUnset && !isMulticast && first !== 127 && !(first === 169 && second === 254);
}
