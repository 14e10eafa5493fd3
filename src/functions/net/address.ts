// SPDX-License-Identifier: Apache-2.0
// IP addresses and prefixes: text to bytes and back. Undefined when the text is none.

/** Four bytes, or sixteen. */
export type Address = Uint8Array;

/** An address with the length of its network part, `192.0.2.5/24`. */
export interface Prefix {
  readonly address: Address;
  readonly bits: number;
}

export function parseAddress(text: string): Address | undefined {
  return text.includes(":") ? parseVersion6(text) : parseVersion4(text);
}

export function parsePrefix(text: string): Prefix | undefined {
  const [, left = "", right = ""] = /^([^/]*)\/([0-9]{1,3})$/.exec(text) ?? [];
  const address = parseAddress(left);
  const bits = Number(right);
  if (address === undefined || right === "" || bits > address.length * 8) return undefined;
  return { address, bits };
}

/** The shortest usual form; an IPv4 address within IPv6 is shown as IPv4. */
export function renderAddress(address: Address): string {
  if (address.length === 4) return address.join(".");
  return isVersion4Mapped(address) ? address.subarray(12).join(".") : renderVersion6(address);
}

/** The address and the length of its network part, which shrinks with an IPv4 address within IPv6. */
export function renderPrefix({ address, bits }: Prefix): string {
  const shown = address.length === 16 && isVersion4Mapped(address) && bits >= 96 ? bits - 96 : bits;
  return `${renderAddress(address)}/${shown}`;
}

/** Ones for the network part. */
export function maskOf({ address, bits }: Prefix): Address {
  return address.map((_, index) => 256 - 2 ** (8 - Math.max(0, Math.min(8, bits - index * 8))));
}

/** The address with zeros in the host part. */
export function networkOf(prefix: Prefix): Address {
  const mask = maskOf(prefix);
  return prefix.address.map((byte, index) => byte & (mask[index] ?? 0));
}

/** The address with ones in the host part. */
export function lastOf(prefix: Prefix): Address {
  const mask = maskOf(prefix);
  return prefix.address.map((byte, index) => byte | (255 - (mask[index] ?? 0)));
}

/** The next address; undefined after the last of all. */
export function following(address: Address): Address | undefined {
  const next = Uint8Array.from(address);
  for (let index = next.length - 1; index >= 0; index -= 1) {
    const byte = next[index] ?? 0;
    next[index] = byte + 1;
    if (byte < 255) return next;
  }
  return undefined;
}

export function isWithin(address: Address, prefix: Prefix): boolean {
  const [plain, network] = [withoutMapping(address), networkOf(prefix)];
  const mask = maskOf(prefix);
  return (
    plain.length === network.length && plain.every((byte, index) => (byte & (mask[index] ?? 0)) === network[index])
  );
}

function parseVersion4(text: string): Address | undefined {
  const parts = text.split(".");
  // A leading zero would mean octal to some.
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function parseVersion6(text: string): Address | undefined {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const before = groupsOf(head, tail === undefined);
  const after = tail === undefined ? [] : groupsOf(tail, true);
  if (before === undefined || after === undefined) return undefined;
  const missing = 16 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...before, ...new Uint8Array(missing), ...after]);
}

/** The bytes of `2001:db8`, at the end perhaps with an IPv4 address. */
function groupsOf(text: string, atEnd: boolean): readonly number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      const group = Number.parseInt(part, 16);
      bytes.push(group >> 8, group & 0xff);
    } else {
      const embedded = atEnd && index === parts.length - 1 ? parseVersion4(part) : undefined;
      if (embedded === undefined) return undefined;
      bytes.push(...embedded);
    }
  }
  return bytes;
}

/** Groups without leading zeros; the longest run of two or more zero groups, the first of those, becomes `::`. */
function renderVersion6(address: Address): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((address[index * 2] ?? 0) << 8) | (address[index * 2 + 1] ?? 0),
  );
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (best.length === 1) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

/** A mask is never shown as an address of the other version. */
export function renderMask(mask: Address): string {
  return mask.length === 4 ? mask.join(".") : renderVersion6(mask);
}

function isVersion4Mapped(address: Address): boolean {
  return address.subarray(0, 10).every((byte) => byte === 0) && address[10] === 0xff && address[11] === 0xff;
}

function withoutMapping(address: Address): Address {
  return address.length === 16 && isVersion4Mapped(address) ? address.subarray(12) : address;
}
