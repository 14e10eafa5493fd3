// SPDX-License-Identifier: Apache-2.0
// The options of DHCP that we read or send (RFC 2132 and others), with the codec of each kind of value.
// A value that does not have the form of its option is read as if the option were missing.

import type { Ipv4 } from "../ipv4.ts";

export const option = {
  subnetMask: 1,
  routers: 3,
  nameServers: 6,
  hostName: 12,
  domainName: 15,
  interfaceMtu: 26,
  broadcastAddress: 28,
  timeServers: 42,
  vendorSpecific: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterRequestList: 55,
  message: 56,
  maximumMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientIdentifier: 61,
  tftpServerName: 66,
  bootFileName: 67,
  /** RFC 3004; iPXE sends the plain text. */
  userClass: 77,
  /** RFC 3046 and 3527: must be given back as it came. */
  relayAgentInformation: 82,
  /** RFC 4578, numbers in RFC 5970. */
  clientArchitecture: 93,
  clientMachineIdentifier: 97,
  /** RFC 3011 */
  subnetSelection: 118,
  end: 255,
} as const;

export type Options = ReadonlyMap<number, Uint8Array>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function addressOf(value: Uint8Array | undefined): Ipv4 | undefined {
  return value?.length === 4 ? numberOf(value) : undefined;
}

export function numberOf(value: Uint8Array | undefined): number | undefined {
  if (value === undefined || value.length === 0 || value.length > 4) return undefined;
  return value.reduce((number, byte) => number * 256 + byte, 0);
}

/** Some clients end texts with a zero. */
export function textOf(value: Uint8Array | undefined): string | undefined {
  if (value === undefined) return undefined;
  const [text = ""] = decoder.decode(value).split("\0");
  return text === "" ? undefined : text;
}

/** An option inside of an option, as those of relay agents are: code, length, value. */
export function partOf(value: Uint8Array | undefined, code: number): Uint8Array | undefined {
  if (value === undefined) return undefined;
  for (let at = 0; at + 2 <= value.length; ) {
    const length = value[at + 1] ?? 0;
    if (at + 2 + length > value.length) return undefined;
    if (value[at] === code) return value.subarray(at + 2, at + 2 + length);
    at += 2 + length;
  }
  return undefined;
}

/** RFC 5970: two bytes each. */
export function architecturesOf(value: Uint8Array | undefined): readonly number[] {
  if (value === undefined || value.length % 2 !== 0) return [];
  return Array.from(
    { length: value.length / 2 },
    (_, index) => (value[index * 2] ?? 0) * 256 + (value[index * 2 + 1] ?? 0),
  );
}

export function bytesOfAddresses(addresses: readonly Ipv4[]): Uint8Array {
  return Uint8Array.from(addresses.flatMap((address) => [...bytesOfNumber(address, 4)]));
}

export function bytesOfNumber(number: number, length: 1 | 2 | 4): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Math.floor(number / 256 ** (length - 1 - index)) % 256);
}

export function bytesOfText(text: string): Uint8Array {
  return encoder.encode(text);
}
