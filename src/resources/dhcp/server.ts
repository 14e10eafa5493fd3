// SPDX-License-Identifier: Apache-2.0
// `dhcp:server`: gives addresses and boot programs to the machines on a network, or boot programs alone beside another server
// that gives the addresses. Which ones say its members, `dhcp:host` and `dhcp:range`.

import { Pulses } from "../../base/pulse.ts";
import { Failure } from "../../contract/failure.ts";
import { field, fromName, optional, type Want } from "../../contract/field.ts";
import type { Datagrams, SocketAddress } from "../../contract/serving.ts";
import { defineResource, type ResourceEnv, type Step, type WantProblem } from "../../contract/resource.ts";
import { type Answer, leaseTime, serverIdentity } from "../../protocols/dhcp/answers.ts";
import { decodeMessage, encodeMessage, type Message } from "../../protocols/dhcp/message.ts";
import { proxyPort } from "../../protocols/dhcp/proxy.ts";
import { answerTo, type Reply } from "../../protocols/dhcp/server.ts";
import { type Ipv4, parseIpv4, parseIpv4Network, renderIpv4 } from "../../protocols/ipv4.ts";
import { parseSocketAddress } from "../../protocols/socket-address.ts";
import { bootFields, bootProblems } from "./boot-program.ts";
import { networkAnswers, networkProblems, parseDuration } from "./fields.ts";
import { Addresses, reservationsOf } from "./server/addresses.ts";
import { Witness } from "./server/witness.ts";

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

const usualLease = "10m";
/** Messages that are not answered yet. */
const mostWaiting = 1000;

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
    reservationsOf(env.members);
    if (want.proxy) refuseRanges(env);
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
  const witness = new Witness(env, want.interface);
  const addresses = new Addresses({
    ours: await ownAddresses(want.interface, env),
    leaseMs: leaseMs ?? 600_000,
    boot: want,
    knownOnly: want.known_only,
    onSilence: (request, why) => witness.unanswered(request, why),
  });
  const general: readonly Answer[] = [
    ...(identity === undefined ? [] : [serverIdentity(identity)]),
    ...(leaseMs === undefined ? [] : [leaseTime(leaseMs)]),
    ...networkAnswers(want),
  ];
  const replyTo = async (message: Message, asked: number, from: SocketAddress): Promise<Reply | undefined> => {
    if (want.proxy) {
      const chain = addresses.proxyAnswersFor(env.members, identity ?? 0, asked);
      const asker = { address: parseIpv4(from.host) ?? 0, port: from.port };
      return answerTo(message, chain, clock.now(), asked === proxyPort ? asker : undefined);
    }
    witness.lookForOthers(message, identity);
    const reply = answerTo(message, [...general, ...(await addresses.answersFor(env.members))], clock.now());
    await addresses.keep();
    return reply;
  };
  const answer = async (bytes: Uint8Array, asked: number, from: SocketAddress): Promise<void> => {
    const message = decodeMessage(bytes);
    if ("malformed" in message) return;
    const reply = await replyTo(message, asked, from);
    if (reply === undefined) return;
    const { address, port: to } = reply.to;
    const socket = asked === proxyPort ? proxy : sender;
    socket?.send(encodeMessage(reply.message, reply.limitBytes), { host: renderIpv4(address), port: to });
    witness.answered(reply);
  };
  // One after the other: an address that is promised to one must not be promised to the next.
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  const receiveAt =
    (asked: number) =>
    (bytes: Uint8Array, from: SocketAddress): void => {
      if (waiting >= mostWaiting) return; // Who is not answered asks again.
      waiting += 1;
      last = last
        .then(() => answer(bytes, asked, from))
        .catch((reason: unknown) => {
          env.say(reason instanceof Error ? reason.message : String(reason), "stderr");
        })
        .finally(() => {
          waiting -= 1;
        });
    };
  const shared = { shared: true, broadcast: true, interface: want.interface };
  const open = (host: string, at: number): Promise<Datagrams> =>
    serving.datagrams({ ...shared, host, port: at }, receiveAt(at), env.signal);
  // What is sent to everybody reaches a socket without an address alone, and leaves over the right interface from one that has it.
  const receiver = await open("", port);
  const host = identity === undefined ? "" : renderIpv4(identity);
  const sender = host === "" ? receiver : await open(host, port);
  const proxy = want.proxy ? await open("", proxyPort) : undefined;
  pulses.pulse();
  yield* pulses;
  await Promise.all([receiver.closed, sender.closed, proxy?.closed, last]);
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
    });
  }
  if (want.serverid !== undefined && want.serverid !== "" && parseIpv4(want.serverid) === undefined) {
    found.push({ field: "serverid", title: `"${want.serverid}" is no IPv4 address` });
  }
  if (want.leasetime !== undefined && want.leasetime !== "" && parseDuration(want.leasetime) === undefined) {
    found.push({ field: "leasetime", title: `"${want.leasetime}" is no duration`, hint: 'Write "10m" or "1h30m".' });
  }
  if (want.proxy && want.serverid === "") {
    found.push({ field: "serverid", title: "who tells boot programs beside another server must say who it is" });
  }
  return found;
}
