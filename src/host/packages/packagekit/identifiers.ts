// SPDX-License-Identifier: Apache-2.0
// Words and numbers of PackageKit: what a package is called (`hello;2.10-3;amd64;installed:debian-bookworm-main`), what a
// transaction is told and tells.

import type { OfferedVersion } from "../../../contract/packages.ts";

export interface PackageIdentifier {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Where it comes from: `debian-bookworm-main`. */
  readonly origin: string;
  readonly isInstalled: boolean;
  readonly text: string;
}

/** Filters and flags are sets of bits. */
const bit = (number: number): bigint => 1n << BigInt(number);
export const filters = { none: bit(1), installed: bit(2), architecture: bit(18) } as const;
export const flags = { none: 0n, onlyTrusted: bit(1), simulate: bit(2), allowDowngrade: bit(6) } as const;

/** What happens to a package, as the first argument of the signal `Package`. */
export const happening = { removing: 13, obsoleting: 15 } as const;
const installedInfo = 1;
/** `PK_ROLE_ENUM_REFRESH_CACHE` */
export const refreshRole = 13;

export const exits = { success: 1, cancelled: 3 } as const;

export function parseIdentifier(text: string, info: number): PackageIdentifier {
  const [name = "", version = "", architecture = "", data = ""] = text.split(";");
  // How an installed one came to be so stands before where it came from.
  const [how = "", ...origin] = data.split(":");
  const isInstalled = info === installedInfo || /^(?:installed|manual|auto)$/.test(how);
  return { name, version, architecture, origin: isInstalled ? origin.join(":") : data, isInstalled, text };
}

/** `system`: the name of the distribution in its own words, `debian`. */
export function offerOf({ version, origin }: PackageIdentifier, system: string): OfferedVersion {
  return {
    version,
    isFree: !/non-?free|contrib|multiverse|restricted/.test(origin),
    isSupported: origin === "" || system === "" || origin.startsWith(system),
    from: origin,
  };
}

/** `hello:i386` and `hello.i686` name an architecture too. */
export function splitName(name: string): { readonly bare: string; readonly architecture: string | undefined } {
  const [, bare, architecture] = /^(.+?)[:.](i[3-6]86|amd64|x86_64|arm64|aarch64|all|noarch)$/.exec(name) ?? [];
  return { bare: bare ?? name, architecture };
}
