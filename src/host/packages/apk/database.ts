// SPDX-License-Identifier: Apache-2.0
// What apk keeps and prints, as it is understood: the database of what is installed, the list of what somebody wants
// (the world), what the sources offer, and what is in an archive.

import type { OfferedVersion } from "../../../contract/packages.ts";
import { compareApkVersions } from "../compare-apk.ts";

export interface Entry {
  readonly name: string;
  readonly version: string;
  /** Files or scripts of it failed when it was installed. */
  readonly isBroken: boolean;
  readonly files: readonly string[];
  /** Without conflicts and versions. */
  readonly depends: readonly string[];
  readonly provides: readonly string[];
}

/** Records of lines `P:name`, with an empty line after each. */
export function parseInstalled(text: string): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const block of text.split(/\n\n+/)) {
    const fields = new Map<string, string>();
    const files: string[] = [];
    let directory = "";
    for (const line of block.split("\n")) {
      const [key, value] = [line.slice(0, 1), line.slice(2)];
      if (line[1] !== ":") continue;
      if (key === "F") directory = value === "" ? "" : `/${value}`;
      else if (key === "R") files.push(`${directory}/${value}`);
      else fields.set(key, value);
    }
    const [name, version] = [fields.get("P"), fields.get("V")];
    if (name === undefined || version === undefined) continue;
    const [depends, provides] = ["D", "p"].map((key) => namesOf(fields.get(key) ?? ""));
    const isBroken = (fields.get("f") ?? "") !== "";
    entries.set(name, { name, version, isBroken, files, depends: depends ?? [], provides: provides ?? [] });
  }
  return entries;
}

function namesOf(specifications: string): readonly string[] {
  return specifications.split(" ").flatMap((each) => /^[^!<>=~@ ][^<>=~@ ]*/.exec(each)?.[0] ?? []);
}

/** These and all that they need, as far as it is installed. */
export function neededBy(names: Iterable<string>, entries: ReadonlyMap<string, Entry>): ReadonlySet<string> {
  const providers = new Map<string, string[]>();
  for (const { name, provides } of entries.values()) {
    for (const provided of [name, ...provides]) {
      const some = providers.get(provided);
      if (some === undefined) providers.set(provided, [name]);
      else some.push(name);
    }
  }
  const needed = new Set(names);
  for (const name of needed) {
    for (const depend of entries.get(name)?.depends ?? [])
      for (const one of providers.get(depend) ?? []) needed.add(one);
  }
  return needed;
}

/** A line of the world. */
export interface Wish {
  readonly name: string;
  /** As it stands there. */
  readonly text: string;
  /** `@edge`, or nothing. */
  readonly tag: string;
  /** It must not be there. */
  readonly isConflict: boolean;
  /** It must have exactly this version. */
  readonly exactly: string | undefined;
  /** It is exactly one file, whatever its version. */
  readonly isArchive: boolean;
}

export function parseWorld(text: string): ReadonlyMap<string, Wish> {
  const wishes = new Map<string, Wish>();
  for (const word of text.split(/\s+/)) {
    const found = /^(!?)([^!<>=~@]+)(@[^<>=~]+)?(?:([<>=~]+)([^@]+))?(@.+)?$/.exec(word);
    if (found === null) continue;
    const [, mark, name = "", early, operator, version, late] = found;
    wishes.set(name, {
      name,
      text: word,
      tag: early ?? late ?? "",
      isConflict: mark === "!",
      exactly: operator === "=" ? version : undefined,
      isArchive: operator === "><",
    });
  }
  return wishes;
}

/** What `apk policy` prints; a source with a tag counts only for a package of which the world says so. */
export function parsePolicy(
  output: string,
  wishes: ReadonlyMap<string, Wish>,
): ReadonlyMap<string, readonly OfferedVersion[]> {
  const found = new Map<string, OfferedVersion[]>();
  let [name, version] = ["", ""];
  for (const line of output.split("\n")) {
    const head = /^(\S+) policy:$/.exec(line);
    const versionLine = /^ {2}(\S+):$/.exec(line);
    const sourceLine = /^ {4}(?:(@\S+) )?(\S+.*)$/.exec(line);
    if (head !== null) [name, version] = [head[1] ?? "", ""];
    else if (versionLine !== null) version = versionLine[1] ?? "";
    else if (sourceLine !== null && name !== "" && version !== "") {
      const [, tag = "", from = ""] = sourceLine;
      if (isOwnDatabase(from) || (tag !== "" && wishes.get(name)?.tag !== tag)) continue;
      const offers = found.get(name) ?? [];
      found.set(name, offers);
      if (offers.some((each) => each.version === version)) continue;
      offers.push({ version, isFree: !/\/non-?free\b/.test(from), isSupported: isOwnSource(from), from });
    }
  }
  for (const offers of found.values()) offers.sort((a, b) => compareApkVersions(b.version, a.version));
  return found;
}

/** What is installed, and the cache: these are no sources. */
function isOwnDatabase(from: string): boolean {
  return /^\/?(?:usr\/)?(?:lib\/apk\/db\/|etc\/apk\/cache|var\/cache\/apk)/.test(from) || from === "cache";
}

/** Mirrors keep the layout: `…/v3.22/main`. */
function isOwnSource(from: string): boolean {
  return /\/(?:v\d+\.\d+|edge|latest-stable)\/(?:main|community|testing|non-free)\/?$/.test(from);
}

/** `busybox-extras-1.36.1-r2`: the version begins at the last `-` with a digit behind it. */
export function parseNameVersion(text: string): { readonly name: string; readonly version: string } | undefined {
  const found = /^(.+)-(\d[^-]*(?:-r\d+)?)$/.exec(text);
  return found === null ? undefined : { name: found[1] ?? "", version: found[2] ?? "" };
}

/** Names that `apk list` prints: `busybox-1.36.1-r2 x86_64 {busybox} (GPL-2.0-only)`. */
export function parseListed(output: string): readonly string[] {
  return output.split("\n").flatMap((line) => parseNameVersion(line.split(" ")[0] ?? "")?.name ?? []);
}

/** Names of members as tar prints them in the C locale; those of apk itself begin with a dot. */
export function parseMembers(output: string): readonly string[] {
  return output
    .split("\n")
    .filter((line) => line !== "" && !line.endsWith("/") && !/^\.[^/]*$/.test(line))
    .map((line) => `/${unescape(line)}`);
}

/** `\303\274`: bytes that the C locale has no letter for. */
function unescape(name: string): string {
  return name.replaceAll(/(?:\\[0-7]{3})+/g, (octal) =>
    Buffer.from(
      octal
        .slice(1)
        .split("\\")
        .map((digits) => Number.parseInt(digits, 8)),
    ).toString("utf8"),
  );
}

/** `pkgname = tool` in the description that an archive begins with. */
export function parsePackageInfo(text: string): { readonly name: string; readonly version: string } | undefined {
  const [name, version] = ["pkgname", "pkgver"].map((key) => new RegExp(`^${key} = (.+)$`, "m").exec(text)?.[1]);
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** Packages that would go, by what apk says that it does: `(1/2) Purging tool (1.0-r0)`. */
export function parsePurged(output: string): readonly string[] {
  return [...output.matchAll(/^\(\d+\/\d+\) Purging (\S+) /gm)].map(([, name = ""]) => name);
}
