// SPDX-License-Identifier: Apache-2.0
// Packages of Alpine, by apk. Its database and its world, the list of what somebody wants, are read without a process.
// One `apk add` carries out a whole transaction: `!name` in it removes. What nothing needs any more goes with what has
// needed it, as always with apk. Written from its documentation.

import type { InstalledPackage, PackageChange, PackageManager, Say, Transaction } from "../../../contract/packages.ts";
import { compareApkVersions } from "../compare-apk.ts";
import { waitForLocks } from "../locks.ts";
import { Turns } from "../one-at-a-time.ts";
import {
  describe,
  type Ended,
  type ManagerParts,
  namesIn,
  newestMs,
  programRunner,
  readDatabase,
} from "../programs.ts";
import { badArchive, lastLines, unknownVersion, wouldRemove } from "../refusals.ts";
import { similarNames } from "../similar.ts";
import {
  neededBy,
  parseInstalled,
  parseListed,
  parseMembers,
  parsePackageInfo,
  parsePolicy,
  parsePurged,
  parseWorld,
  type Wish,
} from "./database.ts";
import { apkFailure, parseInTheWay } from "./failures.ts";
import { parseAvailableCount, parseSilentSources } from "./sources.ts";

/** For one that came between our look at the lock and the program. */
const waitSeconds = 30;

