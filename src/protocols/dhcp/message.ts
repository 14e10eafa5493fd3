// SPDX-License-Identifier: Apache-2.0
// A message of DHCP or BOOTP as bytes and back (RFC 951, RFC 2131 section 2, RFC 3396). Knows nothing of what is answered.
//
//      0  | op | htype | hlen | hops |        28 | chaddr, 16 bytes |
//      4  | xid                      |        44 | sname, 64 bytes  |
//      8  | secs      | flags        |       108 | file, 128 bytes  |
//     12  | ciaddr | yiaddr | siaddr | giaddr |  236 | 99 130 83 99 | options … 255 |

import type { Ipv4 } from "../ipv4.ts";
import { bytesOfNumber, bytesOfText, numberOf, option, type Options, textOf } from "./options.ts";

export interface Message {
  readonly op: "request" | "reply";
  /** 1 is Ethernet. */
  readonly hardwareType: number;
  /** Lower case with colons: `52:54:00:12:34:56`. */
  readonly hardwareAddress: string;
  readonly hops: number;
  readonly transaction: number;
  readonly seconds: number;
  /** The client cannot hear what is sent to an address that it does not have yet. */
  readonly broadcast: boolean;
  readonly clientAddress: Ipv4;
  readonly yourAddress: Ipv4;
  /** Where the next step of booting is: `siaddr`. */
  readonly nextServer: Ipv4;
  readonly relayAddress: Ipv4;
  readonly serverName: string;
  readonly bootFile: string;
  /** Without pads, end and overload. Empty for BOOTP. */
  readonly options: Options;
}

export interface Malformed {
  readonly malformed: string;
}

const headerLength = 236;
const cookie = [99, 130, 83, 99];
/** Some BOOTP clients and relays drop what is shorter. */
const shortestMessage = 300;
/** What every client takes: 576 bytes less the headers of IP and UDP. */
export const usualMessageLength = 548;
const longestHardwareAddress = 16;

/** Total: whatever the bytes are. */
export function decodeMessage(bytes: Uint8Array): Message | Malformed {
  if (bytes.length < headerLength)
    return { malformed: `it has ${bytes.length} bytes, and ${headerLength} are the least` };
  const [op = 0, hardwareType = 0, hardwareLength = 0, hops = 0] = bytes;
  if (op !== 1 && op !== 2) return { malformed: `it is neither a request nor a reply, but ${op}` };
  if (hardwareLength > longestHardwareAddress) return { malformed: `a hardware address of ${hardwareLength} bytes` };
  const number = (at: number, length: number): number => numberOf(bytes.subarray(at, at + length)) ?? 0;
  const options = readOptions(bytes);
  if ("malformed" in options) return options;
  const overload = numberOf(options.options.get(option.overload)) ?? 0;
  return {
    op: op === 1 ? "request" : "reply",
    hardwareType,
    hardwareAddress: renderHardwareAddress(bytes.subarray(28, 28 + hardwareLength)),
    hops,
    transaction: number(4, 4),
    seconds: number(8, 2),
    broadcast: number(10, 2) >= 0x8000,
    clientAddress: number(12, 4),
    yourAddress: number(16, 4),
    nextServer: number(20, 4),
    relayAddress: number(24, 4),
    serverName: (overload & 2) === 0 ? (textOf(bytes.subarray(44, 108)) ?? "") : "",
    bootFile: (overload & 1) === 0 ? (textOf(bytes.subarray(108, 236)) ?? "") : "",
    options: new Map([...options.options].filter(([code]) => code !== option.overload)),
  };
}

/**
 * At most `limitBytes` long, if the header and the first options fit: an option that does not fit any more is left out.
 * The ones without which a client can do nothing come first; relay agent information comes last, and always.
 */
