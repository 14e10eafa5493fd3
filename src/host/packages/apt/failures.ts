// SPDX-License-Identifier: Apache-2.0
// Why apt or dpkg did not do it, by what they say in the C locale.

import { Failure } from "../../../contract/failure.ts";
import {
  diskFull,
  held,
  lastLines,
  managerFailed,
  needsOthers,
  notTrusted,
  onlyRoot,
  scriptFailed,
  settingsBroken,
  sourceBroken,
  sourceUnreachable,
  stillLocked,
  unknownPackage,
  unknownVersion,
  refusalIn,
  type Refusals,
} from "../refusals.ts";

export interface AptOutput {
  readonly program: string;
  readonly status: number | undefined;
  readonly output: string;
}

/** Something would have to go, and was not allowed to. */
export function saysRemovalRefused(output: string): boolean {
  return /Packages need to be removed but remove is disabled/.test(output);
}

/** The lists are older than their source: what they name is not there any more. Bringing them up to date may help. */
export class OutdatedLists extends Failure {}

const outdated = /^(?:E|W|Err)[: ].*(?:\b404\b|File not found|Hash Sum mismatch|File has unexpected size)/m;

export function aptFailure(doing: string, { program, status, output }: AptOutput): Failure {
  const failure = reasonOf(doing, { program, status, output });
  if (!outdated.test(output)) return failure;
  const { message, code, hint, retry } = failure;
  return new OutdatedLists(message, { code, retry, ...(hint === undefined ? {} : { hint }) });
}

function reasonOf(doing: string, { program, status, output }: AptOutput): Failure {
  return refusalIn(refusals, doing, output) ?? managerFailed(doing, program, status, errorsOf(output));
}

/** The first that is found is the reason: what causes others comes first. */
const refusals: Refusals = [
  [/are you root\?|requires? superuser privilege|open \(13: Permission denied\)/, (doing) => onlyRoot(doing)],
  [
    /Could not get lock \S+\. It is held by process (\d+)(?: \((.+?)\))?|lock.* is locked by another process(?: with pid (\d+))?|Unable to acquire the dpkg frontend lock/,
    (doing, [process, program, other]) => {
      const id = process ?? other;
      return stillLocked(doing, id === undefined ? "" : `${program ?? "a process"} (process ${id})`);
    },
  ],
  [
    /No space left on device|You don't have enough free space in (\S+)\.?|\(disk full\?\)/,
    (doing, [where = ""]) => diskFull(doing, where.replace(/\.$/, "")),
  ],
  [
    /Malformed (?:entry \d+|line \d+|stanza \d+) in (?:list|source) file (\S+)|The list of sources could not be read|Syntax error (\S+:\d+)/,
    (doing, _, output) => settingsBroken(doing, errorsOf(output)),
  ],
  [/Unable to locate package (\S+)/, (doing, [name = ""]) => unknownPackage(doing, name, [], "apt")],
  [/Package '?(\S+?)'? has no installation candidate/, (doing, [name = ""]) => unknownPackage(doing, name, [], "apt")],
  [
    /Version '(.+?)' for '(.+?)' was not found/,
    (doing, [version = "", name = ""]) => unknownVersion(doing, name, version),
  ],
  [
    /WARNING: The following packages cannot be authenticated!\n((?: .*\n)+)|There were unauthenticated packages/,
    (doing, [names]) => notTrusted(doing, names === undefined ? "a package" : names.trim().split(/\s+/).join(", ")),
  ],
  [
    /The repository '(.+?)' is not signed|The following signatures (?:couldn't be verified|were invalid)[^\n]*|is no longer signed/,
    (doing, [source]) => notTrusted(doing, source === undefined ? "a source" : `the source ${source}`),
  ],
  [
    /Held packages were changed and -y was used/,
    (doing, _, output) => held(doing, namesBelow(output, "The following held packages will be changed:")),
  ],
  [
    /The following packages have unmet dependencies:\n((?: .*\n)+)/,
    (doing, [lines = ""]) => needsOthers(doing, lastLines(lines.replaceAll(/ +/g, " "), 3)),
  ],
  [/you have held broken packages|Unmet dependencies/, (doing, _, output) => needsOthers(doing, errorsOf(output))],
  [
    /(?:Temporary failure resolving|Could not resolve|Could not connect to|Unable to connect to|Connection refused|Connection timed out|Connection failed|Network is unreachable|No route to host|Cannot initiate the connection to)[^\n]*/,
    (doing, _, output) => sourceUnreachable(doing, lastLines(matching(output, /resolv|connect|Network|route/i), 1)),
  ],
  [
    /does not have a Release file|Hash Sum mismatch|File has unexpected size|Failed to fetch|is not valid yet|is expired|Clearsigned file isn't valid|Encountered a section with no Package|Problem with MergeList|could not be parsed or opened|Unable to parse package file/,
    (doing, _, output) => sourceBroken(doing, errorsOf(output)),
  ],
  [
    /Errors were encountered while processing:\n((?: .*\n?)+)/,
    (doing, [names = ""], output) =>
      scriptFailed(doing, names.trim().split(/\s+/).map(nameOf).join(", "), lastLines(saidBefore(output), 2)),
  ],
];

/** `a`, or the file from which it was to be unpacked. */
function nameOf(text: string): string {
  return /([^/]+?)_[^/]*\.deb$/.exec(text)?.[1] ?? text;
}

/** What a script said, above what dpkg said of its end. */
function saidBefore(output: string): string {
  const end = output.search(/^dpkg: error processing/m);
  if (end === -1) return errorsOf(output);
  const why = /^dpkg: error processing [^\n]*\n ([^\n]*)/m.exec(output.slice(end))?.[1] ?? "";
  return `${output.slice(0, end).replaceAll(/^(?:Setting up|Removing|Unpacking|Preparing|\(Reading|Selecting).*$/gm, "")}\n${why}`;
}

function errorsOf(output: string): string {
  const errors = matching(output, /^E: |^dpkg: error|^dpkg-deb: error/);
  return lastLines((errors === "" ? output : errors).replaceAll(/^E: /gm, ""), 3);
}

function matching(output: string, pattern: RegExp): string {
  return output
    .split("\n")
    .filter((line) => pattern.test(line))
    .join("\n");
}

function namesBelow(output: string, title: string): readonly string[] {
  const [, below = ""] = output.split(title);
  return /^\n((?: .*\n?)*)/.exec(below)?.[1]?.trim().split(/\s+/) ?? [];
}

/** What a simulation would remove: `Remv a [1.0]`, `Purg a [1.0]`. */
export function parseRemovals(simulated: string): readonly string[] {
  return [...simulated.matchAll(/^(?:Remv|Purg) (\S+)/gm)].map(([, name = ""]) => name);
}
