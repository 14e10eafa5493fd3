// SPDX-License-Identifier: Apache-2.0
// What the repository has and what is in the tree. Asks the repository once, and again with each poll; a repository on
// this machine tells by its files when it has something new.

import type { ResourceEnv } from "../../../contract/resource.ts";
import { cleanPath, joinPath } from "../../files/path.ts";
import { type GitWant, isWholeCommit, localRepository } from "./fields.ts";
import { type Git, gitFor } from "./run-git.ts";
import { type Owner, type Stray, strangerOf, straysOfFiles, straysOfStore, wantedOwner } from "./owners.ts";

export type GitHave =
  | {
      readonly kind: "unavailable";
      readonly reason: string;
      readonly code: "not-found" | "conflict";
      readonly hint?: string;
    }
  /** So much of it belongs to others that git would not look at it. */
  | { readonly kind: "of others"; readonly strays: readonly Stray[] }
  | ({ readonly kind: "wanted" } & Wanted & { readonly tree: Tree | undefined });

export interface Wanted {
  /** Undefined: only a fetch can tell, for the beginning of a commit. */
  readonly commit: string | undefined;
  /** The branch that is meant; "" for a tag or a commit. */
  readonly branch: string;
  /** Whether the repository has said so just now. */
  readonly asked: boolean;
}

export interface Tree {
  /** What is checked out; "" when nothing is. */
  readonly commit: string;
  /** "" when it is not on a branch. */
  readonly branch: string;
  readonly url: string;
  /** Whether the wanted commit has been fetched. */
  readonly isFetched: boolean;
  /** Files of the repository that are not as they are there. */
  readonly changed: readonly string[];
  /** Files that are not in the repository. */
  readonly untracked: readonly string[];
  /** Submodules that are not as the tree wants them. */
  readonly submodules: readonly string[];
  /** Files of the repository that belong to somebody else than declared. */
  readonly strays: readonly Stray[];
  /** Commits of somebody that are in no branch and no tag that was fetched. */
  readonly hasOwnCommits: boolean;
}

export async function observeGit(want: GitWant, env: ResourceEnv): Promise<GitHave> {
  const git = await gitFor(want, env);
  if ("missing" in git) return { kind: "unavailable", reason: git.missing, code: "not-found" };
  const { files } = env.host;
  const path = cleanPath(want.path);
  const at = await files.inspectTarget(path, env.signal);
  if (at !== undefined && at.kind !== "directory") {
    return { kind: "unavailable", reason: `${path} is not a directory`, code: "conflict" };
  }
  const isTree = at !== undefined && (await files.inspect(joinPath(path, ".git"), env.signal)) !== undefined;
  if (at !== undefined && !isTree && (await files.list(path, env.signal)).length > 0) {
    return { kind: "unavailable", reason: `${path} has files in it, but is no working tree of git`, code: "conflict" };
  }
  const owner = isTree ? await wantedOwner(want, env) : undefined;
  const strays = owner === undefined ? [] : await straysOfStore(want, owner, env);
  const stranger = owner === undefined ? undefined : strangerOf(strays, owner);
  if (stranger !== undefined) return { kind: "unavailable", code: "conflict", ...refusalOf(stranger, want) };
  if (strays.length > 0) return { kind: "of others", strays };
  const resolved = await resolve(want, git, env);
  if ("reason" in resolved) return { kind: "unavailable", ...resolved };
  if (!isTree) return { kind: "wanted", ...resolved, tree: undefined };
  // The beginning of a commit is known when the commit has been fetched.
  const commit =
    resolved.commit ?? (await git.try(["rev-parse", "--verify", "--quiet", `${want.revision}^{commit}`]))?.trim();
  const wanted = { ...resolved, commit };
  const tree = await look(want, wanted, owner, git, env);
  if (tree.commit !== "" && tree.commit === commit) env.send({ commit });
  return { kind: "wanted", ...wanted, tree };
}

