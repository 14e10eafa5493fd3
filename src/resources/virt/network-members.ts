// SPDX-License-Identifier: Apache-2.0
// What the members of a network of libvirt say, and whether they fit together and into it.

import type { MemberWant, WantProblem } from "../../contract/resource.ts";
import { isMac } from "./domain-fields.ts";

export interface Cidr {
  readonly address: number;
  readonly bits: number;
}

export interface Reservation {
  readonly hostname: string;
  readonly mac: string;
  readonly ip: string;
}

export interface Range {
  readonly start: string;
  readonly end: string;
}

export function parseAddress(text: string): number | undefined {
  const [, ...parts] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text) ?? [];
  const bytes = parts.map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((address, byte) => address * 256 + byte, 0);
}

export function parseCidr(text: string): Cidr | undefined {
  const [, plain = "", digits = ""] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const address = parseAddress(plain);
  const bits = Number(digits);
  return address === undefined || digits === "" || bits > 32 ? undefined : { address, bits };
}

export function renderAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

export function netmaskOf(bits: number): string {
  return renderAddress(2 ** 32 - 2 ** (32 - bits));
}

/** Neither that of the network itself, nor that of everybody, and in it. */
function isUsable(address: number, { address: own, bits }: Cidr): boolean {
  const size = 2 ** (32 - bits);
  const first = Math.floor(own / size) * size;
  return address > first && address < first + size - 1;
}

export function reservationsOf(members: readonly MemberWant[]): readonly Reservation[] {
  return members
    .filter(({ kind }) => kind === "virt:network:host")
    .map(({ want }) => ({
      hostname: String(want["hostname"]),
      mac: String(want["mac"]).toLowerCase(),
      ip: String(want["ip"]).split("/")[0] ?? "",
    }));
}

export function rangesOf(members: readonly MemberWant[]): readonly Range[] {
  return members
    .filter(({ kind }) => kind === "virt:network:range")
    .map(({ want }) => ({ start: String(want["start"]), end: String(want["end"]) }));
}

/** What does not fit together, in a sentence; undefined when all does. */
export function conflictOf(ip: string, members: readonly MemberWant[]): string | undefined {
  const network = parseCidr(ip);
  if (network === undefined) return undefined;
  const macs = new Map<string, string>();
  const ips = new Map<number, string>([[network.address, "the network itself"]]);
  for (const { kind, name, want } of members) {
    if (kind !== "virt:network:host") continue;
    const [mac, given] = [String(want["mac"]).toLowerCase(), parseCidr(String(want["ip"]))];
    const other = macs.get(mac);
    if (other !== undefined) return `${name} and ${other} have the hardware address ${mac}`;
    macs.set(mac, name);
    if (given === undefined) continue;
    if (given.bits !== network.bits) return `${name} has the prefix /${given.bits}, and the network /${network.bits}`;
    const owner = ips.get(given.address);
    if (owner !== undefined) return `${name} and ${owner} have the address ${renderAddress(given.address)}`;
    if (!isUsable(given.address, network)) return `${renderAddress(given.address)} of ${name} is no address of ${ip}`;
    ips.set(given.address, name);
  }
  const ranges: (readonly [number, number, string])[] = [];
  for (const { kind, name, want } of members) {
    if (kind !== "virt:network:range") continue;
    const [start, end] = [parseAddress(String(want["start"])), parseAddress(String(want["end"]))];
    if (start === undefined || end === undefined) continue;
    for (const address of [start, end]) {
      if (!isUsable(address, network)) return `${renderAddress(address)} of ${name} is no address of ${ip}`;
    }
    for (const [first, last, other] of ranges) if (start <= last && first <= end) return `${name} and ${other} overlap`;
    for (const [address, owner] of ips) {
      if (address >= start && address <= end) return `${renderAddress(address)} of ${owner} lies in ${name}`;
    }
    ranges.push([start, end, name]);
  }
  return undefined;
}

export function checkReservation(hostname: string, mac: string, ip: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(hostname)) {
    found.push({
      field: "hostname",
      title: `"${hostname}" is no name of a machine`,
      hint: 'Letters, digits, dots and hyphens, as in "web1".',
    });
  }
  if (!isMac(mac)) {
    const title = mac === "" ? "a machine needs a `mac`" : `"${mac}" is no hardware address`;
    found.push({ field: "mac", title, hint: 'Write it like "52:54:00:12:34:56".' });
  }
  if (parseCidr(ip) === undefined) {
    const title = ip === "" ? "a machine needs an `ip`" : `"${ip}" is no IPv4 address with a prefix`;
    found.push({ field: "ip", title, hint: 'Write it like "192.168.122.10/24".' });
  }
  return found;
}

export function checkRange(start: string, end: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  const [first, last] = [parseAddress(start), parseAddress(end)];
  if (first === undefined)
    found.push({ field: "start", title: `"${start}" is no IPv4 address`, hint: 'Write it like "192.168.122.100".' });
  if (last === undefined)
    found.push({ field: "end", title: `"${end}" is no IPv4 address`, hint: 'Write it like "192.168.122.200".' });
  if (first !== undefined && last !== undefined && first > last) {
    found.push({ field: "end", title: `the range ends at ${end}, before it starts at ${start}` });
  }
  return found;
}
