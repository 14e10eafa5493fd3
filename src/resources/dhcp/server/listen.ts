// SPDX-License-Identifier: Apache-2.0
// A server at work on one interface: its sockets, and what it answers to each message, one after the other.

import type { ResourceEnv } from "../../../contract/resource.ts";
import type { Datagrams, SocketAddress } from "../../../contract/serving.ts";
import { type Answer, leaseTime, serverIdentity } from "../../../protocols/dhcp/answers.ts";
import { decodeMessage, encodeMessage, type Message } from "../../../protocols/dhcp/message.ts";
import { proxyPort } from "../../../protocols/dhcp/proxy.ts";
import { answerTo, type Reply } from "../../../protocols/dhcp/server.ts";
import { type Ipv4, parseIpv4, renderIpv4 } from "../../../protocols/ipv4.ts";
import { parseSocketAddress } from "../../../protocols/socket-address.ts";
import type { BootWant } from "../boot-program.ts";
import { networkAnswers, type NetworkWant, parseDuration } from "../fields.ts";
import { Addresses } from "./addresses.ts";
import type { Witness } from "./witness.ts";

/** What the server is declared to be, as far as its answers go. */
export interface ListenWant extends BootWant, NetworkWant {
  readonly address: string;
  readonly interface: string;
  readonly leasetime: string | undefined;
  readonly known_only: boolean;
  readonly proxy: boolean;
}

export interface ListenOptions {
  readonly want: ListenWant;
  readonly env: ResourceEnv;
  readonly witness: Witness;
  /** Who it says it is; undefined: it says nothing of that. */
  readonly identity: Ipv4 | undefined;
  /** Addresses of this machine. */
  readonly ours: readonly Ipv4[];
}

export interface Listener {
  /** Resolves when what had been asked is answered. */
  close(): Promise<void>;
}

export const usualLease = "10m";
/** Messages that are not answered yet. */
const mostWaiting = 1000;

export async function listen({ want, env, witness, identity, ours }: ListenOptions): Promise<Listener> {
  const { serving, clock } = env.host;
  const stopping = new AbortController();
  const signal = AbortSignal.any([env.signal, stopping.signal]);
  const { port = 67 } = parseSocketAddress(want.address) ?? {};
  const leaseMs = parseDuration(want.leasetime ?? usualLease);
  const addresses = new Addresses({
    ours,
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
  const opened: Datagrams[] = [];
  const open = async (host: string, at: number): Promise<Datagrams> => {
    const socket = await serving.datagrams({ ...shared, host, port: at }, receiveAt(at), signal);
    opened.push(socket);
    return socket;
  };
  const close = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(opened.map(({ closed }) => closed));
    await last;
  };
  // What is sent to everybody reaches a socket without an address alone, and leaves over the right interface from one that
  // has it.
  const host = identity === undefined ? "" : renderIpv4(identity);
  let sender: Datagrams | undefined;
  let proxy: Datagrams | undefined;
  try {
    const receiver = await open("", port);
    sender = host === "" ? receiver : await open(host, port);
    if (want.proxy) proxy = await open("", proxyPort);
  } catch (reason) {
    await close();
    throw reason;
  }
  return { close };
}
