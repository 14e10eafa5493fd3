// SPDX-License-Identifier: Apache-2.0
// Packages of Fedora, Red Hat and their kin: rpm tells what is there, dnf knows the sources and makes the changes. Old
// configuration files that somebody has changed stay, as the packages themselves say.

import { Failure } from "../../../contract/failure.ts";
import type { PackageChange, PackageManager, Say, Transaction } from "../../../contract/packages.ts";
import { compareRpmVersions } from "../compare-rpm.ts";
import { parseFileList } from "../apt/contents.ts";
import { waitForLocks, waitingFor } from "../locks.ts";
import { Turns } from "../one-at-a-time.ts";
import { describe, type ManagerParts, namesIn, newestMs, programRunner, readDatabase } from "../programs.ts";
import { badArchive, lastLines, unknownVersion, wouldRemove } from "../refusals.ts";
import { similarNames } from "../similar.ts";
import {
  dnfFailure,
  filesFormat,
  installedFormat,
  offeredFormat,
  ownRepositories,
  parseFiles,
  parseInstalled,
  parseLocks,
  parseOffered,
  parseRemovals,
} from "./output.ts";

/** Of these several versions are there at the same time. */
const isKeptTwice = (name: string) => /^(?:kernel|gpg-pubkey)\b/.test(name);

