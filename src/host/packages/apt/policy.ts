// SPDX-License-Identifier: Apache-2.0
// What apt offers: the output of `apt-cache policy`, with names for versions and without for where they come from.

import type { OfferedVersion } from "../../../contract/packages.ts";

/** What is known of the sources, by their line in the tables: `http://deb.example bookworm/main amd64 Packages`. */
export interface Origins {
  readonly originOf: ReadonlyMap<string, string>;
  /** As the distribution calls itself there: `Debian`. Undefined: any is taken for its own. */
  readonly distribution: string | undefined;
}

/** Versions by name, that which apt prefers first. What is nowhere but on this machine is not offered. */
export function parsePolicy(text: string, origins: Origins): ReadonlyMap<string, readonly OfferedVersion[]> {
  const offers = new Map<string, readonly OfferedVersion[]>();
  for (const block of text.split(/^(?=\S)/m)) {
    const [head = "", ...lines] = block.split("\n");
    if (!head.endsWith(":")) continue;
    const candidate = /^ {2}Candidate: (\S+)/m.exec(block)?.[1];
    const versions = parseTable(lines, origins);
    versions.sort((left, right) => Number(right.version === candidate) - Number(left.version === candidate));
    if (versions.length > 0) offers.set(head.slice(0, -1), versions);
  }
  return offers;
}

function parseTable(lines: readonly string[], { originOf, distribution }: Origins): OfferedVersion[] {
  const versions: OfferedVersion[] = [];
  let version = "";
  for (const line of lines) {
    // ` *** 1.2-3 500`, or five spaces in place of the stars; below it each source with eight and its priority.
    const next = /^ (?:\*{3}| {3}) (\S+) -?\d+/.exec(line)?.[1];
    if (next !== undefined) version = next;
    const source = /^ {8} *-?\d+ (.+)$/.exec(line)?.[1];
    if (next !== undefined || source === undefined || version === "" || source.startsWith("/")) continue;
    const origin = originOf.get(source);
    const offered: OfferedVersion = {
      version,
      isFree: !isNotFree(source),
      isSupported: distribution === undefined || origin === distribution,
      from: source.split(" ").slice(0, 2).join(" "),
    };
    const at = versions.findIndex((known) => known.version === version);
    const known = versions[at];
    if (known === undefined) versions.push(offered);
    else if (rankOf(offered) > rankOf(known)) versions[at] = offered; // The best place to have it from counts.
  }
  return versions;
}

function rankOf({ isFree, isSupported }: OfferedVersion): number {
  return Number(isFree) + Number(isSupported);
}

/** The parts of Debian and Ubuntu for what is not free, or needs such. */
function isNotFree(source: string): boolean {
  const [, place = ""] = source.split(" ");
  const component = place.slice(place.indexOf("/") + 1);
  return place.includes("/") && /^(?:non-free(?:-firmware)?|contrib|restricted|multiverse)$/.test(component);
}

/** The output without names: for each source its line, and below it `release v=12.5,o=Debian,a=stable,…`. */
export function parseOrigins(text: string): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  let source = "";
  for (const line of text.split("\n")) {
    source = /^ *-?\d+ (.+)$/.exec(line)?.[1] ?? source;
    const origin = /^ +release (?:.*,)?o=([^,]*)/.exec(line)?.[1];
    if (origin !== undefined) origins.set(source, origin);
  }
  return origins;
}

/** What the distribution calls itself as a source, by /etc/os-release. */
export function distributionIn(osRelease: string): string | undefined {
  const id = /^ID="?([^"\n]*)"?$/m.exec(osRelease)?.[1];
  return id === undefined || id === "" ? undefined : id.slice(0, 1).toUpperCase() + id.slice(1);
}

/** Names of the packages that provide a virtual one, by `apt-cache showpkg`. */
export function parseProviders(text: string): readonly string[] {
  const [, below = ""] = text.split(/^Reverse Provides: *$/m);
  return [...new Set(below.split("\n").flatMap((line) => /^(\S+) \S+/.exec(line)?.[1] ?? []))].sort();
}
