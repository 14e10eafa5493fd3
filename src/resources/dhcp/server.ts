// SPDX-License-Identifier: Apache-2.0
// `dhcp:server`: gives addresses and boot programs to the machines on a network, or boot programs alone beside another server
// that gives the addresses. Which ones say its members, `dhcp:host` and `dhcp:range`.

import { Failure } from "../../contract/failure.ts";
import { field, fromName, optional, type Want } from "../../contract/field.ts";
import { defineResource, type ResourceEnv, type WantProblem } from "../../contract/resource.ts";
import { type Ipv4, parseIpv4 } from "../../protocols/ipv4.ts";
import { parseSocketAddress } from "../../protocols/socket-address.ts";
import { bootFields, bootProblems } from "./boot-program.ts";
import { networkProblems, parseDuration } from "./fields.ts";
import { reservationsOf } from "./server/addresses.ts";
import { addressesOf, ownAddresses } from "./server/link.ts";
import { listen, type Listener } from "./server/listen.ts";
import { Witness } from "./server/witness.ts";
import { isInterfaceName } from "../network/interface-name.ts";
import { withoutSteps } from "../without-steps.ts";

const fields = {
  address: field.str({
    default: fromName,
    doc: "Where it listens: a port behind a colon, or an IPv4 address of the interface and a port.",
    example: '":67"',
  }),
  interface: field.str({ doc: "The network interface whose machines it serves.", example: '"eth1"' }),
  serverid: optional(
    field.str({
      doc: "Who it says it is. Not given: the address that it listens on, else the first IPv4 address of the interface. Empty: nobody.",
      example: '"192.168.42.1"',
    }),
  ),
  leasetime: optional(field.str({ doc: "How long an address is given for. Empty: not told.", example: '"10m"' })),
  dns: field.strings({ doc: "Name servers, for those who ask.", example: '["192.168.42.1"]' }),
  routers: field.strings({ doc: "The way out of the network.", example: '["192.168.42.1"]' }),
  known_only: field.bool({ doc: "Only machines that a `dhcp:host` declares are answered, from ranges too." }),
  proxy: field.bool({
    doc: "Another server gives the addresses; this one only tells boot programs, at this port and at port 4011 (proxyDHCP).",
  }),
  ...bootFields,
};

type ServerWant = Want<typeof fields>;

export const dhcpServer = defineResource({
  kind: "dhcp:server",
  summary: "A DHCP server; whom it gives which address tell the resources `dhcp:host` and `dhcp:range`.",
  fields,
  traits: {},
  watchedFields: Object.keys(fields) as (keyof typeof fields)[],
  grouping: { reads: [], run: "together", watchesThrough: true },
  check: checkServer,
  observe: async (want: ServerWant, env) => {
    const identity = identityOf(want, await ownAddresses(want.interface, env));
    if (identity instanceof Failure) throw identity;
    reservationsOf(env.members);
    if (want.proxy) refuseRanges(env);
    return {};
  },
  ...withoutSteps,
  watch: serve,
});

/** Answers as long as it is watched and its interface is there. A socket of one that is gone would hear nothing for ever. */
async function* serve(want: ServerWant, env: ResourceEnv): AsyncGenerator<void> {
  const witness = new Witness(env, want.interface);
  let listener: Listener | undefined;
  try {
    for await (const addresses of addressesOf(want.interface, env)) {
      await listener?.close();
      const identity = identityOf(want, addresses ?? []);
      const isReady = addresses !== undefined && !(identity instanceof Failure);
      listener = isReady ? await listen({ want, env, witness, identity, ours: addresses }) : undefined;
      yield;
    }
  } finally {
    await listener?.close();
  }
}

function refuseRanges({ members }: ResourceEnv): void {
  const range = members.find(({ kind }) => kind === "dhcp:range");
  if (range === undefined) return;
  throw new Failure(`${range.resource} is a part of a server that gives no addresses`, {
    code: "conflict",
    hint: "leave out the range, or `proxy`",
  });
}

/** Undefined: it says nothing of who it is. */
function identityOf(want: ServerWant, addresses: readonly Ipv4[]): Ipv4 | undefined | Failure {
  const { serverid, address, interface: name } = want;
  if (serverid === "") return undefined;
  const given = parseIpv4(serverid ?? "") ?? parseIpv4(parseSocketAddress(address)?.host ?? "") ?? addresses[0];
  if (given !== undefined) return given;
  return new Failure(`the network interface ${name} has no IPv4 address`, {
    code: "not-found",
    hint: "a server needs an address in the network that it serves; `net` gives it one",
    retry: "backoff",
  });
}

function checkServer(want: ServerWant): readonly WantProblem[] {
  const found: WantProblem[] = [...bootProblems(want), ...networkProblems(want)];
  const address = parseSocketAddress(want.address);
  if (address === undefined || (address.host !== "" && parseIpv4(address.host) === undefined)) {
    found.push({
      field: "address",
      title: `"${want.address}" is no address to listen on`,
      hint: 'Write ":67", or an IPv4 address in front.',
    });
  }
  if (want.interface === "") {
    found.push({
      field: "interface",
      title: "a DHCP server needs an `interface`: it must not answer on other networks",
      hint: "`ip link` shows those of this machine.",
    });
  } else if (!isInterfaceName(want.interface)) {
    found.push({
      field: "interface",
      title: `"${want.interface}" cannot be the name of a network interface`,
      hint: "`ip link` shows those of this machine.",
    });
  }
  if (want.serverid !== undefined && want.serverid !== "" && parseIpv4(want.serverid) === undefined) {
    found.push({
      field: "serverid",
      title: `"${want.serverid}" is no IPv4 address`,
      hint: 'Write it like "192.168.42.1".',
    });
  }
  if (want.leasetime !== undefined && want.leasetime !== "" && parseDuration(want.leasetime) === undefined) {
    found.push({ field: "leasetime", title: `"${want.leasetime}" is no duration`, hint: 'Write "10m" or "1h30m".' });
  }
  if (want.proxy && want.serverid === "") {
    found.push({
      field: "serverid",
      title: "who tells boot programs beside another server must say who it is",
      hint: "It is the address of this machine in that network.",
    });
  }
  return found;
}
