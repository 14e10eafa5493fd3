// SPDX-License-Identifier: Apache-2.0
// IPv4 addresses as numbers, for protocols that count with them. Knows no names and no IPv6.

/** From 0 to 2³² − 1. */
export type Ipv4 = number;

export interface Ipv4Network {
  /** As written: it may be that of a host in the network. */
  readonly address: Ipv4;
  /** Length of the network part. */
  readonly bits: number;
}

export const noAddress: Ipv4 = 0;

/** Undefined when it is none. A leading zero would mean octal to some, and is refused. */
export function parseIpv4(text: string): Ipv4 | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((address, part) => address * 256 + Number(part), 0);
}

/** `192.0.2.5/24` */
export function parseIpv4Network(text: string): Ipv4Network | undefined {
  const [left = "", right = "", ...more] = text.split("/");
  const address = parseIpv4(left);
  if (address === undefined || more.length > 0 || !/^\d{1,2}$/.test(right) || Number(right) > 32) return undefined;
  return { address, bits: Number(right) };
}

/** `255.255.255.0` or `/24`; undefined when it is no mask. */
export function parseMask(text: string): number | undefined {
  if (text.startsWith("/")) return parseIpv4Network(`0.0.0.0${text}`)?.bits;
  const mask = parseIpv4(text);
  if (mask === undefined) return undefined;
  const bits = Math.clz32(~mask);
  return maskOf(bits) === mask ? bits : undefined;
}

export function renderIpv4(address: Ipv4): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** Ones for the network part. */
export function maskOf(bits: number): Ipv4 {
  return bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
}

/** The first address of the network. */
export function firstOf({ address, bits }: Ipv4Network): Ipv4 {
  return (address & maskOf(bits)) >>> 0;
}

/** The last address of the network. */
export function lastOf(network: Ipv4Network): Ipv4 {
  return firstOf(network) + 2 ** (32 - network.bits) - 1;
}

export function isInNetwork(address: Ipv4, network: Ipv4Network): boolean {
  return (address & maskOf(network.bits)) >>> 0 === firstOf(network);
}
