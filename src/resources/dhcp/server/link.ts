// SPDX-License-Identifier: Apache-2.0
// The network interface that a server serves: its addresses, and when they are others or it is another interface.

import { Failure } from "../../../contract/failure.ts";
import type { NetworkInterface } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { type Ipv4, parseIpv4Network } from "../../../protocols/ipv4.ts";

/** Fails with `not-found` when there is no such interface. */
export async function ownAddresses(name: string, env: ResourceEnv): Promise<readonly Ipv4[]> {
  const link = await find(name, env);
  if (link !== undefined) return ipv4Of(link);
  throw new Failure(`this machine has no network interface ${name}`, {
    code: "not-found",
    hint: "`ip link` shows those it has",
    retry: "backoff",
  });
}

/**
 * The IPv4 addresses of the interface now, and again whenever they have changed or another interface has taken its name.
 * Undefined: there is none of that name.
 */
export async function* addressesOf(
  name: string,
  env: ResourceEnv,
): AsyncGenerator<readonly Ipv4[] | undefined, void, undefined> {
  let known: string | undefined;
  for await (const _ of env.host.network.changes(env.signal)) {
    const link = await find(name, env);
    const addresses = link === undefined ? undefined : ipv4Of(link);
    const present = `${link?.index} ${addresses?.join(" ")}`;
    if (present === known) continue;
    known = present;
    yield addresses;
  }
}

async function find(name: string, { host, signal }: ResourceEnv): Promise<NetworkInterface | undefined> {
  return (await host.network.interfaces(signal)).find((each) => each.name === name);
}

function ipv4Of({ addresses }: NetworkInterface): readonly Ipv4[] {
  return addresses.flatMap((text) => parseIpv4Network(text)?.address ?? []);
}
