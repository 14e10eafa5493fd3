// SPDX-License-Identifier: Apache-2.0
// `virt:network:range`: addresses that a network of libvirt gives to machines that ask for one.

import { field, type Want } from "../../contract/field.ts";
import { defineMember } from "../member.ts";
import { checkRange } from "./network-members.ts";

const fields = {
  network: field.str({ doc: "The `virt:network` that it is of; any if absent.", example: '"lan"' }),
  start: field.str({ doc: "The first address.", example: '"192.168.122.100"' }),
  end: field.str({ doc: "The last address.", example: '"192.168.122.199"' }),
};

export const virtNetworkRange = defineMember({
  kind: "virt:network:range",
  summary: "Addresses that a network of libvirt gives to machines.",
  fields,
  traits: {},
  partOf: { kind: "virt:network", field: "network" },
  watchesThrough: false,
  check: ({ start, end }: Want<typeof fields>) => checkRange(start, end),
});
