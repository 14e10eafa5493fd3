// SPDX-License-Identifier: Apache-2.0
// Whose the parts of a working tree are: the directory, what git keeps there, and the files of the repository. What others
// have put beside them is theirs. Git works in no tree of somebody else, so this is looked at, and put right, without it.

import type { ResourceEnv } from "../../../contract/resource.ts";
import { cleanPath, joinPath } from "../../files/path.ts";
import { trustedPlace } from "../../files/trusted-place.ts";
import type { GitWant } from "./fields.ts";
import type { Git } from "./run-git.ts";

/** Whom it must belong to; what is absent is not said. */
export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** A part that belongs to somebody else. */
export interface Stray {
  /** Below the tree; `.` for itself. */
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const store = ".git";

/** Undefined when the program says nothing of it. That there are such accounts is known by then. */
export async function wantedOwner(want: GitWant, { host, signal }: ResourceEnv): Promise<Owner | undefined> {
  const uid = want.user === "" ? undefined : await host.identity.userId(want.user, signal);
  const gid = want.group === "" ? undefined : await host.identity.groupId(want.group, signal);
  if (uid === undefined && gid === undefined) return undefined;
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}

/** Of the tree itself and what git keeps there, as far as shows that somebody has worked with it. */
export function straysOfStore(want: GitWant, owner: Owner, env: ResourceEnv): Promise<readonly Stray[]> {
  return strays(want, storeNames(cleanPath(want.path), 1, env), owner, env);
}

/** Of what the repository has in the tree, with the directories that it is in. */
export async function straysOfFiles(
  want: GitWant,
  owner: Owner,
  git: Git,
  env: ResourceEnv,
): Promise<readonly Stray[]> {
  const all = want.submodules ? ["--recurse-submodules"] : [];
  const files = (await git.read(["ls-files", "-z", ...all])).split("\0").filter((name) => name !== "");
  const names = new Set<string>();
  for (const file of files) {
    for (let end = file.indexOf("/"); end !== -1; end = file.indexOf("/", end + 1)) names.add(file.slice(0, end));
    names.add(file);
  }
  return strays(want, [...names].toSorted(), owner, env);
}

/**
 * Who could have put programs into what git keeps there, which then would run as the wanted user: neither that one nor root.
 * Undefined: nobody.
 */
export function strangerOf(found: readonly Stray[], owner: Owner): Stray | undefined {
  const trusted = new Set([0, owner.uid]);
  return owner.uid === undefined ? undefined : found.find(({ name, uid }) => name !== "." && !trusted.has(uid));
}

/** These, and with them all that git keeps there when it is one of them. */
export async function giveBack(found: readonly Stray[], want: GitWant, owner: Owner, env: ResourceEnv): Promise<void> {
  const { host, signal } = env;
  const { path, guard } = await trustedPlace(cleanPath(want.path), host, signal, "follow");
  const inside = guard.noLinksBelow === undefined ? { noLinksBelow: path } : guard;
  const others = found.filter(({ name }) => !isOfStore(name));
  const isStoreStray = others.length < found.length;
  const stray = isStoreStray ? await strays(want, storeNames(path, Number.POSITIVE_INFINITY, env), owner, env) : [];
  for (const { name } of [...others, ...stray]) {
    await host.files.setOwner(placeOf(path, name), owner, signal, name === "." ? guard : inside);
  }
}

function isOfStore(name: string): boolean {
  return name === store || name.startsWith(`${store}/`);
}

function placeOf(path: string, name: string): string {
  return name === "." ? path : joinPath(path, name);
}

async function strays(
  want: GitWant,
  names: Iterable<string> | AsyncIterable<string>,
  owner: Owner,
  { host, signal }: ResourceEnv,
): Promise<readonly Stray[]> {
  const path = cleanPath(want.path);
  const found: Stray[] = [];
  for await (const name of names) {
    const at = await (name === "."
      ? host.files.inspectTarget(path, signal)
      : host.files.inspect(placeOf(path, name), signal));
    if (at === undefined) continue;
    const isRight = at.uid === (owner.uid ?? at.uid) && at.gid === (owner.gid ?? at.gid);
    if (!isRight) found.push({ name, uid: at.uid, gid: at.gid });
  }
  return found;
}

/** The tree itself, and what git keeps there to so many levels; nothing through a link. */
async function* storeNames(path: string, levels: number, { host, signal }: ResourceEnv): AsyncIterable<string> {
  yield ".";
  const open: { readonly name: string; readonly levels: number }[] = [{ name: store, levels }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { name } = next;
    yield name;
    if (next.levels === 0 || (await host.files.inspect(placeOf(path, name), signal))?.kind !== "directory") continue;
    for (const entry of (await host.files.list(placeOf(path, name), signal)).toSorted().toReversed()) {
      open.push({ name: `${name}/${entry}`, levels: next.levels - 1 });
    }
  }
}
