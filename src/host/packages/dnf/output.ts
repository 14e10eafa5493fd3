// SPDX-License-Identifier: Apache-2.0
// What rpm and dnf write, and why dnf did not do it by what it says in the C locale.

import type { Failure } from "../../../contract/failure.ts";
import type { OfferedVersion } from "../../../contract/packages.ts";
import { compareRpmVersions } from "../compare-rpm.ts";
import {
  diskFull,
  lastLines,
  managerFailed,
  needsOthers,
  notTrusted,
  onlyRoot,
  scriptFailed,
  settingsBroken,
  sourceBroken,
  sourceUnreachable,
  unknownPackage,
  refusalIn,
  type Refusals,
} from "../refusals.ts";

/** One line for each, parts separated by tabs. */
export const installedFormat = "%{NAME}\\t%{ARCH}\\t%{EPOCHNUM}\\t%{VERSION}-%{RELEASE}\\n";
export const offeredFormat = "%{name}\\t%{arch}\\t%{epoch}\\t%{version}-%{release}\\t%{repoid}";
/** The first character of the mode tells what it is. */
export const filesFormat = "[%{FILEMODES:perms}\\t%{FILENAMES}\\n]";

interface Line {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly repository: string;
}

function parseLines(text: string): readonly Line[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", architecture = "", epoch = "", version = "", repository = ""] = line.split("\t");
    if (version === "") return [];
    return [
      { name, architecture, version: /^(?:0|\(none\))?$/.test(epoch) ? version : `${epoch}:${version}`, repository },
    ];
  });
}

/** Whether a name as a program writes it, `glibc` or `glibc.i686`, means this one. */
function isMeant(wanted: string, { name, architecture }: Line): boolean {
  return wanted === name || wanted === `${name}.${architecture}`;
}

/** Versions that are there by the name that was asked for; of one that was to be replaced by another there are two. */
export function parseInstalled(text: string, names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const lines = parseLines(text);
  const found = new Map<string, readonly string[]>();
  for (const wanted of names) {
    const versions = lines.filter((line) => isMeant(wanted, line)).map(({ version }) => version);
    if (versions.length > 0) found.set(wanted, [...new Set(versions)].sort(compareRpmVersions));
  }
  return found;
}

/** The newest first. */
export function parseOffered(
  text: string,
  names: readonly string[],
  isOwn: (repository: string) => boolean,
): ReadonlyMap<string, readonly OfferedVersion[]> {
  const lines = parseLines(text);
  const found = new Map<string, readonly OfferedVersion[]>();
  for (const wanted of names) {
    const versions = new Map<string, OfferedVersion>();
    for (const line of lines) {
      if (!isMeant(wanted, line) || versions.has(line.version)) continue;
      const { version, repository } = line;
      const isFree = !/non-?free/.test(repository);
      versions.set(version, { version, isFree, isSupported: isOwn(repository), from: repository });
    }
    const sorted = [...versions.values()].sort((left, right) => compareRpmVersions(right.version, left.version));
    if (sorted.length > 0) found.set(wanted, sorted);
  }
  return found;
}

/** Sources of the distributions that have rpm; on another one all sources count as its own. */
export function ownRepositories(osRelease: string): (repository: string) => boolean {
  const id = /^ID="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? "";
  const own: Readonly<Record<string, RegExp>> = {
    fedora: /^(?:fedora|updates|rawhide)(?:-|$)/,
    rhel: /^(?:rhel-|rhui-|codeready-)/,
    centos: /^(?:baseos|appstream|crb|extras|extras-common|highavailability|nfv|rt|resilientstorage)$/,
    rocky: /^(?:baseos|appstream|crb|extras|devel|highavailability|plus|powertools)$/,
    almalinux: /^(?:baseos|appstream|crb|extras|devel|highavailability|plus|powertools)$/,
  };
  const pattern = own[id];
  return (repository) => pattern === undefined || pattern.test(repository);
}

