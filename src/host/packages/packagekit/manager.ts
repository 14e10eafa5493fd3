// SPDX-License-Identifier: Apache-2.0
// Packages where only PackageKit knows how: it speaks with whatever the distribution has, over D-Bus. All that is installed
// is one transaction, and all that is removed another one; each is asked first what it would take away.

import type { Bus, BusValue } from "../../../contract/bus.ts";
import { Failure } from "../../../contract/failure.ts";
import type { Clock, Files } from "../../../contract/host.ts";
import type { PackageChange, PackageManager, Transaction } from "../../../contract/packages.ts";
import { joinPulses } from "../../../base/join-pulses.ts";
import { compareDebianVersions } from "../compare-debian.ts";
import { compareRpmVersions } from "../compare-rpm.ts";
import { Turns } from "../one-at-a-time.ts";
import { describe, readDatabase } from "../programs.ts";
import { badArchive, unknownPackage, unknownVersion, wouldRemove } from "../refusals.ts";
import { similarNames } from "../similar.ts";
import { filters, flags, happening, offerOf, type PackageIdentifier, refreshRole, splitName } from "./identifiers.ts";
import { daemonPath, destination, type Request, Transactions } from "./transactions.ts";

interface PackageKitParts {
  readonly bus: Bus;
  readonly files: Files;
  readonly clock: Clock;
}

/** Where the bus learns how to start it. */
export const packageKitService = "/usr/share/dbus-1/system-services/org.freedesktop.PackageKit.service";

/** Databases of those that it may speak with; it does not tell when others than itself change them. */
const databases = [
  "/var/lib/dpkg/status",
  "/var/lib/rpm",
  "/usr/lib/sysimage/rpm",
  "/var/lib/pacman/local",
  "/lib/apk/db",
];

