// SPDX-License-Identifier: Apache-2.0
// Which package manager this machine has: the one whose database is in use and whose programs are there; else PackageKit,
// which speaks with those that we do not know.

import type { Bus } from "../../contract/bus.ts";
import type { Files } from "../../contract/host.ts";
import type { PackageManager, Packages } from "../../contract/packages.ts";
import { createApkManager } from "./apk/manager.ts";
import { createAptManager } from "./apt/manager.ts";
import { createDnfManager } from "./dnf/manager.ts";
import { createPackageKitManager, packageKitService } from "./packagekit/manager.ts";
import { createPacmanManager } from "./pacman/manager.ts";
import type { CreateManager, ManagerParts } from "./programs.ts";
import { noManager } from "./refusals.ts";

interface Known {
  /** Files or directories that are not empty where the manager is in use; one will do. */
  readonly databases: readonly string[];
  readonly programs: readonly string[];
  readonly create: CreateManager;
}

/** A machine may have the programs of several; the database tells. */
const known: readonly Known[] = [
  { databases: ["/var/lib/dpkg/status"], programs: ["/usr/bin/apt-get"], create: createAptManager },
  { databases: ["/var/lib/pacman/local"], programs: ["/usr/bin/pacman"], create: createPacmanManager },
  {
    databases: ["/var/lib/rpm", "/usr/lib/sysimage/rpm"],
    programs: ["/usr/bin/dnf"],
    create: createDnfManager,
  },
  {
    databases: ["/lib/apk/db/installed"],
    programs: ["/sbin/apk", "/usr/sbin/apk", "/usr/bin/apk"],
    create: createApkManager,
  },
];

/** `bus`: that of the machine. */
export function choosePackages(parts: ManagerParts, bus: Bus): Packages {
  let chosen: Promise<PackageManager> | undefined;
  return {
    async manager(signal) {
      chosen ??= choose(parts, bus, signal);
      try {
        return await chosen;
      } catch (reason) {
        chosen = undefined; // It may come yet.
        throw reason;
      }
    },
  };
}

async function choose(parts: ManagerParts, bus: Bus, signal: AbortSignal): Promise<PackageManager> {
  const { files, root } = parts;
  for (const { databases, programs, create } of known) {
    const isUsed = await some(databases, (path) => isFilled(root + path, files, signal));
    const isThere = await some(programs, async (path) => (await files.inspectTarget(path, signal)) !== undefined);
    if (isUsed && isThere) return create(parts);
  }
  // It works on the machine alone.
  if (root === "" && (await files.inspectTarget(packageKitService, signal)) !== undefined) {
    return createPackageKitManager({ bus, files, clock: parts.clock }, signal);
  }
  throw noManager();
}

async function isFilled(path: string, files: Files, signal: AbortSignal): Promise<boolean> {
  const state = await files.inspectTarget(path, signal);
  if (state?.kind !== "directory") return (state?.size ?? 0) > 0;
  return (await files.list(path, signal)).length > 0;
}

async function some(items: readonly string[], isSo: (item: string) => Promise<boolean>): Promise<boolean> {
  for (const item of items) if (await isSo(item)) return true;
  return false;
}
