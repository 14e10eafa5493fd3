// SPDX-License-Identifier: Apache-2.0
// What a host says when it cannot set up the network: the same words on every host.

import { Failure } from "../contract/failure.ts";
import type { NetworkRoute } from "../contract/network-setup.ts";

export function noSuchInterface(name: string): Failure {
  return new Failure(`there is no network interface ${name}`, { code: "not-found", hint: "See `ip link`." });
}

export function gatewayOutOfReach({ gateway, interface: name }: NetworkRoute): Failure {
  return new Failure(`the gateway ${gateway} is at no network of ${name}`, {
    code: "unreachable",
    hint: "It needs an address of the same network.",
  });
}

export function noNetworkRights(doing: string): Failure {
  return new Failure(`cannot ${doing}: only root may`, { code: "denied", hint: "Run mgmt as root." });
}
