// SPDX-License-Identifier: Apache-2.0
// What must be done to packages, in order. Pure. All changes of a group are one transaction; each is a step for people.

import type { FailureCode } from "../../../contract/failure.ts";
import type { OfferedVersion, PackageChange } from "../../../contract/packages.ts";
import type { Step } from "../../../contract/resource.ts";
import { type PkgWant, versionIn } from "./fields.ts";
import type { PackageHave, PkgHave, Wanted } from "./observe.ts";

const hourMs = 3_600_000;

/** The lists are refreshed for a package that they do not have when they are older than this. */
const unknownAfterMs = hourMs;

/** And for the newest version when they are older than this. */
const newestAfterMs = 24 * hourMs;

export interface Change extends Step {
  readonly do: "change";
  readonly name: string;
  readonly change: PackageChange;
  readonly was: string | undefined;
  /** Undefined: whatever the lists offer once they have been refreshed. */
  readonly to: string | undefined;
  readonly how: "install" | "upgrade" | "downgrade" | "repair" | "remove" | "hold" | "release";
  /** All changes of the plan; undefined when refreshed lists must tell first what they are. */
  readonly together: Together | undefined;
}

export interface Together {
  readonly changes: readonly PackageChange[];
  readonly mayRemove: readonly string[];
}

export interface Refuse extends Step {
  readonly do: "refuse";
  readonly message: string;
  readonly code: FailureCode;
  readonly hint: string;
}

export interface Refresh extends Step {
  readonly do: "refresh";
  readonly ageMs: number | undefined;
}

export type PkgStep = Change | Refuse | Refresh;

/** What cannot be done comes last, so that it holds up nothing else. */
export function planPkg(wanted: readonly Wanted[], have: PkgHave): readonly PkgStep[] {
  const steps: PkgStep[] = [];
  const refused: PkgStep[] = [];
  let refreshes = false;
  for (const each of wanted) {
    const found = have.packages.get(each.name);
    if (found === undefined) continue;
    const isDue = isRefreshDue(each, found, have);
    refreshes ||= isDue;
    const own = planPackage(each, found, have, isDue);
    (own.some(({ do: verb }) => verb === "refuse") ? refused : steps).push(...own);
  }
  const refresh: readonly PkgStep[] = refreshes ? [{ do: "refresh", ageMs: have.listsAgeMs }] : [];
  const changes = steps.flatMap((step) => (step.do === "change" ? [step.change] : []));
  const together = refreshes ? undefined : { changes, mayRemove: have.mayRemove };
  const complete = steps.map((step) => (step.do === "change" ? { ...step, together } : step));
  return [...refresh, ...complete, ...refused];
}

function isRefreshDue({ want }: Wanted, { installed, offered }: PackageHave, { listsAgeMs }: PkgHave): boolean {
  if (want.source !== "" || want.state === "uninstalled") return false;
  const age = listsAgeMs ?? Number.POSITIVE_INFINITY;
  if (want.state === "newest") return age > newestAfterMs;
  const version = versionIn(want);
  const isMissing =
    version === undefined
      ? installed?.version === undefined && offered.length === 0
      : installed?.version !== version && !offered.some((each) => each.version === version);
  return isMissing && age > unknownAfterMs;
}

function planPackage(
  wanted: Wanted,
  have: PackageHave,
  all: PkgHave,
  refreshes: boolean,
): readonly (Change | Refuse)[] {
  const { want } = wanted;
  const { installed } = have;
  const main = want.state === "uninstalled" ? planRemoval(wanted, have) : planPresence(wanted, have, all, refreshes);
  if (main?.do === "refuse") return [main];
  const moves = main !== undefined && main.how !== "repair";
  if (moves && installed?.isHeld === true && want.hold === undefined) {
    const hint = "Write `hold => false` to release it, or `hold => true` to keep it at the version that is wanted.";
    return [refuse(wanted, "conflict", `${wanted.name} is held at its version, ${installed.version ?? "none"}`, hint)];
  }
  const steps: Change[] = main === undefined ? [] : [main];
  const isHeld = installed?.isHeld === true;
  if (want.hold === true && !isHeld) steps.push(mark(wanted, "hold"));
  if (want.hold === false && isHeld && want.state !== "uninstalled") steps.push(mark(wanted, "release"));
  return steps;
}

function planRemoval(wanted: Wanted, { installed }: PackageHave): Change | undefined {
  const { want, name } = wanted;
  if (installed === undefined || (installed.version === undefined && !want.purge)) return undefined;
  const verb = want.purge ? "purge" : "remove";
  return change(wanted, { do: verb, name }, "remove", installed.version, undefined);
}

