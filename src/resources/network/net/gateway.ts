// SPDX-License-Identifier: Apache-2.0
// Gateways that an interface cannot reach: the kernel takes none that is not at the interface itself. Pure.

import type { WantProblem } from "../../../contract/resource.ts";
import { parseAddress, parseNetwork } from "../address.ts";
import type { NetWant } from "./fields.ts";

/**
 * Told where it can be: of IPv4, when all addresses are given. Which networks of IPv6 are at the interface, routers may say
 * at any time.
 */
export function* gatewayProblems({ addrs, gateway, routes }: NetWant): Iterable<WantProblem> {
  if (addrs === undefined || addrs.some((address) => parseNetwork(address) === undefined)) return;
  const atInterface = [...routes].filter(([, through]) => through === "").map(([network]) => network);
  const networks = [...addrs, ...atInterface];
  const used = [
    ...(gateway === "" ? [] : [{ field: "gateway", through: gateway }]),
    ...[...routes.values()].filter((through) => through !== "").map((through) => ({ field: "routes", through })),
  ];
  for (const { field, through } of used) {
    const own = parseAddress(through);
    if (own === undefined || own.includes(":")) continue;
    const broadcast = addrs.find((network) => isIn(own, network) && isBroadcast(own, network));
    if (broadcast !== undefined) {
      yield {
        field,
        title: `the gateway ${through} is the broadcast address of ${broadcast}`,
        hint: "A gateway is one machine; often it has the first address of the network.",
      };
    } else if (!networks.some((network) => isIn(own, network)))
      yield {
        field,
        title: `the gateway ${through} is in no network of the interface`,
        hint: `Give the interface an address in the network of the gateway, or say that it is at the interface itself: \`routes => {"${own}/32" => ""}\`.`,
      };
  }
}

/** The last address of a network, unless that has but one or two. */
function isBroadcast(address: string, network: string): boolean {
  const bits = parseNetwork(network)?.bits ?? 32;
  return bits < 31 && /^1*$/.test(binary(address).slice(bits));
}

/** Of IPv4. */
function binary(address: string): string {
  return address
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("");
}

function isIn(address: string, network: string): boolean {
  const parsed = parseNetwork(network);
  return parsed !== undefined && parseNetwork(`${address}/${parsed.bits}`)?.network === parsed.network;
}
