// SPDX-License-Identifier: Apache-2.0
// Addresses for whoever comes, from the ranges of the network that the client is on: ours, or that of a relay agent
// (RFC 2131 section 4.3.1, RFC 3011, RFC 3527). Knows no messages' bytes and no clock.

import { type Ipv4, type Ipv4Network, isInNetwork, maskOf, noAddress } from "../ipv4.ts";
import { type Answer, type Draft, refuse, type Verdict } from "./answers.ts";
import type { Leases } from "./leases.ts";
import { bytesOfAddresses, option } from "./options.ts";
import type { Request } from "./request.ts";

export interface Pool {
  readonly leases: Leases;
  readonly network: Ipv4Network;
  /** What clients with an address of it are told besides. */
  readonly answers: readonly Answer[];
}

/** The pools of the client's network. `ours` are our addresses there; where no pool has one of them all are meant. */
export function poolsFor(request: Request, pools: readonly Pool[], ours: readonly Ipv4[]): readonly Pool[] {
  const {
    relayed,
    message: { clientAddress },
  } = request;
  const withAddress = (address: Ipv4) => pools.filter(({ network }) => isInNetwork(address, network));
  if (relayed !== undefined) return withAddress(relayed);
  // Behind a relay a client that has an address already speaks to us directly.
  const own = clientAddress === noAddress ? [] : withAddress(clientAddress);
  if (own.length > 0) return own;
  const local = pools.filter(({ network }) => ours.some((address) => isInNetwork(address, network)));
  return local.length > 0 ? local : pools;
}

/** "continue" when none of them has an address for this client. BOOTP clients know no leases: theirs would be lost for ever. */
export function pooledAddress(pools: readonly Pool[], ours: readonly Ipv4[], leaseMs: number): Answer {
  return (request, draft) => {
    const { type, client, wanted, nowMs } = request;
    const owner = wanted === undefined ? undefined : pools.find(({ leases }) => leases.covers(wanted));
    const near = poolsFor(request, pools, ours);
    switch (type) {
      case "discover":
        for (const pool of preferred(near, client, wanted)) {
          const address = pool.leases.offer(client, wanted, nowMs);
          if (address !== undefined) return give(pool, address, request, draft);
        }
        return "continue";
      case "request":
        if (wanted === undefined) return "drop";
        if (near.length === 0) return "continue";
        if (owner === undefined || !near.includes(owner) || !owner.leases.confirm(client, wanted, leaseMs, nowMs)) {
          return refuse(draft);
        }
        return give(owner, wanted, request, draft);
      case "release":
        if (wanted !== undefined) owner?.leases.release(client, wanted);
        return "drop";
      case "decline":
        if (wanted !== undefined) owner?.leases.decline(client, wanted, nowMs);
        return "drop";
      case "inform": {
        const pool = pools.find(({ network }) => wanted !== undefined && isInNetwork(wanted, network));
        return pool === undefined ? "drop" : give(pool, noAddress, request, draft);
      }
      case "bootp":
        return "continue";
    }
  };
}

/** First where the client has an address, then where the one is that it would like to have. */
function preferred(pools: readonly Pool[], client: string, wanted: Ipv4 | undefined): readonly Pool[] {
  const rank = ({ leases }: Pool): number => {
    if (leases.of(client) !== undefined) return 0;
    return wanted !== undefined && leases.covers(wanted) ? 1 : 2;
  };
  return pools.toSorted((a, b) => rank(a) - rank(b));
}

function give({ network, answers }: Pool, address: Ipv4, request: Request, draft: Draft): Verdict {
  draft.options.set(option.subnetMask, bytesOfAddresses([maskOf(network.bits)]));
  draft.yourAddress = address;
  for (const answer of answers) answer(request, draft);
  return "send";
}
