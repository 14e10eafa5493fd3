// SPDX-License-Identifier: Apache-2.0
// The declared schema of `net`, and mistakes in it.

import { field, optional, type Want } from "../../../contract/field.ts";
import type { WantProblem } from "../../../contract/resource.ts";
import { parseAddress, parseNetwork } from "../address.ts";
import { isInterfaceName } from "../interface-name.ts";
import { gatewayProblems } from "./gateway.ts";

export const netFields = {
  state: field.str({
    choices: ["up", "down"],
    doc: "Whether it is switched on, now and at the next start. Not given: both are left as they are.",
    example: "$const.res.net.state.up",
  }),
  addrs: optional(
    field.strings({
      doc: "All its addresses, with the length of the network part. Those that IPv6 makes for the link itself may stay.",
      example: '["192.0.2.5/24", "2001:db8::5/64"]',
    }),
  ),
  gateway: field.str({
    doc: "Where packets go for which there is no other route. Takes the place of every other gateway at this interface.",
    example: '"192.0.2.1"',
  }),
  ip_forward: optional(field.bool({ doc: "Whether IPv4 packets that come in here are passed on to other networks." })),
  routes: field.stringMap({
    doc: "Networks, and the gateway behind which each is; an empty one for a network that is at the interface itself. Other routes stay.",
    example: '{"198.51.100.0/24" => "192.0.2.254"}',
  }),
  mtu: field.int({ bits: 32, unsigned: true, doc: "The largest packet, in bytes. 0: as it is.", example: "1500" }),
  persist: field.bool({
    default: true,
    doc: "With `up`: writes a file for systemd-networkd, for the next start. Otherwise there must be none.",
  }),
};

export type NetWant = Want<typeof netFields>;

/** Of the kernel. */
const leastMtu = 68;

export function checkNet(want: NetWant, name: string): readonly WantProblem[] {
  return [...problemsOf(want, name)];
}

function* problemsOf(want: NetWant, name: string): Iterable<WantProblem> {
  if (!isInterfaceName(name)) {
    yield {
      title: `"${name}" cannot be the name of a network interface`,
      hint: "`ip link` shows those of this machine.",
    };
  }
  const { addrs = [], gateway, mtu, state } = want;
  for (const address of addrs) {
    if (parseNetwork(address) !== undefined) continue;
    yield {
      field: "addrs",
      title: `"${address}" is no address with the length of its network part`,
      hint: 'As in "192.0.2.5/24".',
    };
  }
  const forms = addrs.map((address) => parseNetwork(address)?.text ?? address);
  if (new Set(forms).size !== forms.length)
    yield { field: "addrs", title: "an address stands in `addrs` twice", hint: "Leave one of them out." };
  if (gateway !== "" && parseAddress(gateway) === undefined) {
    yield { field: "gateway", title: `the gateway "${gateway}" is no address`, hint: 'Write it like "192.0.2.1".' };
  }
  for (const [network, through] of want.routes) yield* routeProblems(network, through);
  yield* gatewayProblems(want);
  if (mtu !== 0 && mtu < leastMtu)
    yield {
      field: "mtu",
      title: `a packet has at least ${leastMtu} bytes, not ${mtu}`,
      hint: "Usual are 1500, and 9000 within a data center.",
    };
  if (state === "down" && (gateway !== "" || want.routes.size > 0)) {
    yield {
      field: "state",
      title: "an interface that is down has no routes",
      hint: 'Leave out `gateway` and `routes`, or say "up".',
    };
  }
}

function* routeProblems(network: string, gateway: string): Iterable<WantProblem> {
  const parsed = parseNetwork(network);
  if (parsed === undefined || parsed.bits === 0) {
    const hint = 'As in "198.51.100.0/24"; for all others there is `gateway`.';
    yield { field: "routes", title: `"${network}" is no network`, hint };
  } else if (parsed.text !== parsed.network) {
    yield {
      field: "routes",
      title: `"${network}" has bits of a host in it`,
      hint: `The network is ${parsed.network}.`,
    };
  }
  const through = parseNetwork(`${gateway}/0`);
  if (gateway === "" || parsed === undefined) return;
  if (through === undefined)
    yield { field: "routes", title: `the gateway "${gateway}" is no address`, hint: 'Write it like "192.0.2.1".' };
  else if (through.version !== parsed.version) {
    yield {
      field: "routes",
      title: `the gateway "${gateway}" cannot be that of "${network}"`,
      hint: "Both are IPv4, or both IPv6.",
    };
  }
}
