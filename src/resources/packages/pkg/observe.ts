// SPDX-License-Identifier: Apache-2.0
// What the machine says of one package, or of all of a group at once.

import { Failure } from "../../../contract/failure.ts";
import type { InstalledPackage, OfferedVersion, PackageArchive, PackageManager } from "../../../contract/packages.ts";
import type { AnyWant, ResourceEnv } from "../../../contract/resource.ts";
import { type PkgWant, versionIn } from "./fields.ts";

/** One package of those that run together. */
export interface Wanted {
  readonly name: string;
  /** `pkg[name]`; undefined for the resource that is called. */
  readonly member?: string;
  readonly want: PkgWant;
}

export interface PackageHave {
  readonly installed: InstalledPackage | undefined;
  /** What the lists offer, when that matters. */
  readonly offered: readonly OfferedVersion[];
  /** What is in the file, undefined when there is none. */
  readonly archive: PackageArchive | undefined;
  /** Names that may have been meant, when this one is unknown. */
  readonly like: readonly string[];
}

export interface PkgHave {
  readonly manager: string;
  readonly compareVersions: (left: string, right: string) => number;
  /** Milliseconds since the lists were refreshed; undefined: never since the sources have changed. */
  readonly listsAgeMs: number | undefined;
  readonly packages: ReadonlyMap<string, PackageHave>;
  /** What the program wants to be gone. */
  readonly mayRemove: readonly string[];
}

/** `members` of `env`, or of a plan; sorted by their names. */
export function allWanted(
  want: PkgWant,
  name: string,
  members: readonly { readonly name: string; readonly resource: string; readonly want: AnyWant }[],
): readonly Wanted[] {
  const others = members.map((member) => ({
    name: member.name,
    member: member.resource,
    want: member.want as PkgWant,
  }));
  return [{ name, want }, ...others].sort((left, right) => (left.name < right.name ? -1 : 1));
}

export async function observePkg(want: PkgWant, env: ResourceEnv): Promise<PkgHave & { readonly name: string }> {
  const { host, signal } = env;
  const manager = await host.packages.manager(signal);
  const wanted = allWanted(want, env.name, env.members);
  const installed = await manager.installed(
    wanted.map(({ name }) => name),
    signal,
  );
  const asked = wanted.filter((each) => dependsOnOffers(each, installed.get(each.name)));
  const [offers, refreshedMs] =
    asked.length === 0
      ? [new Map<string, readonly OfferedVersion[]>(), undefined]
      : await Promise.all([
          manager.available(
            asked.map(({ name }) => name),
            signal,
          ),
          manager.listsRefreshedMs(signal),
        ]);
  const packages = new Map<string, PackageHave>();
  for (const { name, want: each } of wanted) {
    const offered = offers.get(name) ?? [];
    const isUnknown = asked.some((other) => other.name === name) && offered.length === 0 && !installed.has(name);
    packages.set(name, {
      installed: installed.get(name),
      offered,
      archive: each.source === "" ? undefined : await archiveOf(manager, each.source, env),
      like: isUnknown && refreshedMs !== undefined ? await manager.namesLike(name, signal) : [],
    });
  }
  return {
    name: env.name,
    manager: manager.name,
    compareVersions: manager.compareVersions,
    listsAgeMs: refreshedMs === undefined ? undefined : Math.max(0, host.clock.now() - refreshedMs),
    packages,
    mayRemove: leaving(env),
  };
}

/** A package that is as it should be costs no look at the lists. */
function dependsOnOffers({ want }: Wanted, installed: InstalledPackage | undefined): boolean {
  if (want.source !== "" || want.state === "uninstalled") return false;
  if (want.state === "newest" || installed?.version === undefined) return true;
  const version = versionIn(want);
  return version !== undefined && version !== installed.version;
}

async function archiveOf(
  manager: PackageManager,
  path: string,
  { host, signal }: ResourceEnv,
): Promise<PackageArchive | undefined> {
  if ((await host.files.inspectTarget(path, signal)) === undefined) return undefined;
  try {
    return await manager.inspectArchive(path, signal);
  } catch (reason) {
    // It went meanwhile, or is being written; what is wrong with it for good is told.
    if (reason instanceof Failure && reason.code === "not-found") return undefined;
    throw reason;
  }
}

function leaving(env: ResourceEnv): readonly string[] {
  const names: string[] = [];
  for (const { name, want } of env.peers()) if ((want as PkgWant).state === "uninstalled") names.push(name);
  return names.sort();
}