export function createDnfManager(parts: ManagerParts): PackageManager {
  const { files, clock, root } = parts;
  const run = programRunner(parts, {});
  const turns = new Turns();
  const tree = root === "" ? [] : [`--installroot=${root}`];
  const dnf = (...args: readonly string[]): readonly [string, ...string[]] => ["dnf", ...tree, "-y", ...args];
  const rpm = (...args: readonly string[]): readonly [string, ...string[]] => [
    "rpm",
    ...(root === "" ? [] : [`--root=${root}`]),
    ...args,
  ];
  let database: Promise<string> | undefined;
  /** Where rpm keeps its database, which is not the same everywhere. */
  const databaseDirectory = (signal: AbortSignal): Promise<string> => {
    database ??= run(["rpm", "--eval", "%{_dbpath}"], signal).then(({ stdout }) => root + stdout.trim());
    database.catch(() => {
      database = undefined;
    });
    return database;
  };
  const lockFile = `${root}/etc/dnf/plugins/versionlock.list`;
  let refreshedMs = 0;

  /** Runs it to its end, and says for whom it waits. */
  const change = async (argv: readonly [string, ...string[]], doing: string, say: Say, signal: AbortSignal) => {
    const ended = await run(argv, signal, {
      onLine(line) {
        const process = /^Waiting for process with pid (\d+) to finish/.exec(line)?.[1];
        if (process !== undefined) say(waitingFor({ process: Number(process), program: "" }, 0));
      },
    });
    if (ended.status !== 0) throw dnfFailure(doing, ended);
    return ended;
  };

  const held = async (signal: AbortSignal) => parseLocks((await readDatabase(lockFile, files, signal)) ?? "");

  const installedVersions = async (names: readonly string[], signal: AbortSignal) => {
    if (names.length === 0) return new Map<string, readonly string[]>();
    const { stdout } = await run(rpm("--query", "--queryformat", installedFormat, ...names), signal);
    return parseInstalled(stdout, names);
  };

  const available: PackageManager["available"] = async (names, signal) => {
    if (names.length === 0) return new Map();
    // From what is remembered alone: looking refreshes nothing.
    const [{ stdout }, osRelease] = await Promise.all([
      run(dnf("-q", "--cacheonly", "repoquery", "--showduplicates", "--qf", offeredFormat, ...names), signal),
      readDatabase(`${root}/etc/os-release`, files, signal),
    ]);
    return parseOffered(stdout, names, ownRepositories(osRelease ?? ""));
  };

  const refuseOthers = async (
    args: readonly string[],
    doing: string,
    mayGo: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> => {
    const { output } = await run(["dnf", ...tree, "--assumeno", ...args], signal);
    const others = parseRemovals(output).filter((name) => !mayGo.has(name));
    if (others.length > 0) throw wouldRemove(doing, others);
  };

  /** As dnf wants it; an upgrade is that to the newest version by its name. */
  const targetOf = async (each: PackageChange, signal: AbortSignal): Promise<string> => {
    if (each.do === "install-archive") return each.path;
    const [, bare = each.name, architecture = ""] =
      /^(.+)(\.(?:i[3-6]86|x86_64|aarch64|noarch))$/.exec(each.name) ?? [];
    const named = each.do === "install" ? each.version : undefined;
    if (named === undefined && each.do !== "upgrade") return each.name;
    const offered = (await available([each.name], signal)).get(each.name) ?? [];
    const version = named ?? offered[0]?.version;
    return version === undefined ? each.name : `${bare}-${version}${architecture}`;
  };

  const transact = async (
    { changes, allowUntrusted, mayRemove }: Transaction,
    say: Say,
    signal: AbortSignal,
  ): Promise<void> => {
    await waitForLocks([`${await databaseDirectory(signal)}/.rpm.lock`], { files, clock }, say, signal);
    const names = changes.map(({ name }) => name);
    const of = (...verbs: readonly PackageChange["do"][]) => changes.filter((each) => verbs.includes(each.do));
    const there = await installedVersions(names, signal);
    const doubled = names.filter((name) => (there.get(name)?.length ?? 0) > 1 && !isKeptTwice(name));
    if (doubled.length > 0) {
      say("finishes what a transaction that was cut off has left (dnf remove --duplicates)");
      await change(dnf("remove", "--duplicates", ...doubled), describe("finish the upgrade of", doubled), say, signal);
    }
    const locked = await held(signal);
    // One that is there stays at its version, unless another one is asked for.
    const added = of("install", "install-archive", "upgrade").filter(
      (each) => each.do !== "install" || each.version !== undefined || !there.has(each.name),
    );
    const moved = added.filter(({ name }) => locked.includes(name)).map(({ name }) => name);
    const released = [...new Set([...of("release").map(({ name }) => name), ...moved])];
    if (released.length > 0) {
      await change(dnf("versionlock", "delete", ...released), describe("release", released), say, signal);
    }
    const leaving = of("remove", "purge").map(({ name }) => name);
    const mayGo = new Set([...mayRemove, ...leaving]);
    const removed = leaving.filter((name) => there.has(name));
    if (removed.length > 0) {
      const doing = describe("remove", removed);
      await refuseOthers(["remove", "--noautoremove", ...removed], doing, mayGo, signal);
      await change(dnf("remove", "--noautoremove", ...removed), doing, say, signal);
    }
    if (added.length > 0) {
      const doing = describe(
        "install",
        added.map(({ name }) => name),
      );
      const targets = await Promise.all(added.map((each) => targetOf(each, signal)));
      const args = [...(allowUntrusted ? ["--nogpgcheck"] : []), "--best", "install", ...targets];
      const erasing = [...args, "--allowerasing"];
      if (mayRemove.length > 0) await refuseOthers(erasing, doing, mayGo, signal);
      try {
        await change(dnf(...(mayRemove.length > 0 ? erasing : args)), doing, say, signal);
      } catch (reason) {
        if (!(reason instanceof Failure)) throw reason;
        const exact = added.find((each) => each.do === "install" && each.version !== undefined);
        if (reason.code === "not-found" && exact?.do === "install" && exact.version !== undefined) {
          throw unknownVersion(doing, exact.name, exact.version);
        }
        if (reason.code === "conflict") await refuseOthers(erasing, doing, mayGo, signal);
        throw reason;
      }
    }
    const kept = [
      ...new Set([
        ...of("hold").map(({ name }) => name),
        ...moved.filter((name) => !of("release").some((each) => each.name === name)),
      ]),
    ];
    if (kept.length > 0) await change(dnf("versionlock", "add", ...kept), describe("hold", kept), say, signal);
  };

  return {
    name: "dnf",
    compareVersions: compareRpmVersions,
    async installed(names, signal) {
      const [found, locked] = await Promise.all([installedVersions(names, signal), held(signal)]);
      return new Map(
        [...found].map(([name, versions]) => {
          const isBroken = versions.length > 1 && !isKeptTwice(name);
          return [name, { version: versions.at(-1), isBroken, isHeld: locked.includes(name) }];
        }),
      );
    },
    available,
    async namesLike(name, signal) {
      const { stdout } = await run(dnf("-q", "--cacheonly", "repoquery", "--qf", "%{name}"), signal);
      return similarNames(name, stdout.split("\n"));
    },
    async listsRefreshedMs(signal) {
      const cache = `${root}/var/cache/dnf`;
      const lists = (await namesIn(cache, files, signal)).filter((name) => /-[0-9a-f]{16}$/.test(name));
      if (lists.length === 0) return undefined;
      const marks = lists.flatMap((name) => [`${cache}/${name}/repodata`, `${cache}/${name}/repodata/repomd.xml`]);
      const refreshed = Math.max(refreshedMs, (await newestMs(marks, files, signal)) ?? 0);
      const settings = `${root}/etc/yum.repos.d`;
      const sources = (await namesIn(settings, files, signal)).map((name) => `${settings}/${name}`);
      const written = await newestMs([`${root}/etc/dnf/dnf.conf`, settings, ...sources], files, signal);
      return (written ?? 0) > refreshed ? undefined : refreshed;
    },
    refreshLists: ({ allowUntrusted }, say, signal) =>
      turns.take(async () => {
        const trust = allowUntrusted ? ["--nogpgcheck"] : [];
        await change(dnf("-q", ...trust, "makecache", "--refresh"), "refresh the package lists", say, signal);
        refreshedMs = clock.now();
      }, signal),
    async inspectArchive(path, signal) {
      const query = (format: string) =>
        run(rpm("--query", "--nosignature", "--queryformat", format, "--package", path), signal);
      const head = await query(installedFormat);
      const [name = "", , epoch = "", plain = ""] = head.stdout.trimEnd().split("\t");
      if (head.status !== 0 || plain === "") throw badArchive(path, lastLines(head.output, 1));
      const version = epoch === "0" ? plain : `${epoch}:${plain}`;
      return { name, version, files: parseFiles((await query(filesFormat)).stdout) };
    },
    async files(names, signal) {
      const there = await installedVersions(names, signal);
      const found = new Map<string, readonly string[]>();
      for (const name of names) {
        if (there.has(name)) {
          const { stdout } = await run(rpm("--query", "--queryformat", filesFormat, name), signal);
          found.set(name, parseFiles(stdout));
        } else {
          // The lists have the files of every package, so no archive is needed.
          const { status, stdout } = await run(
            dnf("-q", "--cacheonly", "repoquery", "--latest-limit=1", "--list", name),
            signal,
          );
          if (status === 0 && stdout.startsWith("/")) found.set(name, parseFileList(stdout));
        }
      }
      return found;
    },
    transact: (transaction, say, signal) => turns.take(() => transact(transaction, say, signal), signal),
    async *changes(signal) {
      const directory = await databaseDirectory(signal);
      yield* files.watch(
        [
          ...["rpmdb.sqlite", "Packages", "Packages.db"].map((name) => ({ path: `${directory}/${name}` })),
          { path: lockFile },
          { path: `${root}/var/cache/dnf/expired_repos.json` },
        ],
        signal,
      );
    },
  };
}
