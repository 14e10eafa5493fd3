// SPDX-License-Identifier: Apache-2.0
// `dhcp:server`: gives addresses and boot programs to the machines on a network. Which ones are its members, `dhcp:host` and
// `dhcp:range`.

import { Pulses } from "../../base/pulse.ts";
import { Failure } from "../../contract/failure.ts";
import { field, fromName, optional, type Want } from "../../contract/field.ts";
import type { Datagrams } from "../../contract/serving.ts";
import { defineResource, type ResourceEnv, type Step, type WantProblem } from "../../contract/resource.ts";
import { type Answer, leaseTime, serverIdentity, told } from "../../protocols/dhcp/answers.ts";
import { decodeMessage, encodeMessage } from "../../protocols/dhcp/message.ts";
import { bytesOfAddresses, option } from "../../protocols/dhcp/options.ts";
import { answerTo, type Reply } from "../../protocols/dhcp/server.ts";
import { type Ipv4, parseIpv4, parseIpv4Network, renderIpv4 } from "../../protocols/ipv4.ts";
import { parseSocketAddress } from "../../protocols/socket-address.ts";
import { bootProblems, parseDuration } from "./fields.ts";
import { Addresses, reservationsOf } from "./server/addresses.ts";

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
  nbp: field.str({
    doc: "The network boot program of hosts and ranges that have none, as `tftp://HOST/PATH` or an HTTP URL.",
    example: '"tftp://192.168.42.1/pxelinux.0"',
  }),
};

type ServerWant = Want<typeof fields>;

const usualLease = "10m";

export const dhcpServer = defineResource({
  kind: "dhcp:server",
  summary: "A DHCP server; whom it gives which address tell the resources `dhcp:host` and `dhcp:range`.",
  fields,
  traits: {},
  watchedFields: Object.keys(fields) as (keyof typeof fields)[],
  grouping: { reads: [], run: "together", watchesThrough: true },
  check: checkServer,
  observe: async (want: ServerWant, env) => {
    await identityOf(want, env);
    reservationsOf(env.members.filter(({ kind }) => kind === "dhcp:host"));
    return {};
  },
  plan: (): readonly Step[] => [],
  explain: () => ({ mark: "!", text: "" }),
  apply: async () => {},
  watch: serve,
});

/** Answers as long as it is watched. */
async function* serve(want: ServerWant, env: ResourceEnv): AsyncGenerator<void> {
  const pulses = new Pulses(env.signal);
  const { serving, clock } = env.host;
  const { port = 67 } = parseSocketAddress(want.address) ?? {};
  const identity = await identityOf(want, env);
  const leaseMs = parseDuration(want.leasetime ?? usualLease);
  const addresses = new Addresses(await ownAddresses(want.interface, env), leaseMs ?? 600_000);
  const general: readonly Answer[] = [
    ...(identity === undefined ? [] : [serverIdentity(identity)]),
    ...(leaseMs === undefined ? [] : [leaseTime(leaseMs)]),
    ...(want.dns.length === 0 ? [] : [told(option.nameServers, addressesOf(want.dns))]),
    ...(want.routers.length === 0 ? [] : [told(option.routers, addressesOf(want.routers), { always: true })]),
  ];
  const answer = async (bytes: Uint8Array): Promise<void> => {
    const message = decodeMessage(bytes);
    if ("malformed" in message) return;
    const chain = [...general, ...(await addresses.answersFor(env.members, want.nbp))];
    const reply = answerTo(message, chain, clock.now());
    await addresses.keep();
    if (reply !== undefined) send(reply, sender, env);
  };
  // One after the other: an address that is promised to one must not be promised to the next.
  let last: Promise<void> = Promise.resolve();
  const receive = (bytes: Uint8Array): void => {
    last = last
      .then(() => answer(bytes))
      .catch((reason: unknown) => {
        env.say(reason instanceof Error ? reason.message : String(reason), "stderr");
      });
  };
  const shared = { shared: true, broadcast: true, interface: want.interface };
  // What is sent to everybody reaches a socket without an address alone, and leaves over the right interface from one that has it.
  const receiver = await serving.datagrams({ ...shared, host: "", port }, receive, env.signal);
  const host = identity === undefined ? "" : renderIpv4(identity);
  const sender: Datagrams =
    host === "" ? receiver : await serving.datagrams({ ...shared, host, port }, receive, env.signal);
  pulses.pulse();
  yield* pulses;
  await Promise.all([receiver.closed, sender.closed, last]);
}

function send({ message, to, limitBytes, request, type }: Reply, socket: Datagrams, env: ResourceEnv): void {
  socket.send(encodeMessage(message, limitBytes), { host: renderIpv4(to.address), port: to.port });
  if (type === "offer") return;
  const who = `${message.hardwareAddress}${request.hostName === undefined ? "" : ` (${request.hostName})`}`;
  if (type === "refusal") env.say(`${who} asks for an address that is not its own`);
  else if (request.type !== "inform")
    env.say(
      `${who} has ${renderIpv4(message.yourAddress)}${message.bootFile === "" ? "" : `, and boots ${message.bootFile}`}`,
    );
}

/** Undefined: it says nothing of who it is. */
async function identityOf(
  { serverid, address, interface: name }: ServerWant,
  env: ResourceEnv,
): Promise<Ipv4 | undefined> {
  if (serverid === "") return undefined;
  const given = parseIpv4(serverid ?? "") ?? parseIpv4(parseSocketAddress(address)?.host ?? "");
  if (given !== undefined) return given;
  const [first] = await ownAddresses(name, env);
  if (first !== undefined) return first;
  throw new Failure(`the network interface ${name} has no IPv4 address`, {
    code: "not-found",
    hint: "a server needs an address in the network that it serves; `net` gives it one",
    retry: "backoff",
  });
}

async function ownAddresses(name: string, { host, signal }: ResourceEnv): Promise<readonly Ipv4[]> {
  const found = (await host.network.interfaces(signal)).find((each) => each.name === name);
  if (found === undefined) {
    throw new Failure(`this machine has no network interface ${name}`, {
      code: "not-found",
      hint: "`ip link` shows those it has",
      retry: "backoff",
    });
  }
  return found.addresses.flatMap((text) => parseIpv4Network(text)?.address ?? []);
}

function addressesOf(texts: readonly string[]): Uint8Array {
  return bytesOfAddresses(texts.flatMap((text) => parseIpv4(text) ?? []));
}

function checkServer(want: ServerWant): readonly WantProblem[] {
  const found: WantProblem[] = [...bootProblems({ nbp: want.nbp, nbp_path: "" })];
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
    });
  }
  if (want.serverid !== undefined && want.serverid !== "" && parseIpv4(want.serverid) === undefined) {
    found.push({ field: "serverid", title: `"${want.serverid}" is no IPv4 address` });
  }
  if (want.leasetime !== undefined && want.leasetime !== "" && parseDuration(want.leasetime) === undefined) {
    found.push({ field: "leasetime", title: `"${want.leasetime}" is no duration`, hint: 'Write "10m" or "1h30m".' });
  }
  for (const name of ["dns", "routers"] as const) {
    const wrong = want[name].find((text) => parseIpv4(text) === undefined);
    if (wrong !== undefined) found.push({ field: name, title: `"${wrong}" is no IPv4 address` });
  }
  return found;
}
