// SPDX-License-Identifier: Apache-2.0
// Options of mounts by what they mean: which of those that are wanted are not so. Pure; what the kernel shows is an
// argument.

import type { MountOptions } from "../../../contract/mounts.ts";

/** They say how and by whom something is mounted, or are for others to read; the kernel never shows them. */
const aboutMounting =
  /^(?:defaults|auto|noauto|users?|nouser|owner|group|nofail|nobootwait|_netdev|loop|offset|sizelimit|comment|helper|uhelper|r?bind|remount|(?:r?(?:private|shared|slave|unbindable))|[xX]-.*)$/;

/** What a mount has unless something else is said: the name of the opposite, which the kernel shows. */
const usual = { rw: "ro", suid: "nosuid", dev: "nodev", exec: "noexec", async: "sync" } as const;
const usualNames = Object.keys(usual) as readonly (keyof typeof usual)[];

/** Each of these takes the place of the others. */
const accessTimes: Readonly<Record<string, string>> = {
  noatime: "noatime",
  relatime: "relatime",
  atime: "",
  strictatime: "",
  norelatime: "",
};

/** What a file system of memory has when the kernel shows nothing; undefined: something else than any value. */
const shownByTmpfs: Readonly<Record<string, string | undefined>> = {
  mode: "1777",
  uid: "0",
  gid: "0",
  size: undefined,
  nr_inodes: undefined,
};

const impliedBy: Readonly<Record<string, readonly (keyof typeof usual)[]>> = {
  user: ["suid", "dev", "exec"],
  users: ["suid", "dev", "exec"],
  owner: ["suid", "dev"],
  group: ["suid", "dev"],
};

/** As `mount` reads them: what others imply comes before what is said by itself. */
export function orderedOptions(options: MountOptions): MountOptions {
  const rank = (name: string) => (name === "defaults" ? 0 : Object.hasOwn(impliedBy, name) ? 1 : 2);
  const names = [...options.keys()].sort((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1));
  return new Map(names.map((name) => [name, options.get(name) ?? ""]));
}

export interface Shown {
  readonly type: string;
  readonly options: MountOptions;
  /** Wanted options that the kernel is known to show when they are set. */
  readonly known: ReadonlySet<string>;
}

/**
 * The options that are not as wanted, as they should be. None when nothing is wanted but what is usual. What the kernel
 * does not show cannot be told apart from what is set.
 */
export function wrongOptions(wanted: MountOptions, shown: Shown): readonly string[] {
  if ([...wanted.keys()].every((name) => aboutMounting.test(name))) return [];
  const wrong: string[] = [];
  for (const [name, isUsual] of flagsOf(wanted)) {
    if (isUsual === shown.options.has(usual[name])) wrong.push(isUsual ? name : usual[name]);
  }
  for (const [name, value] of wanted) {
    if (aboutMounting.test(name) || isUsualFlag(name) || isAsWanted(name, value, shown)) continue;
    wrong.push(value === "" ? name : `${name}=${value}`);
  }
  return wrong;
}

/** For a mount that has other options: nothing is left of them. */
export function completeOptions(wanted: MountOptions): MountOptions {
  const complete = new Map<string, string>();
  for (const [name, isUsual] of flagsOf(wanted)) complete.set(isUsual ? name : usual[name], "");
  for (const [name, value] of wanted) {
    const isKept = name === "bind" || name === "rbind" || !aboutMounting.test(name);
    if (isKept && !isUsualFlag(name)) complete.set(name, value);
  }
  return complete;
}

/** Whether each of what is usual holds. */
function flagsOf(wanted: MountOptions): ReadonlyMap<keyof typeof usual, boolean> {
  const flags = new Map(usualNames.map((name) => [name, true]));
  for (const option of orderedOptions(wanted).keys()) {
    for (const name of impliedBy[option] ?? []) flags.set(name, false);
    for (const name of usualNames) {
      if (option === name) flags.set(name, true);
      else if (option === usual[name]) flags.set(name, false);
    }
  }
  return flags;
}

function isUsualFlag(name: string): boolean {
  return usualNames.some((flag) => flag === name || usual[flag] === name);
}

function isAsWanted(name: string, value: string, { type, options, known }: Shown): boolean {
  const accessTime = accessTimes[name];
  if (accessTime !== undefined) {
    const now = ["noatime", "relatime"].find((each) => options.has(each)) ?? "";
    return now === accessTime;
  }
  const now = options.get(name);
  if (now !== undefined) return sameValue(name, now, value);
  if (type === "tmpfs" && Object.hasOwn(shownByTmpfs, name)) {
    const usualValue = shownByTmpfs[name];
    return usualValue !== undefined && sameValue(name, usualValue, value);
  }
  if (options.has(`no${name}`) || (name.startsWith("no") && options.has(name.slice(2)))) return false;
  return !known.has(name);
}

function sameValue(name: string, now: string, wanted: string): boolean {
  const [one, other] = [unquoted(now), unquoted(wanted)];
  if (one === other) return true;
  if (name === "mode" || name.endsWith("mask")) return Number.parseInt(one, 8) === Number.parseInt(other, 8);
  if ((name === "uid" || name === "gid") && !/^\d+$/.test(other)) return true; // The kernel shows numbers alone.
  const [left, right] = [bytesOfSize(one), bytesOfSize(other)];
  // A share of the memory is shown in bytes.
  return other.endsWith("%") || (left !== undefined && left === right);
}

function unquoted(value: string): string {
  return value.replace(/^"(.*)"$/, "$1");
}

const pageBytes = 4_096n;

/** The kernel rounds sizes up to whole pages. */
function bytesOfSize(text: string): bigint | undefined {
  const [, digits, unit = ""] = /^(\d+)([kmgt]?)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const power = " kmgt".indexOf(unit.toLowerCase() || " ");
  const bytes = BigInt(digits) * 1024n ** BigInt(power);
  return power === 0 ? bytes : ((bytes + pageBytes - 1n) / pageBytes) * pageBytes;
}
