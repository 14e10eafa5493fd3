// SPDX-License-Identifier: Apache-2.0
// `dhcp:host`: one machine, by its hardware address: its address, and what it boots. How it is told: server.ts.

import { field } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { parseIpv4Network } from "../../protocols/ipv4.ts";
import { defineMember } from "../member.ts";
import { bootFields, bootProblems, type BootWant } from "./boot-program.ts";
import { networkFields, networkProblems, type NetworkWant } from "./fields.ts";

const fields = {
  server: field.str({ doc: "The name of the `dhcp:server`. Not given: any.", example: '":67"' }),
  mac: field.str({ doc: "The hardware address, in lower case with colons.", example: '"52:54:00:12:34:56"' }),
  ip: field.str({
    doc: "Its address, with the length of the network part. Not given: one of a `dhcp:range`.",
    example: '"192.168.42.13/24"',
  }),
  ...networkFields,
  ...bootFields,
};

export interface HostWant extends BootWant, NetworkWant {
  readonly mac: string;
  readonly ip: string;
}

export const dhcpHost = defineMember({
  kind: "dhcp:host",
  summary: "One machine, which a DHCP server knows by its hardware address: its address, and what it boots.",
  fields,
  traits: {},
  partOf: { kind: "dhcp:server", field: "server" },
  check: (want) => {
    const found: WantProblem[] = [...bootProblems(want), ...networkProblems(want)];
    if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(want.mac)) {
      const hint = 'It is written in lower case with colons: "52:54:00:12:34:56".';
      found.push({ field: "mac", title: `"${want.mac}" is no hardware address`, hint });
    }
    if (want.ip !== "" && parseIpv4Network(want.ip) === undefined) {
      const hint = 'The length of the network part stands behind it: "192.168.42.13/24".';
      found.push({ field: "ip", title: `"${want.ip}" is no address with a network`, hint });
    }
    return found;
  },
});
