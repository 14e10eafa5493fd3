// SPDX-License-Identifier: Apache-2.0
// Changes of packages by apt: all of a transaction in one call, so that dependencies are solved once. What would remove
// somebody else's package is refused before it begins.

import { Failure } from "../../../contract/failure.ts";
import type { PackageChange, Say, Transaction } from "../../../contract/packages.ts";
import { waitForLocks } from "../locks.ts";
import { describe, type ManagerParts } from "../programs.ts";
import { wouldRemove } from "../refusals.ts";
import { type AptCommands, trust } from "./commands.ts";
import { parseRemovals, saysRemovalRefused } from "./failures.ts";
import { type DpkgStatus, entryOf } from "./status.ts";

export interface AptTools extends ManagerParts {
  readonly commands: AptCommands;
  readonly locks: readonly string[];
  readonly readStatus: (signal: AbortSignal) => Promise<DpkgStatus>;
  readonly native: (signal: AbortSignal) => Promise<string>;
  /** dpkg was killed at its work. Only to be asked while nobody holds the lock. */
  readonly isInterrupted: (signal: AbortSignal) => Promise<boolean>;
}

type Do = (argv: readonly [string, ...string[]], doing: string) => Promise<{ readonly stdout: string }>;

export async function transactWithApt(
  { changes, allowUntrusted, mayRemove }: Transaction,
  tools: AptTools,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const { commands } = tools;
  const perform: Do = (argv, doing) => commands.change(argv, doing, say, signal);
  const of = (...verbs: readonly PackageChange["do"][]) => changes.filter((change) => verbs.includes(change.do));
  await waitForLocks(tools.locks, tools, say, signal);
  await mend(changes, tools, perform, say, signal);

  const mark = async (verb: "hold" | "unhold", names: readonly string[]) => {
    if (names.length > 0) await perform(["apt-mark", verb, ...names], describe(verb, names));
  };
  await mark("unhold", namesOf(of("release")));
  // apt lets go of what it changes although it is held.
  const stillHeld = await heldAmong(namesOf(of("install", "install-archive", "upgrade")), tools, signal);
  const leaving = namesOf(of("remove", "purge"));
  const mayGo = new Set([...mayRemove, ...leaving].map(bareName));
  const refuseOthers = async (args: readonly string[], doing: string) => {
    const { stdout } = await perform(commands.aptGet("--simulate", ...args), doing);
    const others = parseRemovals(stdout).filter((name) => !mayGo.has(bareName(name)));
    if (others.length > 0) throw wouldRemove(doing, others);
  };

  for (const verb of ["remove", "purge"] as const) {
    const names = namesOf(of(verb));
    if (names.length === 0) continue;
    const args = ["--allow-change-held-packages", verb, ...names];
    await refuseOthers(args, describe(verb, names));
    await perform(commands.aptGet(...args), describe(verb, names));
  }

  const added = await withoutInstalled(of("install", "install-archive", "upgrade"), tools, signal);
  if (added.length > 0) {
    const doing = describe("install", namesOf(added));
    const args = [
      ...trust(allowUntrusted),
      "--allow-downgrades",
      "--allow-change-held-packages",
      "install",
      ...added.map(targetOf),
    ];
    // Without somebody who may go, apt itself refuses, which spares a simulation.
    if (mayRemove.length > 0) await refuseOthers(args, doing);
    try {
      await perform(commands.aptGet(...(mayRemove.length > 0 ? [] : ["--no-remove"]), ...args), doing);
    } catch (reason) {
      if (reason instanceof Failure && saysRemovalRefused(reason.message)) await refuseOthers(args, doing);
      throw reason;
    }
  }
  await mark("hold", [...new Set([...namesOf(of("hold")), ...stillHeld])]);
}

/** Finishes what an earlier transaction has left half done when it was killed. */
async function mend(
  changes: readonly PackageChange[],
  { commands, readStatus, native, isInterrupted }: AptTools,
  perform: Do,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const doing = "finish an interrupted transaction";
  const [status, here] = [await readStatus(signal), await native(signal)];
  const ours = changes.filter(({ name }) => entryOf(status, name, here)?.isBroken === true);
  if (ours.length === 0 && !(await isInterrupted(signal))) return;
  say("finishes what a transaction that was cut off has left (dpkg --configure -a)");
  const isLost = ({ name }: PackageChange) => entryOf(status, name, here)?.mustBeReinstalled === true;
  const isLeaving = (change: PackageChange) => change.do === "remove" || change.do === "purge";
  const again = namesOf(ours.filter((change) => isLost(change) && !isLeaving(change)));
  const away = namesOf(ours.filter((change) => isLost(change) && isLeaving(change)));
  if (away.length > 0) await perform(commands.dpkg("--force-remove-reinstreq", "--remove", ...away), doing);
  try {
    await perform(commands.dpkg("--configure", "-a"), doing);
  } catch (reason) {
    // A package of others whose script fails each time is in nobody's way; what ours lacks, apt may have.
    if (!(reason instanceof Failure) || ours.length === 0) return;
    if (again.length === 0) await perform(commands.aptGet("install", "--fix-broken", "--no-remove"), doing);
  }
  if (again.length > 0) {
    await perform(commands.aptGet("install", "--reinstall", "--no-remove", ...again), describe("reinstall", again));
  }
}

/** One that is there stays at its version, unless another one is asked for; apt would upgrade it. */
async function withoutInstalled(
  changes: readonly PackageChange[],
  { readStatus, native }: AptTools,
  signal: AbortSignal,
): Promise<readonly PackageChange[]> {
  const [status, here] = [await readStatus(signal), await native(signal)];
  return changes.filter((change) => {
    if (change.do !== "install" || change.version !== undefined) return true;
    const entry = entryOf(status, change.name, here);
    return entry?.version === undefined || entry.isBroken;
  });
}

async function heldAmong(
  names: readonly string[],
  { readStatus, native }: AptTools,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [status, here] = [await readStatus(signal), await native(signal)];
  return names.filter((name) => entryOf(status, name, here)?.isHeld === true);
}

function namesOf(changes: readonly PackageChange[]): readonly string[] {
  return changes.map(({ name }) => name);
}

function bareName(name: string): string {
  return name.split(":")[0] ?? name;
}

function targetOf(change: PackageChange): string {
  if (change.do === "install-archive") return change.path;
  return change.do === "install" && change.version !== undefined ? `${change.name}=${change.version}` : change.name;
}
