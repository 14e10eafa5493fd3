// SPDX-License-Identifier: Apache-2.0
// Why pacman did not do it, by what it says in the C locale.

import type { Failure } from "../../../contract/failure.ts";
import {
  diskFull,
  lastLines,
  managerFailed,
  needsOthers,
  notTrusted,
  onlyRoot,
  settingsBroken,
  sourceBroken,
  sourceUnreachable,
  stillLocked,
  unknownPackage,
  refusalIn,
  type Refusals,
} from "../refusals.ts";

const refusals: Refusals = [
  [/you cannot perform this operation unless you are root|Permission denied/, (doing) => onlyRoot(doing)],
  [/unable to lock database/, (doing) => stillLocked(doing, "")],
  [/not enough free disk space|No space left on device/, (doing) => diskFull(doing, "")],
  [
    /^error: config file .*$|error: problem parsing config/m,
    (doing, _, output) => settingsBroken(doing, errorsOf(output)),
  ],
  [/target not found: (\S+)/, (doing, [name = ""]) => unknownPackage(doing, name, [], "pacman")],
  [
    /(?:error: (\S+): |failed retrieving file '(?=\S+\.sig'))?(?:(\S+)\.sig' from|signature from .* is (?:unknown trust|marginal trust|invalid)|missing required signature|invalid or corrupted package \(PGP signature\)|key .* could not be looked up)/,
    (doing, [name, file]) => notTrusted(doing, name ?? file ?? "a package or a source"),
  ],
  [
    /unable to satisfy dependency|could not satisfy dependencies|unresolvable package conflicts|conflicting dependencies|conflicting files/,
    (doing, _, output) => needsOthers(doing, lastLines(detailsOf(output), 3)),
  ],
  [
    /(?:Could(?:n't| not) resolve host|Failed to connect|Connection refused|Connection timed out|Resolving timed out|Network is unreachable)[^\n]*/,
    (doing, _, output) => sourceUnreachable(doing, errorsOf(output)),
  ],
  [
    /failed retrieving file|failed to (?:update|synchronize)|invalid or corrupted (?:package|database)|could not open file .*\.db|Unrecognized archive format|checksum/,
    (doing, _, output) => sourceBroken(doing, errorsOf(output)),
  ],
];

export function pacmanFailure(
  doing: string,
  { status, output }: { readonly status: number | undefined; readonly output: string },
): Failure {
  return refusalIn(refusals, doing, output) ?? managerFailed(doing, "pacman", status, errorsOf(output));
}

/** Installed packages that need one that would go: `:: removing lib breaks dependency 'lib' required by tool`. */
export function parseDependents(output: string): readonly string[] {
  return [...new Set([...output.matchAll(/breaks dependency '.*' required by (\S+)/g)].map(([, name = ""]) => name))];
}

/** Installed packages in the way: `:: new-1.0-1 and old-1.0-1 are in conflict. Remove old? [y/N]`. */
export function parseConflicts(output: string): readonly string[] {
  return [...new Set([...output.matchAll(/are in conflict.*? Remove (\S+)\? \[/g)].map(([, name = ""]) => name))];
}

function detailsOf(output: string): string {
  const details = output.split("\n").filter((line) => /^:: |exists in filesystem/.test(line));
  return details.length === 0 ? errorsOf(output) : details.join("\n").replaceAll(/^:: /gm, "");
}

function errorsOf(output: string): string {
  const errors = output.split("\n").filter((line) => line.startsWith("error: "));
  return lastLines((errors.length === 0 ? output : errors.join("\n")).replaceAll(/^error: /gm, ""), 2);
}
