// SPDX-License-Identifier: Apache-2.0
// Comparing a directory with its source, and finding what a purge must remove. Reads only.

import { type FileState, isDraftName } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { cleanPath, isBelow, joinPath, lastPart } from "../path.ts";
import { sameContent } from "./content.ts";
import { type FileWant, targetOf } from "./fields.ts";
import type { TreeDifference, TreeHave } from "./have.ts";

interface Entry {
  readonly relative: string;
  readonly state: FileState;
}

/** Everything in a directory, each directory before what is in it. Other file systems are named but not entered. */
export async function entriesOf(directory: string, env: ResourceEnv): Promise<readonly Entry[]> {
  const { files } = env.host;
  const root = await files.inspectTarget(directory, env.signal);
  const found: Entry[] = [];
  const enter = async (path: string, prefix: string): Promise<void> => {
    for (const name of await files.list(path, env.signal)) {
      const state = await files.inspect(joinPath(path, name), env.signal);
      if (state === undefined) continue;
      found.push({ relative: `${prefix}${name}`, state });
      if (state.kind === "directory" && state.device === root?.device) {
        await enter(joinPath(path, name), `${prefix}${name}/`);
      }
    }
  };
  if (root?.kind === "directory") await enter(directory, "");
  return found;
}

/** Names of everything in a directory, for saying what its removal means. */
export async function namesInside(directory: string, env: ResourceEnv): Promise<readonly string[]> {
  return (await entriesOf(directory, env)).map((entry) => entry.relative);
}

/** `path` is the directory as it is on the disk, `at` what is there now. */
export async function observeTree(
  want: FileWant,
  path: string,
  at: FileState | undefined,
  env: ResourceEnv,
): Promise<TreeHave> {
  const { files } = env.host;
  const source = want.source === "" ? undefined : cleanPath(want.source);
  const from = source === undefined ? undefined : await files.inspectTarget(source, env.signal);
  if (source !== undefined && from?.kind !== "directory") {
    const reason = from === undefined ? "does not exist" : "is not a directory";
    return { unavailable: `the source ${source}/ ${reason}`, missing: [], unmanaged: [] };
  }
  const copied = source === undefined ? [] : await entriesOf(source, env);
  const missing = source === undefined ? [] : await compare(source, copied, path, at, env);
  const unmanaged = want.purge && at?.kind === "directory" ? await findUnmanaged(want, path, copied, env) : [];
  return { missing, unmanaged };
}

async function compare(
  source: string,
  copied: readonly Entry[],
  path: string,
  at: FileState | undefined,
  env: ResourceEnv,
): Promise<readonly TreeDifference[]> {
  const { files } = env.host;
  const missing: TreeDifference[] = [];
  // Below such a directory there is nothing yet, so there is nothing to look at.
  const absent = new Set<string>(at?.kind === "directory" ? [] : [""]);
  for (const { relative, state } of copied) {
    const kind = state.kind;
    if (kind === "other") continue;
    const parent = relative.includes("/") ? relative.slice(0, relative.lastIndexOf("/")) : "";
    const from = joinPath(source, relative);
    const to = joinPath(path, relative);
    const was = absent.has(parent) ? undefined : await files.inspect(to, env.signal);
    if (kind === "directory" && was?.kind !== "directory") absent.add(relative);
    const linkText = kind === "symlink" ? await files.readLink(from, env.signal) : "";
    const same =
      was?.kind === kind &&
      (kind === "directory" ||
        (kind === "symlink" && (await files.readLink(to, env.signal)) === linkText) ||
        (kind === "file" && (await sameContent(`copy of ${relative}`, from, state, to, was, env))));
    if (same) continue;
    const wasInside = was?.kind === "directory" ? await namesInside(to, env) : [];
    missing.push({ relative, source: from, kind, mode: state.mode, size: state.size, linkText, was, wasInside });
  }
  return missing;
}

async function findUnmanaged(
  want: FileWant,
  path: string,
  copied: readonly Entry[],
  env: ResourceEnv,
): Promise<TreeHave["unmanaged"]> {
  const wanted = new Set(copied.map((entry) => entry.relative));
  const present = await entriesOf(path, env);
  const spared = sparedBelow(want, path, env);
  const device = (await env.host.files.inspect(path, env.signal))?.device;
  const kept = new Set<string>();
  for (const { relative, state } of present) {
    const full = joinPath(path, relative);
    const isSpared = spared.some((other) => other.path === full || (other.whole && isBelow(full, other.path)));
    if (wanted.has(relative) || isSpared || state.device !== device || isDraftName(lastPart(relative))) {
      for (let part = relative; part !== ""; part = part.slice(0, Math.max(0, part.lastIndexOf("/")))) kept.add(part);
    }
  }
  return present
    .filter(({ relative }) => !kept.has(relative))
    .reverse()
    .map(({ relative, state }) => ({ relative, kind: state.kind }));
}

/** What other file resources manage inside the directory; `whole` when also everything below is theirs. */
function sparedBelow(want: FileWant, path: string, env: ResourceEnv): { path: string; whole: boolean }[] {
  const declared = targetOf(want).path;
  const spared: { path: string; whole: boolean }[] = [];
  for (const peer of env.peers()) {
    const other = targetOf({
      path: textField(peer.want.path),
      dirname: textField(peer.want.dirname),
      basename: textField(peer.want.basename),
    });
    if (!isBelow(other.path, declared)) continue;
    // The directory may be reached through a symbolic link; what is below it keeps its relative place.
    const relative = other.path.slice(declared === "/" ? 1 : declared.length + 1);
    spared.push({ path: joinPath(path, relative), whole: other.directory && peer.want.recurse === true });
  }
  return spared;
}

function textField(value: unknown): string {
  return typeof value === "string" ? value : "";
}
