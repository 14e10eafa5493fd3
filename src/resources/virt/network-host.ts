// SPDX-License-Identifier: Apache-2.0
// `virt:network:host`: the address that a machine always gets in a network of libvirt.

import { field, fromName, type Want } from "../../contract/field.ts";
import { defineMember } from "../member.ts";
import { checkReservation } from "./network-members.ts";

const fields = {
  network: field.str({ doc: "The `virt:network` that it is in; any if absent.", example: '"lan"' }),
  hostname: field.str({
    default: fromName,
    doc: "The name that the machine gets; the name of the resource if absent.",
  }),
  mac: field.str({ doc: "Its hardware address.", example: '"52:54:00:12:34:56"' }),
  ip: field.str({ doc: "The address that it gets, with the prefix of the network.", example: '"192.168.122.10/24"' }),
};

export const virtNetworkHost = defineMember({
  kind: "virt:network:host",
  summary: "The address that a machine always gets in a network of libvirt.",
  fields,
  traits: {},
  partOf: { kind: "virt:network", field: "network" },
  watchesThrough: false,
  check: ({ hostname, mac, ip }: Want<typeof fields>) => checkReservation(hostname, mac, ip),
});
