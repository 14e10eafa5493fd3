// SPDX-License-Identifier: Apache-2.0
// From a message of a client to the one that goes back, and where to (RFC 2131 sections 4.1 and 4.3). Knows no sockets.

import { type Ipv4, noAddress } from "../ipv4.ts";
import type { Answer, Draft } from "./answers.ts";
import type { Message } from "./message.ts";
import { bytesOfNumber, bytesOfText, option } from "./options.ts";
import { readRequest, type Request } from "./request.ts";

export interface Reply {
  readonly message: Message;
  readonly to: Destination;
  /** For `encodeMessage`. */
  readonly limitBytes: number | undefined;
  readonly request: Request;
  readonly type: Draft["type"];
}

export interface Destination {
  readonly address: Ipv4;
  readonly port: number;
}

const everybody: Ipv4 = 0xffff_ffff;
const serverPort = 67;
const clientPort = 68;
/** More relays than that are a loop. */
const mostHops = 16;

const typeNumbers = { offer: 2, acknowledgement: 5, refusal: 6 } as const;

/** What each option may be in a refusal (RFC 2131, table 3). */
const inRefusals: readonly number[] = [option.serverIdentifier, option.message, option.vendorClass];

/**
 * Undefined when nothing is to be answered. `asker`: where the message came from, when it must go back to just there, as at a
 * port that is not the usual one.
 */
export function answerTo(
  message: Message,
  chain: readonly Answer[],
  nowMs: number,
  asker?: Destination,
): Reply | undefined {
  const request = readRequest(message, nowMs);
  if (request === undefined || message.hops > mostHops) return undefined;
  const draft: Draft = {
    type: draftTypes[request.type],
    yourAddress: noAddress,
    nextServer: noAddress,
    serverName: "",
    bootFile: "",
    options: new Map(),
  };
  if (decide(chain, request, draft) !== "send") return undefined;
  if (request.type === "release" || request.type === "decline") return undefined;
  return {
    message: messageOf(draft, request),
    to: asker === undefined ? destinationOf(draft, message) : backTo(asker, message),
    limitBytes: request.limitBytes,
    request,
    type: draft.type,
  };
}

const draftTypes: Readonly<Record<Request["type"], Draft["type"]>> = {
  discover: "offer",
  request: "acknowledgement",
  decline: "acknowledgement",
  release: "acknowledgement",
  inform: "acknowledgement",
  bootp: "bootp",
};

/** A list that ends without an address answers nobody. */
function decide(chain: readonly Answer[], request: Request, draft: Draft): "send" | "drop" {
  for (const answer of chain) {
    const verdict = answer(request, draft);
    if (verdict !== "continue") return verdict;
  }
  return "drop";
}

function messageOf(draft: Draft, { message, type }: Request): Message {
  const { hardwareType, hardwareAddress, transaction, broadcast, relayAddress, clientAddress } = message;
  const isRefusal = draft.type === "refusal";
  const options = new Map<number, Uint8Array>();
  if (draft.type !== "bootp") options.set(option.messageType, bytesOfNumber(typeNumbers[draft.type], 1));
  for (const [code, value] of draft.options) if (!isRefusal || inRefusals.includes(code)) options.set(code, value);
  if (isRefusal) options.set(option.message, bytesOfText("this address is not yours"));
  for (const code of [option.relayAgentInformation, option.clientMachineIdentifier]) {
    const given = message.options.get(code);
    if (given !== undefined && type !== "bootp") options.set(code, given);
  }
  return {
    op: "reply",
    hardwareType,
    hardwareAddress,
    hops: 0,
    transaction,
    seconds: 0,
    // A relay hands a refusal to everybody, for the client has no address (RFC 2131 section 4.3.2).
    broadcast: broadcast || (isRefusal && relayAddress !== noAddress),
    clientAddress: isRefusal || type === "discover" ? noAddress : clientAddress,
    yourAddress: isRefusal ? noAddress : draft.yourAddress,
    nextServer: isRefusal ? noAddress : draft.nextServer,
    relayAddress,
    serverName: isRefusal ? "" : draft.serverName,
    bootFile: isRefusal ? "" : draft.bootFile,
    options,
  };
}

/**
 * What would go to an address that the client does not use yet goes to everybody: without a hand in the kernel's table of
 * neighbours nothing else can reach it, and every client hears it.
 */
function destinationOf(draft: Draft, { relayAddress, clientAddress }: Message): Destination {
  if (relayAddress !== noAddress) return { address: relayAddress, port: serverPort };
  if (draft.type === "refusal" || clientAddress === noAddress) return { address: everybody, port: clientPort };
  return { address: clientAddress, port: clientPort };
}

function backTo({ address, port }: Destination, { clientAddress }: Message): Destination {
  const known = clientAddress === noAddress ? address : clientAddress;
  return { address: known === noAddress ? everybody : known, port };
}
