// SPDX-License-Identifier: Apache-2.0
// IP addresses and networks as texts, and the one form in which the kernel shows each.

export interface Network {
  /** In the form of the kernel, with the length of the network part. */
  readonly text: string;
  /** The same without the bits of the host. */
  readonly network: string;
  readonly bits: number;
  readonly version: 4 | 6;
}

/** `192.0.2.5/24`, `2001:DB8::5/64`. Undefined: it is none. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const bytes = bytesOfAddress(address);
  const bits = Number(length);
  if (bytes === undefined || bits > bytes.length * 8) return undefined;
  const network = bytes.map((byte, at) => byte & (0xff00 >> Math.max(0, Math.min(8, bits - at * 8))) & 0xff);
  return {
    text: `${renderAddress(bytes)}/${bits}`,
    network: `${renderAddress(network)}/${bits}`,
    bits,
    version: bytes.length === 4 ? 4 : 6,
  };
}

/** In the form of the kernel. Undefined: it is none. */
export function parseAddress(text: string): string | undefined {
  const bytes = bytesOfAddress(text);
  return bytes === undefined ? undefined : renderAddress(bytes);
}

function bytesOfAddress(text: string): readonly number[] | undefined {
  return text.includes(":") ? bytesOfVersion6(text) : bytesOfVersion4(text);
}

function bytesOfVersion4(text: string): readonly number[] | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

function bytesOfVersion6(text: string): readonly number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [left, right] = halves.map((half) => groupsOf(half));
  if (left === undefined || (halves.length === 2 && right === undefined)) return undefined;
  if (right === undefined) return left.length === 16 ? left : undefined;
  const missing = 16 - left.length - right.length;
  return missing < 2 ? undefined : [...left, ...Array.from({ length: missing }, () => 0), ...right];
}

function groupsOf(half: string): readonly number[] | undefined {
  if (half === "") return [];
  const bytes: number[] = [];
  const groups = half.split(":");
  for (const [at, group] of groups.entries()) {
    const version4 = at === groups.length - 1 ? bytesOfVersion4(group) : undefined;
    if (version4 !== undefined) bytes.push(...version4);
    else if (/^[0-9a-f]{1,4}$/i.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255);
    else return undefined;
  }
  return bytes;
}

function renderAddress(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));
  const text = groups.map((group) => group.toString(16)).join(":");
  // The longest run of zeros, the first of several, is left out; a single one is not.
  const runs = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)];
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (best === undefined || run[0].length > best[0].length ? run : best),
    undefined,
  );
  if (longest === undefined) return text;
  const before = text.slice(0, longest.index).replace(/:$/, "");
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}