export function createApkManager(parts: ManagerParts): PackageManager {
  const { files, clock, root } = parts;
  const run = programRunner(parts, {});
  const turns = new Turns();
  const place = {
    installed: `${root}/lib/apk/db/installed`,
    lock: `${root}/lib/apk/db/lock`,
    world: `${root}/etc/apk/world`,
    sources: [`${root}/etc/apk/repositories`, `${root}/etc/apk/repositories.d`],
    /** A link, where somebody has set one up; else the other. */
    caches: [`${root}/etc/apk/cache`, `${root}/var/cache/apk`],
  };
  const tree = root === "" ? [] : ["--root", root];
  let refreshedMs = 0;

  // It asks nothing where there is no terminal; older ones do not know the option to say so.
  const apk = (command: string, ...args: readonly string[]) =>
    ["apk", ...tree, "--no-progress", command, ...args] as const;
  const changing = (command: string, ...args: readonly string[]) =>
    apk(command, "--wait", String(waitSeconds), ...args);
  const change = async (argv: readonly [string, ...string[]], doing: string, signal: AbortSignal): Promise<Ended> => {
    const ended = await run(argv, signal);
    if (ended.status !== 0) throw apkFailure(doing, ended);
    return ended;
  };

  const entries = async (signal: AbortSignal) =>
    parseInstalled((await readDatabase(place.installed, files, signal)) ?? "");
  const world = async (signal: AbortSignal) => parseWorld((await readDatabase(place.world, files, signal)) ?? "");
  const waitForLock = (say: Say, signal: AbortSignal) => waitForLocks([place.lock], parts, say, signal);

  const available: PackageManager["available"] = async (names, signal) => {
    if (names.length === 0) return new Map();
    // Without the network: the lists are refreshed when that is asked for, and not by a question.
    const { stdout } = await run(apk("policy", "--no-network", "--", ...names), signal);
    return parsePolicy(stdout, await world(signal));
  };

  /** What the world is to say of it. */
  const specificationOf = async (
    each: PackageChange,
    wish: Wish | undefined,
    isHeld: boolean,
    doing: string,
    signal: AbortSignal,
  ): Promise<string> => {
    if (each.do === "install-archive") return each.path;
    const { name } = each;
    const plain = name + (wish?.isConflict === false ? wish.tag : "");
    if (each.do === "install" && each.version === undefined) {
      return wish === undefined || wish.isConflict ? plain : wish.text;
    }
    const [offers = []] = [(await available([name], signal)).get(name)];
    if (each.do === "install") {
      if (!offers.some(({ version }) => version === each.version)) {
        throw unknownVersion(doing, name, each.version ?? "");
      }
      return `${plain}=${each.version}`;
    }
    const [preferred] = offers;
    if (isHeld && preferred !== undefined) return `${plain}=${preferred.version}`;
    return wish === undefined || wish.isConflict || wish.isArchive || wish.exactly !== undefined ? plain : wish.text;
  };

  /** The whole transaction in one process, or none of it; with what must go for it, if that may. */
  const commit = async (
    doing: string,
    options: readonly string[],
    specifications: readonly string[],
    going: Set<string>,
    wanted: ReadonlySet<string>,
    mayGo: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> => {
    const there = await entries(signal);
    const argv = (...more: readonly string[]) =>
      changing("add", ...options, ...more, "--", ...specifications, ...[...going].map((name) => `!${name}`));
    // Each that is in the way is named by apk, one level at a time.
    for (;;) {
      const tried = await run(argv("--simulate"), signal);
      if (tried.status !== 0) {
        const inTheWay = parseInTheWay(tried.output, there, going, wanted);
        const others = inTheWay.filter((name) => !mayGo.has(name));
        if (others.length > 0) throw wouldRemove(doing, others);
        if (inTheWay.length === 0) throw apkFailure(doing, tried);
        for (const name of inTheWay) going.add(name);
        continue;
      }
      const known = neededBy([...wanted, ...going], there);
      const others = parsePurged(tried.output).filter((name) => !mayGo.has(name) && !known.has(name));
      if (others.length > 0) throw wouldRemove(doing, others);
      break;
    }
    await change(argv(), doing, signal);
    // It was to go now, and not never to come again.
    if (going.size > 0) await change(changing("del", "--", ...going), doing, signal);
  };

  const transact = async (
    { changes, allowUntrusted, mayRemove }: Transaction,
    say: Say,
    signal: AbortSignal,
  ): Promise<void> => {
    await waitForLock(say, signal);
    const trust = allowUntrusted ? ["--allow-untrusted"] : [];
    const [there, wishes] = [await entries(signal), await world(signal)];
    const of = (...verbs: readonly PackageChange["do"][]) => changes.filter((each) => verbs.includes(each.do));
    const namesOf = (...verbs: readonly PackageChange["do"][]) => of(...verbs).map(({ name }) => name);

    const broken = changes.map(({ name }) => name).filter((name) => there.get(name)?.isBroken === true);
    if (broken.length > 0) {
      say(`finishes what a transaction that was cut off has left (${broken.join(", ")})`);
      await change(changing("fix", ...trust, "--", ...broken), describe("mend", broken), signal);
    }

    const added = of("install", "install-archive", "upgrade");
    const wanted = new Set(added.map(({ name }) => name));
    const [removed, purged] = [namesOf("remove"), namesOf("purge")].map((some) =>
      some.filter((name) => there.has(name)),
    );
    const mayGo = new Set([...mayRemove, ...namesOf("remove", "purge")]);
    const [holds, releases] = [new Set(namesOf("hold")), new Set(namesOf("release"))];
    const isHeld = (name: string) =>
      !releases.has(name) && (holds.has(name) || wishes.get(name)?.exactly !== undefined);

    const doing =
      wanted.size > 0 ? describe("install", [...wanted]) : describe("remove", [...(removed ?? []), ...(purged ?? [])]);
    const specifications: string[] = [];
    for (const each of added) {
      specifications.push(await specificationOf(each, wishes.get(each.name), isHeld(each.name), doing, signal));
    }
    const upgrade = of("upgrade").length > 0 ? ["--upgrade"] : [];
    // A purge takes the configuration of all that goes, so it is told apart from what keeps its own.
    const isMixed = (removed ?? []).length > 0 && (purged ?? []).length > 0;
    const first = new Set([...(removed ?? []), ...(isMixed ? [] : (purged ?? []))]);
    const purge = !isMixed && (purged ?? []).length > 0 ? ["--purge"] : [];
    if (specifications.length + first.size > 0) {
      await commit(doing, [...trust, ...upgrade, ...purge], specifications, first, wanted, mayGo, signal);
    }
    if (isMixed) {
      const rest = new Set(purged);
      await commit(describe("purge", [...rest]), ["--purge"], [], rest, new Set(), mayGo, signal);
    }

    const now = await entries(signal);
    const settled: string[] = [];
    for (const [name, { exactly, tag, isConflict }] of await world(signal)) {
      const version = now.get(name)?.version;
      if (isConflict || version === undefined) continue;
      // An exact version that was asked for stays only where it is held.
      if (isHeld(name) && exactly !== version) settled.push(`${name}${tag}=${version}`);
      else if (!isHeld(name) && exactly !== undefined && (wanted.has(name) || releases.has(name)))
        settled.push(name + tag);
    }
    for (const name of holds) {
      const version = now.get(name)?.version;
      if (version !== undefined && !(await world(signal)).has(name)) settled.push(`${name}=${version}`);
    }
    if (settled.length > 0)
      await change(changing("add", ...trust, "--", ...settled), describe("hold", settled), signal);
  };

  const inspectArchive: PackageManager["inspectArchive"] = async (path, signal) => {
    const head = await run(["tar", "-xzOf", path, ".PKGINFO"], signal);
    const found = parsePackageInfo(head.stdout);
    if (found === undefined) throw badArchive(path, lastLines(head.output, 1));
    const list = await run(["tar", "-tzf", path], signal);
    if (list.status !== 0) throw badArchive(path, lastLines(list.output, 1));
    return { ...found, files: parseMembers(list.stdout) };
  };

  /** Fetched, looked into, and thrown away: apk keeps its own cache. */
  const filesOffered = async (name: string, signal: AbortSignal): Promise<readonly string[] | undefined> => {
    const directory = `${root}/var/cache/.mgmt-${name}`;
    await files.remove(directory, { recursive: true }, signal);
    await files.createDirectory(directory, { parents: true, mode: 0o700 }, signal);
    try {
      await run(apk("fetch", "--output", directory, "--", name), signal);
      const [archive] = await namesIn(directory, files, signal);
      return archive === undefined ? undefined : (await inspectArchive(`${directory}/${archive}`, signal)).files;
    } finally {
      await files.remove(directory, { recursive: true }, new AbortController().signal);
    }
  };

  return {
    name: "apk",
    compareVersions: compareApkVersions,
    async installed(names, signal) {
      const [all, wishes] = [await entries(signal), await world(signal)];
      const found = new Map<string, InstalledPackage>();
      for (const name of names) {
        const entry = all.get(name);
        if (entry === undefined) continue;
        const wish = wishes.get(name);
        const isHeld = wish?.exactly !== undefined && !wish.isConflict;
        found.set(name, { version: entry.version, isBroken: entry.isBroken, isHeld });
      }
      return found;
    },
    available,
    async namesLike(name, signal) {
      return similarNames(
        name,
        new Set(parseListed((await run(apk("list", "--available", "--no-network"), signal)).stdout)),
      );
    },
    async listsRefreshedMs(signal) {
      const lists: string[] = [];
      for (const cache of place.caches) {
        const names = await namesIn(cache, files, signal);
        lists.push(...names.filter((name) => name.startsWith("APKINDEX.")).map((name) => `${cache}/${name}`));
      }
      // A list may have the time of the server; a source on this machine has no list in the cache.
      const newest = await newestMs(lists, files, signal);
      const refreshed = Math.max(refreshedMs, newest ?? 0);
      const written = (await newestMs(place.sources, files, signal)) ?? 0;
      return refreshed === 0 || written > refreshed ? undefined : refreshed;
    },
    refreshLists: ({ allowUntrusted }, say, signal) =>
      turns.take(async () => {
        await waitForLock(say, signal);
        const ended = await run(changing("update", ...(allowUntrusted ? ["--allow-untrusted"] : [])), signal);
        const silent = parseSilentSources(ended.output);
        if (ended.status !== 0 && (silent.length === 0 || parseAvailableCount(ended.output) === 0)) {
          throw apkFailure("refresh the package lists", ended);
        }
        for (const line of silent) say(`a source does not answer: ${line}`);
        refreshedMs = clock.now();
      }, signal),
    inspectArchive,
    async files(names, signal) {
      const all = await entries(signal);
      const found = new Map<string, readonly string[]>();
      for (const name of names) {
        const entry = all.get(name);
        if (entry !== undefined) found.set(name, entry.files);
      }
      const missing = names.filter((name) => !all.has(name));
      for (const name of (await available(missing, signal)).keys()) {
        const some = await turns.take(() => filesOffered(name, signal), signal);
        if (some !== undefined) found.set(name, some);
      }
      return found;
    },
    transact: (transaction, say, signal) => turns.take(() => transact(transaction, say, signal), signal),
    changes: (signal) =>
      files.watch(
        [
          { path: place.installed },
          { path: place.world },
          ...place.sources.map((path) => ({ path })),
          ...place.caches.map((path) => ({ path, entries: true })),
        ],
        signal,
      ),
  };
}
