// SPDX-License-Identifier: Apache-2.0
// Packages of Debian and its kin, by apt and dpkg. Reads the database of dpkg by itself, which costs no process; asks and
// changes through apt. Configuration files that somebody has changed are kept, the new ones are put beside them.

import { Failure } from "../../../contract/failure.ts";
import type { PackageManager, Say, Trust } from "../../../contract/packages.ts";
import { compareDebianVersions } from "../compare-debian.ts";
import { badArchive, lastLines } from "../refusals.ts";
import { Turns } from "../one-at-a-time.ts";
import { waitForLocks } from "../locks.ts";
import { type ManagerParts, namesIn, newestMs, programRunner, readDatabase } from "../programs.ts";
import { similarNames } from "../similar.ts";
import { parseContents, parseFileList } from "./contents.ts";
import { OutdatedLists } from "./failures.ts";
import { createOffers } from "./offers.ts";
import { parseProviders } from "./policy.ts";
import { type DpkgStatus, entryOf, parseDpkgStatus } from "./status.ts";
import { fetchArchives, keptArchive } from "./archives.ts";
import { aptCommands, trust } from "./commands.ts";
import { transactWithApt } from "./transactions.ts";

/** No program asks anything: not debconf, not a list of changes, not what is to be restarted. */
const environment = {
  DEBIAN_FRONTEND: "noninteractive",
  DEBCONF_NONINTERACTIVE_SEEN: "true",
  DEBIAN_PRIORITY: "critical",
  APT_LISTCHANGES_FRONTEND: "none",
  APT_LISTBUGS_FRONTEND: "none",
  NEEDRESTART_MODE: "l",
  UCF_FORCE_CONFFOLD: "1",
};

/** Of so many archives it is remembered what is in them. */
const mostRead = 200;

