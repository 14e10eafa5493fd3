// SPDX-License-Identifier: Apache-2.0
// What comes after a package: the services and the files that it brings, and commands that it owns. Which files it has
// is told by the machine: by the database, or by the archive of a package that is still to be installed.

import type { AutomaticEdges, FactsEnv, Identity } from "../../../contract/automatic.ts";
import { directoriesAbove, pathIdentity } from "../../files/path-identities.ts";
import { unitIdentity } from "../../services/unit.ts";
import { packagedPath, withAliases } from "./packaged-path.ts";
import type { PkgWant } from "./fields.ts";

const hourMs = 3_600_000;

/** A question about a file with a package instead of the package by its name. */
const archiveMark = "file:";

export const pkgEdges = {
  reads: ["state", "source"],
  facts: {
    // One that goes has nothing that others could need.
    questions: (want, name) => (want.state === "uninstalled" ? [] : [questionOf(want, name)]),
    ask,
    async *watch({ host, signal }) {
      const manager = await host.packages.manager(signal);
      yield* manager.changes(signal);
    },
  },
  offers: (want, name, facts) => (facts.get(questionOf(want, name)) ?? []).map(packagedPath),
  *wishes(want, name, facts) {
    if (want.source !== "") yield { order: "before", anyOf: [pathIdentity(want.source)], why: "is installed from" };
    const files = facts.get(questionOf(want, name)) ?? [];
    for (const path of files) {
      const service = serviceOf(path);
      if (service !== undefined) yield { order: "after", anyOf: [service], why: "brings the service" };
    }
    // The file itself, else the nearest directory above it that somebody manages; each directory is tried once.
    let above = new Set<string>();
    for (const path of files) {
      const found = yield { order: "after", anyOf: withAliases(path).map(pathIdentity), why: "has the file" };
      if (found === undefined) above.add(directoryAbove(pathIdentity(path).id));
    }
    for (let level = above; level.size > 0; level = above) {
      above = new Set();
      for (const id of level) {
        if (id === "") continue;
        const found = yield { order: "after", anyOf: [{ space: "path", id }], why: "has files in" };
        if (found === undefined) above.add(directoryAbove(id));
      }
    }
  },
} as const satisfies AutomaticEdges<PkgWant>;

function questionOf(want: PkgWant, name: string): string {
  return want.source === "" ? name : `${archiveMark}${want.source}`;
}

/** Empty above the root. */
function directoryAbove(id: string): string {
  for (const { id: above } of directoriesAbove(id)) return above;
  return "";
}

/**
 * Lists that are missing or old are refreshed for a package that they do not have: its place in the order depends on it.
 * Whoever may not refresh them looks at a program, and does not install it.
 */
async function ask(questions: readonly string[], { host, signal }: FactsEnv): Promise<Map<string, readonly string[]>> {
  const manager = await host.packages.manager(signal);
  const isArchive = (question: string) => question.startsWith(archiveMark);
  const names = questions.filter((question) => !isArchive(question));
  const found = new Map(await manager.files(names, signal));
  const missing = names.filter((name) => !found.has(name));
  const mayRefresh = host.identity.uid === 0;
  if (missing.length > 0 && mayRefresh && (await isOld(await manager.listsRefreshedMs(signal), host.clock.now()))) {
    await manager.refreshLists({ allowUntrusted: false }, () => {}, signal);
    for (const [name, files] of await manager.files(missing, signal)) found.set(name, files);
  }
  for (const question of questions.filter(isArchive)) {
    const path = question.slice(archiveMark.length);
    if ((await host.files.inspectTarget(path, signal)) === undefined) continue; // It may come with the program.
    found.set(question, (await manager.inspectArchive(path, signal)).files);
  }
  return found;
}

async function isOld(refreshedMs: number | undefined, nowMs: number): Promise<boolean> {
  return refreshedMs === undefined || nowMs - refreshedMs > hourMs;
}

const unitFile =
  /^(?:\/usr)?\/lib\/systemd\/(system|user)\/([^/]+\.(?:service|socket|timer|path|mount|automount|target))$/;

function serviceOf(path: string): Identity | undefined {
  const [, manager, unit = ""] = unitFile.exec(path) ?? [];
  if (manager !== undefined) return unitIdentity(unit, manager === "user");
  const script = /^\/etc\/init\.d\/([^/]+)$/.exec(path)?.[1];
  return script === undefined ? undefined : unitIdentity(script, false);
}