export function parseFiles(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const [, kind = "", path = ""] = /^(.)[^\t]*\t(\/.*)$/.exec(line) ?? [];
    return kind === "d" || path === "" ? [] : [path];
  });
}

/** What would go, by the table that dnf shows before it asks. */
export function parseRemovals(text: string): readonly string[] {
  const found: string[] = [];
  let isIn = false;
  for (const line of text.split("\n")) {
    if (/^[A-Z].*:$/.test(line)) isIn = /^Removing(?: dependent packages| unused dependencies)?:$/.test(line);
    else if (line === "" || line.startsWith("Transaction")) isIn = false;
    else if (isIn) {
      const name = /^ (\S+)/.exec(line)?.[1];
      if (name !== undefined) found.push(name);
    }
  }
  return found;
}

/** The plugin that holds packages keeps `nginx-1:1.24.0-1.*` on each line; with a `!` they are only kept away. */
export function parseLocks(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => /^([^#!\s].*?)-(?:\d+:)?[^-]+-[^-]+$/.exec(line.trim())?.[1] ?? []);
}

const refusals: Refusals = [
  [/This command has to be run with superuser privileges|Permission denied/, (doing) => onlyRoot(doing)],
  [
    /needs? (?:at least )?\d+\S* (?:more space )?(?:needed )?on the (\S+) filesystem|At least \S+ more space needed on the (\S+) filesystem|No space left on device/,
    (doing, [one, other]) => diskFull(doing, one ?? other ?? ""),
  ],
  [
    /^Config error: (.*)$|^Error: Error parsing "?(.*)$/m,
    (doing, _, output) => settingsBroken(doing, errorsOf(output)),
  ],
  [
    /Unable to find a match: (.+)|No match for argument: (\S+)/,
    (doing, [names = "", name]) => unknownPackage(doing, name ?? names, [], "dnf"),
  ],
  [
    /(?:Package (\S+) is not signed|GPG check FAILED|You have enabled checking of packages via GPG keys|Public key for (\S+) is not installed|does not verify|repomd\.xml GPG signature verification error)/,
    (doing, [name, other]) => notTrusted(doing, name ?? other ?? "a package or a source"),
  ],
  [
    /(?:Could(?:n't| not) resolve host|Failed to connect|Connection refused|Connection timed out|Could not connect)[^\n]*/,
    (doing, _, output) => sourceUnreachable(doing, errorsOf(output)),
  ],
  [
    /Problem(?: \d+)?: ([^]*?)(?:\n\(try|\n\n|$)/,
    (doing, [lines = ""]) => needsOthers(doing, lastLines(lines.replaceAll(/^ *- /gm, ""), 3)),
  ],
  [
    /(?:Error in|failed:) \S*?(?:PREIN|POSTIN|PREUN|POSTUN|scriptlet)[^\n]*|%(?:prein|post|preun|postun|pretrans)\(?([^)\s]*)\)? scriptlet failed[^\n]*/,
    (doing, [name = "a package"], output) => scriptFailed(doing, name, lastLines(output, 2)),
  ],
  [
    /Failed to download metadata|Cannot download|All mirrors were tried|Status code: \d+|Curl error|checksum doesn't match|Cannot find a valid baseurl/,
    (doing, _, output) => sourceBroken(doing, errorsOf(output)),
  ],
];

export function dnfFailure(
  doing: string,
  {
    program,
    status,
    output,
  }: { readonly program: string; readonly status: number | undefined; readonly output: string },
): Failure {
  return refusalIn(refusals, doing, output) ?? managerFailed(doing, program, status, errorsOf(output));
}

function errorsOf(output: string): string {
  const errors = output
    .split("\n")
    .filter((line) => /^(?:Error|error|Errors|Config error)\b|^ {2}- |^Problem/.test(line));
  return lastLines((errors.length === 0 ? output : errors.join("\n")).replaceAll(/^(?:Error|error): ?/gm, ""), 2);
}