export function encodeMessage(message: Message, limitBytes = usualMessageLength): Uint8Array {
  const bytes = new Uint8Array(headerLength);
  const hardwareAddress = parseHardwareAddress(message.hardwareAddress) ?? new Uint8Array();
  bytes.set([message.op === "request" ? 1 : 2, message.hardwareType, hardwareAddress.length, message.hops], 0);
  bytes.set(bytesOfNumber(message.transaction, 4), 4);
  bytes.set(bytesOfNumber(message.seconds, 2), 8);
  bytes.set(bytesOfNumber(message.broadcast ? 0x8000 : 0, 2), 10);
  const { clientAddress, yourAddress, nextServer, relayAddress } = message;
  for (const [index, address] of [clientAddress, yourAddress, nextServer, relayAddress].entries()) {
    bytes.set(bytesOfNumber(address, 4), 12 + index * 4);
  }
  bytes.set(hardwareAddress, 28);
  // The last byte stays zero, for those who read up to a zero.
  bytes.set(bytesOfText(message.serverName).subarray(0, 63), 44);
  bytes.set(bytesOfText(message.bootFile).subarray(0, 127), 108);
  if (message.options.size === 0) return padded([bytes]);
  return padded([bytes, Uint8Array.from(cookie), ...encodeOptions(message.options, limitBytes - headerLength - 4)]);
}

const firstOptions: readonly number[] = [
  option.messageType,
  option.serverIdentifier,
  option.leaseTime,
  option.subnetMask,
  option.routers,
  option.nameServers,
  option.vendorClass,
  option.bootFileName,
  option.tftpServerName,
  option.vendorSpecific,
  option.clientMachineIdentifier,
];

function encodeOptions(options: Options, roomBytes: number): readonly Uint8Array[] {
  const last = option.relayAgentInformation;
  const rank = (code: number): number => (firstOptions.indexOf(code) + 1 || 100) * 256 + code;
  const codes = [...options.keys()].filter((code) => code !== last).sort((a, b) => rank(a) - rank(b));
  const relayed = encodeOption(last, options.get(last));
  let room = roomBytes - relayed.length - 1;
  const parts: Uint8Array[] = [];
  for (const code of codes) {
    const part = encodeOption(code, options.get(code));
    if (part.length > room) continue;
    parts.push(part);
    room -= part.length;
  }
  return [...parts, relayed, Uint8Array.of(option.end)];
}

/** A value of more than 255 bytes is several options with the same code (RFC 3396). */
function encodeOption(code: number, value: Uint8Array | undefined): Uint8Array {
  if (value === undefined) return new Uint8Array();
  const bytes: number[] = [];
  for (let at = 0; at === 0 || at < value.length; at += 255) {
    const part = value.subarray(at, at + 255);
    bytes.push(code, part.length, ...part);
  }
  return Uint8Array.from(bytes);
}

function padded(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(Math.max(length, shortestMessage));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Those of the fields `file` and `sname` as well, when they are lent to options; parts of one option are put together. */
function readOptions(bytes: Uint8Array): { readonly options: Options } | Malformed {
  if (!cookie.every((byte, index) => bytes[headerLength + index] === byte)) return { options: new Map() };
  const options = new Map<number, Uint8Array>();
  const own = readOptionsOf(bytes.subarray(headerLength + cookie.length), options);
  if (own !== undefined) return own;
  const overload = numberOf(options.get(option.overload)) ?? 0;
  for (const [bit, from, to] of [
    [1, 108, 236],
    [2, 44, 108],
  ] as const) {
    const lent = (overload & bit) === 0 ? undefined : readOptionsOf(bytes.subarray(from, to), options);
    if (lent !== undefined) return lent;
  }
  return { options };
}

function readOptionsOf(bytes: Uint8Array, options: Map<number, Uint8Array>): Malformed | undefined {
  for (let at = 0; at < bytes.length; ) {
    const code = bytes[at] ?? 0;
    if (code === option.end) return undefined;
    at += 1;
    if (code === 0) continue;
    const length = bytes[at];
    if (length === undefined || at + 1 + length > bytes.length)
      return { malformed: `option ${code} is longer than the message` };
    const value = bytes.slice(at + 1, at + 1 + length);
    const before = options.get(code);
    options.set(code, before === undefined ? value : Uint8Array.from([...before, ...value]));
    at += 1 + length;
  }
  return undefined;
}

export function renderHardwareAddress(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** Undefined when it has not the form of `renderHardwareAddress`; upper case and dashes are taken as well. */
export function parseHardwareAddress(text: string): Uint8Array | undefined {
  const parts = text.split(/[:-]/);
  if (parts.length > longestHardwareAddress || !parts.every((part) => /^[0-9a-fA-F]{2}$/.test(part))) return undefined;
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}
