// SPDX-License-Identifier: Apache-2.0
// Ports with their protocol: `80/tcp`, `6000-6010/udp`.

export interface PortRange {
  readonly first: number;
  readonly last: number;
  readonly protocol: string;
}

const largestPort = 65_535;

/** Undefined: it is none. */
export function parsePort(text: string): PortRange | undefined {
  const [, from = "", to = from, protocol = ""] = /^(\d{1,5})(?:-(\d{1,5}))?\/(tcp|udp|sctp|dccp)$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === "" || last > largestPort || first > last) return undefined;
  return { first, last, protocol };
}

export function renderPort({ first, last, protocol }: PortRange): string {
  return first === last ? `${first}/${protocol}` : `${first}-${last}/${protocol}`;
}

/** Whether every port of one is in the other. */
export function isInside(port: PortRange, range: PortRange): boolean {
  return port.protocol === range.protocol && port.first >= range.first && port.last <= range.last;
}