function planPresence(
  wanted: Wanted,
  have: PackageHave,
  all: PkgHave,
  refreshes: boolean,
): Change | Refuse | undefined {
  const { want, name } = wanted;
  const { installed, offered } = have;
  const was = installed?.version;
  if (want.source !== "") return planArchive(wanted, have, all);
  const version = versionIn(want);
  const isThere = was !== undefined && (version === undefined || version === was);
  if (isThere && installed?.isBroken === true) {
    return change(wanted, { do: "install", name }, "repair", was, was);
  }
  if (isThere && (want.state !== "newest" || refreshes)) return undefined;
  // The refreshed lists decide.
  if (refreshes && (version === undefined ? offered.length === 0 : true)) {
    return change(
      wanted,
      { do: "install", name, ...(version === undefined ? {} : { version }) },
      "install",
      was,
      version,
    );
  }

  const allowed = offered.filter((each) => isAllowed(each, want));
  if (version !== undefined) {
    const chosen = offered.find((each) => each.version === version);
    if (chosen === undefined) return unknown(wanted, have, all, version);
    if (!isAllowed(chosen, want)) return notAllowed(wanted, chosen);
    return changeTo(wanted, { do: "install", name, version }, was, version, all);
  }
  const [preferred] = offered;
  const [chosen] = allowed;
  if (chosen === undefined || preferred === undefined) {
    if (was !== undefined) return undefined; // There is nothing newer that may be had.
    return preferred === undefined ? unknown(wanted, have, all, undefined) : notAllowed(wanted, preferred);
  }
  if (was !== undefined && all.compareVersions(chosen.version, was) <= 0) return undefined;
  // Named by its version only where the manager by itself would take another one.
  const exact = chosen === preferred ? {} : { version: chosen.version };
  const verb = was !== undefined && chosen === preferred ? "upgrade" : "install";
  const how = was === undefined ? "install" : "upgrade";
  return change(
    wanted,
    verb === "upgrade" ? { do: verb, name } : { do: verb, name, ...exact },
    how,
    was,
    chosen.version,
  );
}

function planArchive(wanted: Wanted, have: PackageHave, all: PkgHave): Change | Refuse | undefined {
  const { want, name } = wanted;
  const { archive, installed } = have;
  const path = want.source;
  if (archive === undefined) {
    return refuse(
      wanted,
      "not-found",
      `the file ${path} does not exist`,
      "Write the path of the file with the package.",
    );
  }
  if (archive.name !== name) {
    const hint = `The name of the resource must be that of the package: pkg "${archive.name}".`;
    return refuse(wanted, "invalid", `the file ${path} is the package ${archive.name}, not ${name}`, hint);
  }
  if (installed?.version !== archive.version) {
    return changeTo(wanted, { do: "install-archive", name, path }, installed?.version, archive.version, all);
  }
  return installed.isBroken
    ? change(wanted, { do: "install-archive", name, path }, "repair", installed.version, installed.version)
    : undefined;
}

/** To exactly this version, which is another one than the one that is there. */
function changeTo(
  wanted: Wanted,
  own: PackageChange,
  was: string | undefined,
  to: string,
  { compareVersions }: PkgHave,
): Change | Refuse {
  if (was === undefined) return change(wanted, own, "install", was, to);
  if (compareVersions(to, was) >= 0) return change(wanted, own, "upgrade", was, to);
  if (wanted.want.allowdowngrade) return change(wanted, own, "downgrade", was, to);
  const hint = "Write `allowdowngrade => true` if it is to go back.";
  return refuse(wanted, "conflict", `${wanted.name} is at ${was}, which is newer than ${to}`, hint);
}

function isAllowed({ isFree, isSupported }: OfferedVersion, want: PkgWant): boolean {
  return (isFree || want.allownonfree) && (isSupported || want.allowunsupported);
}

function notAllowed(wanted: Wanted, offered: OfferedVersion): Refuse {
  const { want, name } = wanted;
  const missing = [
    ...(offered.isFree || want.allownonfree ? [] : (["allownonfree"] as const)),
    ...(offered.isSupported || want.allowunsupported ? [] : (["allowunsupported"] as const)),
  ];
  const why = missing.includes("allownonfree") ? "is not free" : "is not the distribution's own";
  return refuse(
    wanted,
    "denied",
    `${name} ${offered.version} can be had from ${offered.from} alone, which ${why}`,
    `Write ${missing.map((field) => `\`${field} => true\``).join(" and ")} if that is meant.`,
  );
}

function unknown(wanted: Wanted, { offered, like }: PackageHave, { manager }: PkgHave, version?: string): Refuse {
  const { name } = wanted;
  if (offered.length > 0 && version !== undefined) {
    const versions = offered.slice(0, 5).map((each) => each.version);
    const hint = `There is ${versions.join(", ")}.`;
    return refuse(wanted, "not-found", `the lists of ${manager} have no version ${version} of ${name}`, hint);
  }
  const meant = like.length === 0 ? "Correct the name" : `Did you mean ${like.join(", ")}? Otherwise correct the name`;
  const hint = `${meant}, or add the source that has it.`;
  return refuse(wanted, "not-found", `the lists of ${manager} have no package "${name}"`, hint);
}

function mark(wanted: Wanted, verb: "hold" | "release"): Change {
  return change(wanted, { do: verb, name: wanted.name }, verb, undefined, undefined);
}

function change(
  { name, member }: Wanted,
  own: PackageChange,
  how: Change["how"],
  was: string | undefined,
  to: string | undefined,
): Change {
  return {
    do: "change",
    ...(member === undefined ? {} : { member }),
    name,
    change: own,
    how,
    was,
    to,
    together: undefined,
  };
}

function refuse({ member }: Wanted, code: FailureCode, message: string, hint: string): Refuse {
  return { do: "refuse", ...(member === undefined ? {} : { member }), code, message, hint };
}