export function createAptManager(parts: ManagerParts): PackageManager {
  const { files, clock, root } = parts;
  const run = programRunner(parts, environment);
  const turns = new Turns();
  const place = {
    database: `${root}/var/lib/dpkg`,
    lists: `${root}/var/lib/apt/lists`,
    archives: `${root}/var/cache/apt/archives`,
    settings: `${root}/etc/apt`,
  };
  let known: { readonly stamp: string; readonly status: DpkgStatus } | undefined;
  let architecture: Promise<string> | undefined;

  /** That of dpkg itself, which costs no process to see. */
  const native = (signal: AbortSignal): Promise<string> => {
    architecture ??= readStatus(signal).then(async (status) => {
      const [own, ...others] = status.get("dpkg")?.keys() ?? [];
      if (own !== undefined && own !== "" && others.length === 0) return own;
      return (await run(["dpkg", "--print-architecture"], signal)).stdout.trim();
    });
    architecture.catch(() => {
      architecture = undefined;
    });
    return architecture;
  };

  const stampOf = async (paths: readonly string[], signal: AbortSignal): Promise<string> => {
    const states = await Promise.all(paths.map((path) => files.inspect(path, signal)));
    return states.map((state, at) => `${paths[at]} ${state?.inode} ${state?.size} ${state?.changedNs}`).join("\n");
  };

  /** The database as it is now; parsed again only when it has changed, and read again when dpkg was at work meanwhile. */
  const readStatus = async (signal: AbortSignal): Promise<DpkgStatus> => {
    for (;;) {
      const paths = [`${place.database}/status`, ...(await journalOf(signal))];
      const stamp = await stampOf(paths, signal);
      if (known?.stamp === stamp) return known.status;
      const texts = await Promise.all(paths.map((path) => readDatabase(path, files, signal)));
      const after = [`${place.database}/status`, ...(await journalOf(signal))];
      if ((await stampOf(after, signal)) !== stamp) continue;
      const status = parseDpkgStatus(texts.map((text) => text ?? ""));
      known = { stamp, status };
      return status;
    }
  };

  /** Changes that dpkg has not put into its status file yet: it does so when it ends, unless it is killed. */
  const journalOf = async (signal: AbortSignal): Promise<readonly string[]> => {
    const names = await namesIn(`${place.database}/updates`, files, signal);
    return names.filter((name) => /^\d+$/.test(name)).map((name) => `${place.database}/updates/${name}`);
  };

  const available = createOffers({ files, run, root });

  const read = new Map<string, { readonly stamp: string; readonly inside: readonly string[] }>();
  /** Read again only when it is another file: while a transaction is under way it is asked about again and again. */
  const contentsOf = async (archive: string, signal: AbortSignal): Promise<readonly string[]> => {
    const stamp = await stampOf([archive], signal);
    const before = read.get(archive);
    if (before?.stamp === stamp) return before.inside;
    const { status, stdout, output } = await run(["dpkg-deb", "--contents", archive], signal);
    if (status !== 0) throw badArchive(archive, lastLines(output, 1));
    const inside = parseContents(stdout);
    if (read.size >= mostRead) read.clear();
    read.set(archive, { stamp, inside });
    return inside;
  };

  const commands = aptCommands(run, root);
  const tools = {
    ...parts,
    commands,
    readStatus,
    native,
    isInterrupted: async (signal: AbortSignal) => (await journalOf(signal)).length > 0,
    locks: [`${place.database}/lock-frontend`, `${place.database}/lock`, `${place.archives}/lock`],
  };

  const refreshLists = async ({ allowUntrusted }: Trust, say: Say, signal: AbortSignal): Promise<void> => {
    await waitForLocks([`${place.lists}/lock`], { files, clock }, say, signal);
    const ended = await commands.change(
      commands.aptGet(...trust(allowUntrusted), "update"),
      "refresh the package lists",
      say,
      signal,
    );
    for (const [line] of ended.output.matchAll(/^W: (?:Failed to fetch|GPG error|An error occurred).*$/gm)) say(line);
  };

  return {
    name: "apt",
    compareVersions: compareDebianVersions,
    async installed(names, signal) {
      const status = await readStatus(signal);
      const here = await native(signal);
      const found = names.flatMap((name) => {
        const entry = entryOf(status, name, here);
        if (entry === undefined) return [];
        const { version, isBroken, isHeld } = entry;
        return [[name, { version, isBroken, isHeld }] as const];
      });
      return new Map(found);
    },
    available,
    async namesLike(name, signal) {
      const [provided, all] = await Promise.all([
        run(["apt-cache", "showpkg", name], signal),
        run(["apt-cache", "pkgnames"], signal),
      ]);
      const providers = parseProviders(provided.stdout).slice(0, 3);
      return providers.length > 0 ? providers : similarNames(name, all.stdout.split("\n"));
    },
    async listsRefreshedMs(signal) {
      const [lists, sources] = await Promise.all([
        namesIn(place.lists, files, signal),
        namesIn(`${place.settings}/sources.list.d`, files, signal),
      ]);
      if (!lists.some((name) => /_Packages(?:\.|$)/.test(name))) return undefined;
      // A file in `lists` has the time of the server; the directories have that of the last look.
      const refreshed = await newestMs([place.lists, `${place.lists}/partial`], files, signal);
      const below = sources.map((name) => `${place.settings}/sources.list.d/${name}`);
      const written = await newestMs(
        [`${place.settings}/sources.list`, `${place.settings}/sources.list.d`, ...below],
        files,
        signal,
      );
      return refreshed === undefined || (written ?? 0) > refreshed ? undefined : refreshed;
    },
    refreshLists: (options, say, signal) => turns.take(() => refreshLists(options, say, signal), signal),
    async inspectArchive(path, signal) {
      const { status, stdout, output } = await run(
        ["dpkg-deb", "--showformat", "${Package}\n${Version}\n", "--show", path],
        signal,
      );
      const [name = "", version = ""] = stdout.split("\n");
      if (status !== 0 || name === "") throw badArchive(path, lastLines(output, 1));
      return { name, version, files: await contentsOf(path, signal) };
    },
    async files(names, signal) {
      const [status, here] = [await readStatus(signal), await native(signal)];
      const found = new Map<string, readonly string[]>();
      const missing: string[] = [];
      for (const name of names) {
        const entry = entryOf(status, name, here);
        const lists = [`${name.split(":")[0]}:${entry?.architecture}`, name.split(":")[0] ?? ""];
        const texts = await Promise.all(
          lists.map((list) => readDatabase(`${place.database}/info/${list}.list`, files, signal)),
        );
        const text = entry?.version === undefined ? undefined : (texts[0] ?? texts[1]);
        if (text === undefined) missing.push(name);
        else found.set(name, parseFileList(text));
      }
      const offers = await available(missing, signal);
      const left: string[] = [];
      for (const [name, [first]] of offers) {
        const version = first?.version ?? "";
        const kept = await keptArchive(name, version, here, place.archives, files, signal);
        // One that was cut off is no archive; apt knows better than its name.
        const inside = kept === undefined ? undefined : await contentsOf(kept, signal).catch(nothingWhenFailed);
        if (inside === undefined) left.push(name);
        else found.set(name, inside);
      }
      if (left.length > 0) {
        const fetching = () => fetchArchives(left, place.archives, { run, files }, signal);
        const archives = await turns.take(fetching, signal);
        for (const [name, archive] of archives) found.set(name, await contentsOf(archive, signal));
      }
      return found;
    },
    transact: (transaction, say, signal) =>
      turns.take(async () => {
        try {
          await transactWithApt(transaction, tools, say, signal);
        } catch (reason) {
          if (!(reason instanceof OutdatedLists)) throw reason;
          say("the package lists are older than their source: refreshes them");
          await refreshLists(transaction, say, signal);
          await transactWithApt(transaction, tools, say, signal);
        }
      }, signal),
    changes: (signal) =>
      files.watch(
        [
          { path: `${place.database}/status` },
          { path: place.lists, entries: true },
          { path: `${place.lists}/partial`, entries: true },
        ],
        signal,
      ),
  };
}

function nothingWhenFailed(reason: unknown): undefined {
  if (!(reason instanceof Failure)) throw reason;
  return undefined;
}
