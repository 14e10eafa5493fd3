// SPDX-License-Identifier: Apache-2.0
// Why apk did not do it, by what it says.

import type { Failure } from "../../../contract/failure.ts";
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
  stillLocked,
  unknownPackage,
  refusalIn,
  type Refusals,
} from "../refusals.ts";
import { type Entry, parseNameVersion } from "./database.ts";

const refusals: Refusals = [
  [/(?:database|world)[^\n]*: Permission denied/, (doing) => onlyRoot(doing)],
  [/Unable to lock database/, (doing) => stillLocked(doing, "")],
  [/No space left on device/, (doing) => diskFull(doing, "")],
  [
    /^ {2}(\S+) \(no such package\):\n {4}required by: world\[/m,
    (doing, [name = ""]) => unknownPackage(doing, name, [], "apk"),
  ],
  [
    /(?:ERROR|WARNING): (?:updating and opening |opening |fetching |Ignoring )?(\S+?):? (?:UNTRUSTED signature|BAD signature)/,
    (doing, [name = ""]) => notTrusted(doing, name),
  ],
  [/unable to select packages|unsatisfiable constraints/, (doing, _, output) => needsOthers(doing, detailsOf(output))],
  [/trying to overwrite/, (doing, _, output) => needsOthers(doing, errorsOf(output))],
  [
    /(\S+?)(?:-\d\S*)?\.(?:pre|post)-(?:install|upgrade|deinstall): script exited with error/,
    (doing, [name = ""], output) => scriptFailed(doing, name, errorsOf(output)),
  ],
  [
    /DNS (?:lookup )?error|temporary error|could not connect|connection (?:aborted|refused|reset)|timed out|unreachable|remote server returned error/i,
    (doing, _, output) => sourceUnreachable(doing, errorsOf(output)),
  ],
  [
    /not a valid repository|repository tag|Unable to read (?:repositories|world)|bad (?:world|repositories)|is not valid (?:world )?dependency/i,
    (doing, _, output) => settingsBroken(doing, errorsOf(output)),
  ],
  [
    /package mentioned in index not found|BAD archive|v2 package format error|v2 database format error|IO ERROR|file integrity|unexpected end of file/i,
    (doing, _, output) => sourceBroken(doing, errorsOf(output)),
  ],
];

export function apkFailure(
  doing: string,
  { status, output }: { readonly status: number | undefined; readonly output: string },
): Failure {
  return refusalIn(refusals, doing, output) ?? managerFailed(doing, "apk", status, errorsOf(output));
}

/** One that could not be selected: who forbids it, what needs it. */
interface Obstacle {
  readonly name: string;
  /** Each as `owner[what]`: whom it would break. */
  readonly breaks: readonly string[];
  /** As above: who cannot be there at the same time. */
  readonly conflicts: readonly string[];
  readonly neededBy: readonly string[];
}

/** What stands below `ERROR: unable to select packages:`. */
function parseObstacles(output: string): readonly Obstacle[] {
  const obstacles: { name: string; breaks: string[]; conflicts: string[]; neededBy: string[] }[] = [];
  let list: string[] | undefined;
  for (const line of output.split("\n")) {
    const head = /^ {2}(\S+):$/.exec(line);
    const reason = /^ {4}([a-z][a-z ]*):\s+(.*)$/.exec(line);
    const more = /^ {5,}(\S.*)$/.exec(line);
    if (head !== null) {
      obstacles.push({ name: nameIn(head[1] ?? ""), breaks: [], conflicts: [], neededBy: [] });
      list = undefined;
    } else if (reason !== null) {
      const [, kind = "", words = ""] = reason;
      const last = obstacles.at(-1);
      const lists = new Map(
        Object.entries({ satisfies: last?.neededBy, breaks: last?.breaks, conflicts: last?.conflicts }),
      );
      list = lists.get(kind);
      list?.push(...words.split(/\s+/));
    } else if (more !== null) list?.push(...(more[1] ?? "").split(/\s+/));
  }
  return obstacles;
}

/** Installed packages that would have to go, by what apk says; those that go anyway are left out. */
export function parseInTheWay(
  output: string,
  entries: ReadonlyMap<string, Entry>,
  going: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
): readonly string[] {
  const found = new Set<string>();
  const add = (name: string) => {
    if (entries.has(name) && !going.has(name) && !wanted.has(name)) found.add(name);
  };
  for (const { name, breaks, conflicts, neededBy } of parseObstacles(output)) {
    for (const word of [...breaks, ...conflicts]) add(ownerOf(word));
    if (conflicts.length > 0 || breaks.some((word) => word.includes("[!"))) add(name);
    if (going.has(name)) for (const word of neededBy) add(ownerOf(word));
  }
  return [...found];
}

/** `tool-1.0-r0[library]` */
function ownerOf(word: string): string {
  return nameIn(word.split("[")[0] ?? "");
}

function nameIn(text: string): string {
  return parseNameVersion(text)?.name ?? text;
}

function detailsOf(output: string): string {
  return lastLines(output.slice(Math.max(0, output.search(/^ERROR: /m))).replace(/^ERROR: .*\n/, ""), 6);
}

function errorsOf(output: string): string {
  const lines = output.split("\n");
  const errors = lines.filter((line) => line.startsWith("ERROR: "));
  const some = errors.length > 0 ? errors : lines.filter((line) => line.startsWith("WARNING: "));
  return lastLines((some.length === 0 ? output : some.join("\n")).replaceAll(/^(?:ERROR|WARNING): /gm, ""), 2);
}
