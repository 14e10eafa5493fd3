// SPDX-License-Identifier: Apache-2.0
// `dhcp:range`: addresses for whoever comes. How they are given: server.ts.

import { field } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import {
  firstOf,
  type Ipv4,
  isInNetwork,
  type Ipv4Network,
  lastOf,
  parseIpv4,
  parseIpv4Network,
  parseMask,
} from "../../protocols/ipv4.ts";
import { defineMember } from "../member.ts";
import { bootFields, bootProblems, type BootWant } from "./boot-program.ts";
import { networkFields, networkProblems, type NetworkWant } from "./fields.ts";

const fields = {
  server: field.str({ doc: "The name of the `dhcp:server`. Not given: any.", example: '":67"' }),
  network: field.str({
    doc: "The network whose addresses are given. Not given, and no `from` and `to`: the name of the resource.",
    example: '"192.168.42.0/24"',
  }),
  from: field.str({ doc: "The first address, instead of a network.", example: '"192.168.42.100"' }),
  to: field.str({ doc: "The last address.", example: '"192.168.42.199"' }),
  mask: field.str({ doc: "The mask of `from` and `to`: `/24` or `255.255.255.0`.", example: '"/24"' }),
  skip: field.strings({ doc: "Addresses in it that nobody gets.", example: '["192.168.42.1"]' }),
  persist: field.bool({ doc: "Remembers who has which address over a restart." }),
  ...networkFields,
  ...bootFields,
};

export interface RangeWant extends BootWant, NetworkWant {
  readonly network: string;
  readonly from: string;
  readonly to: string;
  readonly mask: string;
  readonly skip: readonly string[];
  readonly persist: boolean;
}

/** First and last address that are given, both included. */
export interface Range {
  readonly network: Ipv4Network;
  readonly first: Ipv4;
  readonly last: Ipv4;
  readonly skip: readonly Ipv4[];
}

export const dhcpRange = defineMember({
  kind: "dhcp:range",
  summary: "Addresses that a DHCP server gives to whoever comes.",
  fields,
  traits: {},
  partOf: { kind: "dhcp:server", field: "server" },
  check: (want, name) => {
    const range = readRange(want, name);
    return [...bootProblems(want), ...networkProblems(want), ...("first" in range ? [] : [range])];
  },
});

/** The range, or what is wrong with it. */
export function readRange(want: RangeWant, name: string): Range | WantProblem {
  const ends = want.from === "" && want.to === "" ? endsOfNetwork(want, name) : endsAsWritten(want);
  if (!("first" in ends)) return ends;
  const skip: Ipv4[] = [];
  for (const text of want.skip) {
    const address = parseIpv4Network(text)?.address ?? parseIpv4(text);
    if (address === undefined)
      return { field: "skip", title: `"${text}" is no address`, hint: 'Write it like "192.168.42.10".' };
    skip.push(address);
  }
  return { ...ends, skip };
}

type Ends = Omit<Range, "skip">;

/** All hosts of the network: neither the network itself nor the address for everybody in it. */
function endsOfNetwork(want: RangeWant, name: string): Ends | WantProblem {
  const text = want.network === "" ? name : want.network;
  const network = parseIpv4Network(text);
  if (network === undefined) {
    return {
      field: "network",
      title: `"${text}" is no network`,
      hint: 'Write "192.168.42.0/24", or `from`, `to` and `mask`.',
    };
  }
  if (want.mask !== "")
    return {
      field: "mask",
      title: "`mask` cannot go with a network, which has its own",
      hint: "Leave it out, or give `from` and `to`.",
    };
  if (network.bits > 30)
    return {
      field: "network",
      title: `the network ${text} has no addresses to give`,
      hint: 'A network has some up to "/30".',
    };
  return { network, first: firstOf(network) + 1, last: lastOf(network) - 1 };
}

function endsAsWritten({ network: whole, from, to, mask }: RangeWant): Ends | WantProblem {
  if (whole !== "") return { field: "network", title: "either a `network` is given, or `from` and `to`" };
  const [left, right] = [from, to].map((text) => parseIpv4Network(text));
  const [first, last] = [left?.address ?? parseIpv4(from), right?.address ?? parseIpv4(to)];
  if (first === undefined)
    return {
      field: "from",
      title: `"${from}" is no address`,
      hint: 'Write it like "192.168.42.100" or "192.168.42.100/24".',
    };
  if (last === undefined) {
    const title = to === "" ? "a range with `from` needs `to`" : `"${to}" is no address`;
    return { field: "to", title, hint: 'Write it like "192.168.42.200".' };
  }
  const masks = [left?.bits, right?.bits, mask === "" ? undefined : (parseMask(mask) ?? -1)].filter(
    (bits) => bits !== undefined,
  );
  const [bits] = masks;
  if (bits === -1 || masks.includes(-1))
    return { field: "mask", title: `"${mask}" is no mask`, hint: 'Write "/24" or "255.255.255.0".' };
  if (bits === undefined || new Set(masks).size > 1) {
    return { field: "mask", title: "the mask must be given once", hint: 'With `mask`, or as in "192.168.42.100/24".' };
  }
  const network = { address: first, bits };
  if (last < first || !isInNetwork(last, network)) {
    return { field: "to", title: `${to} is not behind ${from} in the same network` };
  }
  return { network, first, last };
}
