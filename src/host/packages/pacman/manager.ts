// SPDX-License-Identifier: Apache-2.0
// Packages of Arch and its kin, by pacman. Its local database is read without a process. A source has one version of each
// package; older ones can be had from the cache of archives.

import type { InstalledPackage, PackageChange, PackageManager, Say, Transaction } from "../../../contract/packages.ts";
import { bytesOf } from "../../../values/bytes.ts";
import { comparePacmanVersions } from "../compare-rpm.ts";
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
  ownRepositories,
  parseEntryName,
  parseFileLines,
  parseFilesEntry,
  parseIgnored,
  parseOffered,
  withIgnored,
  withoutSignatures,
} from "./database.ts";
import { pacmanFailure, parseConflicts, parseDependents } from "./failures.ts";
import { waitForDatabaseLock } from "./lock.ts";

interface Entry extends InstalledPackage {
  readonly directory: string;
}

/** The number of the question whether one that is in the way may go, whose answer is no unless it is asked for. */
const removeConflicting = "--ask=4";

export function createPacmanManager(parts: ManagerParts): PackageManager {
  const { files, clock, root } = parts;
  const run = programRunner(parts, {});
  const turns = new Turns();
  const place = {
    database: `${root}/var/lib/pacman`,
    local: `${root}/var/lib/pacman/local`,
    sync: `${root}/var/lib/pacman/sync`,
    cache: `${root}/var/cache/pacman/pkg`,
    settings: `${root}/etc/pacman.conf`,
  };
  const tree =
    root === ""
      ? []
      : [
          `--root=${root}`,
          `--dbpath=${place.database}`,
          `--cachedir=${place.cache}`,
          `--logfile=${root}/var/log/pacman.log`,
          `--gpgdir=${root}/etc/pacman.d/gnupg`,
          `--hookdir=${root}/etc/pacman.d/hooks`,
        ];
  let refreshedMs = 0;

  const pacman = (args: readonly string[], config = root === "" ? [] : [`--config=${place.settings}`]) =>
    ["pacman", ...tree, ...config, "--noconfirm", ...args] as const;
  const change = async (argv: readonly [string, ...string[]], doing: string, signal: AbortSignal): Promise<Ended> => {
    const ended = await run(argv, signal);
    if (ended.status !== 0) throw pacmanFailure(doing, ended);
    return ended;
  };

  const settings = async (signal: AbortSignal) => (await readDatabase(place.settings, files, signal)) ?? "";

  const entries = async (signal: AbortSignal): Promise<ReadonlyMap<string, Entry>> => {
    const ignored = parseIgnored(await settings(signal));
    const found = new Map<string, Entry>();
    for (const directory of await namesIn(place.local, files, signal)) {
      const parsed = parseEntryName(directory);
      if (parsed === undefined) continue;
      const { name, version } = parsed;
      found.set(name, { version, isBroken: false, isHeld: ignored.includes(name), directory });
    }
    return found;
  };

  /** An entry whose description was never written is of a transaction that was killed. */
  const isWhole = async ({ directory }: Entry, signal: AbortSignal): Promise<boolean> =>
    ((await files.inspect(`${place.local}/${directory}/desc`, signal))?.size ?? 0) > 0;

  const available: PackageManager["available"] = async (names, signal) => {
    if (names.length === 0) return new Map();
    const [{ stdout }, osRelease] = await Promise.all([
      run(pacman(["-Si", ...names]), signal),
      readDatabase(`${root}/etc/os-release`, files, signal),
    ]);
    return parseOffered(stdout, ownRepositories(osRelease ?? ""));
  };

  /** An archive of that version in the cache. */
  const cached = async (name: string, version: string, signal: AbortSignal): Promise<string | undefined> => {
    const names = await namesIn(place.cache, files, signal);
    const found = names.find(
      (file) => file.startsWith(`${name}-${version}-`) && /\.pkg\.tar(?:\.[a-z0-9]+)?$/.test(file),
    );
    return found === undefined ? undefined : `${place.cache}/${found}`;
  };

  /** What pacman is told to install, and with which operation. */
  const targetOf = async (
    each: PackageChange,
    doing: string,
    signal: AbortSignal,
  ): Promise<{ readonly operation: "-S" | "-U"; readonly target: string }> => {
    if (each.do === "install-archive") return { operation: "-U", target: each.path };
    if (each.do !== "install" || each.version === undefined) return { operation: "-S", target: each.name };
    const offered = (await available([each.name], signal)).get(each.name) ?? [];
    if (offered[0]?.version === each.version) return { operation: "-S", target: each.name };
    const archive = await cached(each.name, each.version, signal);
    if (archive === undefined) throw unknownVersion(doing, each.name, each.version);
    return { operation: "-U", target: archive };
  };

  const transact = async (
    { changes, allowUntrusted, mayRemove }: Transaction,
    say: Say,
    signal: AbortSignal,
  ): Promise<void> => {
    const lock = `${place.database}/db.lck`;
    await waitForDatabaseLock(lock, parts, say, signal);
    const there = await entries(signal);
    const of = (...verbs: readonly PackageChange["do"][]) => changes.filter((each) => verbs.includes(each.do));
    const mayGo = new Set([...mayRemove, ...of("remove", "purge").map(({ name }) => name)]);

    for (const { name } of changes) {
      const entry = there.get(name);
      if (entry === undefined || (await isWhole(entry, signal))) continue;
      say(`finishes what a transaction that was cut off has left (${name})`);
      await files.remove(`${place.local}/${entry.directory}`, { recursive: true }, signal);
      await change(pacman(["-S", "--overwrite=*", name]), describe("install", [name]), signal);
    }

    for (const [verb, option] of [
      ["remove", "-R"],
      ["purge", "-Rn"],
    ] as const) {
      const names = of(verb)
        .map(({ name }) => name)
        .filter((name) => there.has(name));
      if (names.length === 0) continue;
      const doing = describe(verb, names);
      // Whoever needs them is named by pacman, one level at a time.
      for (const going = new Set(names); ; ) {
        const ended = await run(pacman([option, ...going]), signal);
        if (ended.status === 0) break;
        const dependents = parseDependents(ended.output).filter((name) => !going.has(name));
        const others = dependents.filter((name) => !mayGo.has(name));
        if (others.length > 0) throw wouldRemove(doing, others);
        if (dependents.length === 0) throw pacmanFailure(doing, ended);
        for (const name of dependents) going.add(name);
      }
    }

    // One that is there stays at its version, unless another one is asked for.
    const added = of("install", "install-archive", "upgrade").filter(
      (each) => each.do !== "install" || each.version !== undefined || !there.has(each.name),
    );
    const doing = describe(
      "install",
      added.map(({ name }) => name),
    );
    const targets = await Promise.all(added.map((each) => targetOf(each, doing, signal)));
    const config = allowUntrusted ? `${place.database}/.mgmt-untrusted.conf` : undefined;
    if (config !== undefined) {
      await files.write(config, bytesOf(withoutSignatures(await settings(signal))), { mode: 0o600 }, signal);
    }
    try {
      for (const operation of ["-S", "-U"] as const) {
        const some = targets.filter((each) => each.operation === operation).map(({ target }) => target);
        if (some.length === 0) continue;
        const needed = operation === "-S" ? ["--needed"] : [];
        const argv = (more: readonly string[]) =>
          pacman([operation, ...needed, ...more, ...some], config === undefined ? undefined : [`--config=${config}`]);
        const first = await run(argv([]), signal);
        if (first.status === 0) continue;
        const inTheWay = parseConflicts(first.output);
        const others = inTheWay.filter((name) => !mayGo.has(name));
        if (others.length > 0) throw wouldRemove(doing, others);
        if (inTheWay.length === 0) throw pacmanFailure(doing, first);
        await change(argv([removeConflicting]), doing, signal);
      }
    } finally {
      if (config !== undefined) await files.remove(config, {}, new AbortController().signal);
    }

    const [holds, releases] = [of("hold"), of("release")].map((some) => some.map(({ name }) => name));
    if ((holds?.length ?? 0) + (releases?.length ?? 0) > 0) {
      const text = withIgnored(await settings(signal), holds ?? [], releases ?? []);
      await files.write(place.settings, bytesOf(text), {}, signal);
    }
  };

  return {
    name: "pacman",
    compareVersions: comparePacmanVersions,
    async installed(names, signal) {
      const all = await entries(signal);
      const found = new Map<string, InstalledPackage>();
      for (const name of names) {
        const entry = all.get(name);
        if (entry === undefined) continue;
        const { version, isHeld } = entry;
        found.set(name, { version, isHeld, isBroken: !(await isWhole(entry, signal)) });
      }
      return found;
    },
    available,
    async namesLike(name, signal) {
      return similarNames(name, (await run(pacman(["-Slq"]), signal)).stdout.split("\n"));
    },
    async listsRefreshedMs(signal) {
      const lists = await namesIn(place.sync, files, signal);
      if (!lists.some((name) => name.endsWith(".db"))) return undefined;
      // A file in it has the time of the server.
      const refreshed = Math.max(refreshedMs, (await newestMs([place.sync], files, signal)) ?? 0);
      const written = await newestMs([place.settings, `${root}/etc/pacman.d/mirrorlist`], files, signal);
      return (written ?? 0) > refreshed ? undefined : refreshed;
    },
    refreshLists: (_options, say, signal) =>
      turns.take(async () => {
        await waitForDatabaseLock(`${place.database}/db.lck`, parts, say, signal);
        await change(pacman(["-Sy"]), "refresh the package lists", signal);
        refreshedMs = clock.now();
      }, signal),
    async inspectArchive(path, signal) {
      const head = await run(pacman(["-Qp", path]), signal);
      const [name = "", version = ""] = head.stdout.trim().split(" ");
      if (head.status !== 0 || version === "") throw badArchive(path, lastLines(head.output, 1));
      const { stdout } = await run(pacman(["-Qlp", path]), signal);
      return { name, version, files: parseFileLines(stdout, root) };
    },
    async files(names, signal) {
      const all = await entries(signal);
      const found = new Map<string, readonly string[]>();
      const missing = names.filter((name) => !all.has(name));
      for (const name of names) {
        const entry = all.get(name);
        const text = entry && (await readDatabase(`${place.local}/${entry.directory}/files`, files, signal));
        if (text !== undefined) found.set(name, parseFilesEntry(text));
      }
      for (const [name, [offered]] of await available(missing, signal)) {
        if (offered === undefined) continue;
        const fetched = async () => cached(name, offered.version, signal);
        if ((await fetched()) === undefined) {
          await turns.take(() => run(pacman(["-Sw", name]), signal), signal);
        }
        const archive = await fetched();
        if (archive === undefined) continue;
        found.set(name, parseFileLines((await run(pacman(["-Qlp", archive]), signal)).stdout, root));
      }
      return found;
    },
    transact: (transaction, say, signal) => turns.take(() => transact(transaction, say, signal), signal),
    changes: (signal) =>
      files.watch(
        [{ path: place.local, entries: true }, { path: place.settings }, { path: place.sync, entries: true }],
        signal,
      ),
  };
}