/** A branch, else a tag, else a commit. */
export async function resolve(
  want: GitWant,
  git: Git,
  env: ResourceEnv,
): Promise<Wanted | { readonly reason: string; readonly code: "not-found" }> {
  if (isWholeCommit(want.revision)) return { commit: want.revision, branch: "", asked: true };
  const key = `resolved ${want.url} ${want.revision}`;
  const known = env.memory.get(key);
  // Events of the tree are none of a repository elsewhere.
  if (typeof known === "string" && env.memory.has("watched") && localRepository(want.url) === undefined) {
    const [commit = "", branch = ""] = known.split(" ");
    return { commit: commit || undefined, branch, asked: false };
  }
  const { revision } = want;
  const names =
    revision === "" ? ["HEAD"] : [`refs/heads/${revision}`, `refs/tags/${revision}`, `refs/tags/${revision}^{}`];
  const said = await git.read(["ls-remote", "--symref", "--", want.url, ...names]);
  const found = new Map<string, string>();
  let first = "";
  for (const line of said.split("\n")) {
    const [left = "", name = ""] = line.split("\t");
    if (left.startsWith("ref: refs/heads/") && name === "HEAD") first = left.slice("ref: refs/heads/".length);
    else if (name !== "") found.set(name, left);
  }
  const ofBranch = revision === "" ? found.get("HEAD") : found.get(`refs/heads/${revision}`);
  const ofTag = found.get(`refs/tags/${revision}^{}`) ?? found.get(`refs/tags/${revision}`);
  if (ofBranch === undefined && ofTag === undefined && !/^[0-9a-f]{4,}$/.test(revision)) {
    const reason =
      revision === "" ? "the repository has no commits" : `the repository has no branch and no tag ${revision}`;
    return { reason, code: "not-found" };
  }
  const branch = ofBranch === undefined ? "" : revision === "" ? first : revision;
  const commit = ofBranch ?? ofTag;
  env.memory.set(key, `${commit ?? ""} ${branch}`);
  return { commit, branch, asked: true };
}

function refusalOf({ name, uid }: Stray, want: GitWant): { readonly reason: string; readonly hint: string } {
  return {
    reason: `${name} belongs to the user ${uid}, who could have put programs there that git runs as ${want.user}`,
    hint: "Look at .git/config and give it back with chown, or remove the tree: it is cloned anew.",
  };
}

async function look(
  want: GitWant,
  wanted: Wanted,
  owner: Owner | undefined,
  git: Git,
  env: ResourceEnv,
): Promise<Tree> {
  const commit = (await git.try(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]))?.trim() ?? "";
  const isFetched = wanted.commit !== undefined && (await git.asks(["cat-file", "-e", `${wanted.commit}^{commit}`]));
  const { changed, untracked } = commit === "" ? { changed: [], untracked: [] } : await status(git, want);
  const isForeign = commit !== "" && commit !== wanted.commit && env.memory.get("placed") !== commit;
  return {
    commit,
    branch: (await git.try(["symbolic-ref", "--quiet", "--short", "HEAD"]))?.trim() ?? "",
    url: (await git.try(["config", "--get", "remote.origin.url"]))?.trim() ?? "",
    isFetched,
    changed,
    untracked,
    submodules: want.submodules && commit !== "" ? await submodulesToUpdate(git, changed) : [],
    strays: owner === undefined || commit === "" ? [] : await straysOfFiles(want, owner, git, env),
    hasOwnCommits: isForeign && !(await isFetchedCommit(commit, git)) && (await placedBefore(env)) !== commit,
  };
}

async function status(git: Git, want: GitWant): Promise<Pick<Tree, "changed" | "untracked">> {
  const said = await git.read([
    ...["status", "--porcelain=v1", "-z", "--no-renames"],
    `--untracked-files=${want.clean ? "all" : "no"}`,
    `--ignore-submodules=${want.submodules ? "untracked" : "all"}`,
  ]);
  const entries = said.split("\0").filter((entry) => entry !== "");
  const named = (isUntracked: boolean) =>
    entries.filter((entry) => entry.startsWith("??") === isUntracked).map((entry) => entry.slice(3));
  return { changed: named(false), untracked: named(true) };
}

/** At another commit than the tree wants, or with changed files in them. */
async function submodulesToUpdate(git: Git, changed: readonly string[]): Promise<readonly string[]> {
  const said = (await git.try(["submodule", "status", "--recursive"])) ?? "";
  return said
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({
      isRight: line.startsWith(" "),
      name: /^.[0-9a-f]+ (.*?)(?: \([^()]*\))?$/.exec(line)?.[1] ?? "",
    }))
    .filter(({ isRight, name }) => !isRight || changed.includes(name))
    .map(({ name }) => name);
}

async function isFetchedCommit(commit: string, git: Git): Promise<boolean> {
  const refs = await git.try(["for-each-ref", "--count=1", `--contains=${commit}`, "refs/remotes", "refs/tags"]);
  return refs !== undefined && refs.trim() !== "";
}

const placedName = "placed";

/** What we have checked out last; the branch of the repository may have been rewritten since. */
async function placedBefore(env: ResourceEnv): Promise<string | undefined> {
  const { host, signal } = env;
  const path = `${await env.stateDirectory()}/${placedName}`;
  if ((await host.files.inspect(path, signal)) === undefined) return undefined;
  return new TextDecoder().decode(await host.files.read(path, 200, signal)).trim();
}

export async function rememberPlaced(commit: string, env: ResourceEnv): Promise<void> {
  const path = `${await env.stateDirectory()}/${placedName}`;
  await env.host.files.write(path, new TextEncoder().encode(`${commit}\n`), { mode: 0o600 }, env.signal);
  env.memory.set("placed", commit);
}