export async function createPackageKitManager(parts: PackageKitParts, signal: AbortSignal): Promise<PackageManager> {
  const { bus, files, clock } = parts;
  const daemon = { destination, path: daemonPath };
  const [backend] = await bus.call(
    {
      ...daemon,
      interface: "org.freedesktop.DBus.Properties",
      method: "Get",
      takes: "ss",
      arguments: [destination, "BackendName"],
      returns: "v",
    },
    signal,
  );
  const compareVersions = backend === "apt" ? compareDebianVersions : compareRpmVersions;
  const osRelease = (await readDatabase("/etc/os-release", files, signal)) ?? "";
  const system = /^ID="?([a-z0-9._-]+)/m.exec(osRelease)?.[1] ?? "";
  const transactions = new Transactions(bus);
  const turns = new Turns();
  const run = (request: Request, until: AbortSignal) => transactions.run(request, until);

  const resolve = async (
    names: readonly string[],
    filter: bigint,
    until: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly PackageIdentifier[]>> => {
    if (names.length === 0) return new Map();
    const bare = [...new Set(names.map((name) => splitName(name).bare))];
    const doing = describe("look at", names);
    const told = await run({ method: "Resolve", takes: "tas", arguments: [filter, bare], doing }, until);
    const found = names.map((name) => {
      const { bare: wanted, architecture } = splitName(name);
      const own = told.packages.filter(
        (each) => each.name === wanted && (architecture === undefined || each.architecture === architecture),
      );
      return [name, own] as const;
    });
    return new Map(found.filter(([, own]) => own.length > 0));
  };

  const native = filters.architecture;
  const filterFor = (names: readonly string[]): bigint =>
    names.some((name) => splitName(name).architecture !== undefined) ? filters.none : native;

  /** The newest first. */
  const sorted = (all: readonly PackageIdentifier[]) =>
    all.toSorted((left, right) => compareVersions(right.version, left.version));

  /** Fails rather than take away what nobody has named. */
  const perform = async (
    request: (bits: bigint) => Request,
    mayGo: ReadonlySet<string>,
    bits: bigint,
    until: AbortSignal,
  ): Promise<void> => {
    const trial = request(bits | flags.simulate);
    const { packages } = await run(trial, until);
    const leaving = packages.filter(({ info }) => info === happening.removing || info === happening.obsoleting);
    const others = [...new Set(leaving.map(({ name }) => name).filter((name) => !mayGo.has(name)))];
    if (others.length > 0) throw wouldRemove(trial.doing, others);
    await run(request(bits), until);
  };

  const targetsOf = async (added: readonly PackageChange[], doing: string, until: AbortSignal): Promise<string[]> => {
    const names = added.map(({ name }) => name);
    const offered = await resolve(names, filterFor(names), until);
    return Promise.all(
      added.flatMap((each) => {
        const known = sorted(offered.get(each.name) ?? []);
        const version = each.do === "install" ? each.version : undefined;
        const found = version === undefined ? known[0] : known.find((one) => one.version === version);
        // One that is there stays at its version, unless another one is asked for.
        const isThere = each.do === "install" && version === undefined && known.some((one) => one.isInstalled);
        if (found?.isInstalled === true || isThere) return [];
        return [
          (async () => {
            if (found !== undefined) return found.text;
            if (known.length > 0 && version !== undefined) throw unknownVersion(doing, each.name, version);
            throw unknownPackage(doing, each.name, await namesLike(each.name, until), "PackageKit");
          })(),
        ];
      }),
    );
  };

  const namesLike: PackageManager["namesLike"] = async (name, until) => {
    const { bare } = splitName(name);
    const doing = `look for ${name}`;
    // Only names with these letters are told; two are in many.
    for (const length of [3, 2]) {
      const stem = bare.slice(0, length);
      const { packages } = await run(
        { method: "SearchNames", takes: "tas", arguments: [native, [stem]], doing },
        until,
      );
      const like = similarNames(name, new Set(packages.map((each) => each.name)));
      if (like.length > 0) return like;
    }
    return [];
  };

  const transact = async ({ changes, allowUntrusted, mayRemove }: Transaction, until: AbortSignal): Promise<void> => {
    const of = (...verbs: readonly PackageChange["do"][]) => changes.filter((each) => verbs.includes(each.do));
    const held = of("hold");
    if (held.length > 0) throw cannotHold(held.map(({ name }) => name));
    const purged = of("purge");
    if (purged.length > 0) throw cannotPurge(purged.map(({ name }) => name));
    const leaving = of("remove").map(({ name }) => name);
    const mayGo = new Set([...mayRemove, ...leaving].map((name) => splitName(name).bare));
    const trust = allowUntrusted ? flags.none : flags.onlyTrusted;
    const there = await resolve(leaving, filters.installed, until);
    if (there.size > 0) {
      const ids = [...there.values()].flat().map(({ text }) => text);
      const doing = describe("remove", [...there.keys()]);
      const request = (bits: bigint) => ({
        method: "RemovePackages",
        takes: "tasbb",
        arguments: [bits, ids, true, false],
        doing,
      });
      await perform(request, mayGo, flags.none, until);
    }
    const archives = changes.flatMap((each) => (each.do === "install-archive" ? [each] : []));
    if (archives.length > 0) {
      const paths = archives.map(({ path }) => path);
      const doing = describe(
        "install",
        archives.map(({ name }) => name),
      );
      const request = (bits: bigint) => ({ method: "InstallFiles", takes: "tas", arguments: [bits, paths], doing });
      await perform(request, mayGo, trust, until);
    }
    const added = of("install", "upgrade");
    const doing = describe(
      "install",
      added.map(({ name }) => name),
    );
    const ids = await targetsOf(added, doing, until);
    if (ids.length === 0) return;
    const exact = added.some((each) => each.do === "install" && each.version !== undefined);
    const request = (bits: bigint) => ({ method: "InstallPackages", takes: "tas", arguments: [bits, ids], doing });
    await perform(request, mayGo, trust | (exact ? flags.allowDowngrade : flags.none), until);
  };

  return {
    name: "PackageKit",
    compareVersions,
    async installed(names, until) {
      const found = await resolve(names, filters.installed, until);
      return new Map(
        [...found].map(([name, all]) => {
          const [newest] = sorted(all);
          return [name, { version: newest?.version, isBroken: false, isHeld: false }] as const;
        }),
      );
    },
    async available(names, until) {
      const found = await resolve(names, filterFor(names), until);
      return new Map(
        [...found].map(([name, all]) => {
          const versions = new Map(sorted(all).map((each) => [each.version, offerOf(each, system)]));
          return [name, [...versions.values()]] as const;
        }),
      );
    },
    namesLike,
    async listsRefreshedMs(until) {
      const [seconds] = await bus.call(
        {
          ...daemon,
          interface: destination,
          method: "GetTimeSinceAction",
          takes: "u",
          arguments: [refreshRole],
          returns: "u",
        },
        until,
      );
      // The largest number is never.
      return seconds >= 0x7fff_ffff ? undefined : clock.now() - seconds * 1000;
    },
    refreshLists: (_options, _say, until) =>
      turns.take(async () => {
        const doing = "refresh the package lists";
        await run({ method: "RefreshCache", takes: "b", arguments: [true], doing }, until);
      }, until),
    async inspectArchive(path, until) {
      const doing = `read ${path}`;
      const ask = (method: string) => run({ method, takes: "as", arguments: [[path]], doing }, until);
      const { details } = await ask("GetDetailsLocal").catch((reason: unknown) => {
        until.throwIfAborted();
        throw badArchive(path, reason instanceof Error ? reason.message : String(reason));
      });
      const id: BusValue | undefined = details[0]?.["package-id"];
      if (typeof id !== "string") throw badArchive(path, "PackageKit cannot tell what it is");
      const [name = "", version = ""] = id.split(";");
      // Not every back end can tell what is in an archive.
      const listed = await ask("GetFilesLocal").catch(() => undefined);
      const paths = [...(listed?.files.values() ?? [])].flat();
      return { name, version, files: withoutDirectories(paths) };
    },
    async files(names, until) {
      const there = await resolve(names, filters.installed, until);
      if (there.size === 0) return new Map();
      const ids = [...there.values()].flat().map(({ text }) => text);
      const doing = describe("list the files of", [...there.keys()]);
      const { files: lists } = await run({ method: "GetFiles", takes: "as", arguments: [ids], doing }, until);
      const byName = new Map([...lists].map(([id, list]) => [id.split(";")[0], list]));
      const isDirectory = await directoriesAmong([...lists.values()].flat(), files, until);
      return new Map(
        [...there.keys()].flatMap((name) => {
          const list = byName.get(splitName(name).bare)?.filter((path) => !isDirectory.has(path));
          return list === undefined ? [] : [[name, list] as const];
        }),
      );
    },
    transact: (transaction, _say, until) => turns.take(() => transact(transaction, until), until),
    changes: (until) =>
      joinPulses(until, [
        (living) => newsOf(bus, transactions, living),
        (living) =>
          files.watch(
            databases.map((path) => ({ path, entries: true })),
            living,
          ),
      ]),
  };
}

/** Others than ourselves have done something. What only looks is told in the same way, so ours must not count. */
async function* newsOf(bus: Bus, { own }: Transactions, signal: AbortSignal): AsyncGenerator<void> {
  const match = { sender: destination, path: daemonPath, interface: destination };
  let others = new Set<string>();
  for await (const item of bus.signals(match, signal)) {
    if (item.type === "armed" || item.member === "UpdatesChanged") {
      yield;
      continue;
    }
    if (item.member !== "TransactionListChanged") continue;
    const now = new Set((item.arguments[0] as readonly string[]).filter((path) => !own.has(path)));
    const hasEnded = [...others].some((path) => !now.has(path) && !own.has(path));
    others = now;
    if (hasEnded) yield;
  }
}

/** Of paths that are not on this disk: what has something in it is a directory. */
function withoutDirectories(paths: readonly string[]): readonly string[] {
  const directories = new Set(paths.map((path) => path.slice(0, path.lastIndexOf("/"))));
  return paths.filter((path) => path !== "/" && !directories.has(path));
}

/** A list names directories too; the disk knows them. */
async function directoriesAmong(
  paths: readonly string[],
  files: Files,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const path of paths) {
    if ((await files.inspect(path, signal))?.kind === "directory") found.add(path);
  }
  return found;
}

/** Whether a removal takes the configuration along is up to the manager below it. */
function cannotPurge(names: readonly string[]): Failure {
  return new Failure(`cannot purge ${names.join(", ")}: PackageKit has nothing like it`, {
    code: "unsupported",
    hint: "leave out `purge`, and remove what stays with `file`",
  });
}

function cannotHold(names: readonly string[]): Failure {
  return new Failure(`cannot hold ${names.join(", ")}: PackageKit has nothing like it`, {
    code: "unsupported",
    hint: "leave out `hold`; a `state` with a version keeps it at that",
  });
}
