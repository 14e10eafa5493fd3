// SPDX-License-Identifier: Apache-2.0
// Where a server listens, as people write it: `192.0.2.1:80`, `[::1]:80`, `:80`. Addresses are literal: no names.

import { parseIpv4 } from "./ipv4.ts";

export interface SocketAddressText {
  /** Empty: all addresses of the machine. */
  readonly host: string;
  readonly port: number;
}

/** Undefined when it is none. */
export function parseSocketAddress(text: string): SocketAddressText | undefined {
  const [, bracketed, plain = "", digits = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535) return undefined;
  if (bracketed !== undefined) return URL.canParse(`http://[${bracketed}]/`) ? { host: bracketed, port } : undefined;
  return plain === "" || parseIpv4(plain) !== undefined ? { host: plain, port } : undefined;
}
