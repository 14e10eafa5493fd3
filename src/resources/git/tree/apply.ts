// SPDX-License-Identifier: Apache-2.0
// Carrying out what was planned for a working tree. Whatever is stopped in the middle is gone on with by the next plan.

import { Failure } from "../../../contract/failure.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { cleanPath } from "../../files/path.ts";
import { type GitWant, isWholeCommit } from "./fields.ts";
import { observeGit, rememberPlaced, resolve } from "./observe.ts";
import { giveBack, wantedOwner } from "./owners.ts";
import { type GitStep, planGit } from "./plan.ts";
import { type Git, gitFor } from "./run-git.ts";

export async function applyGitStep(step: GitStep, want: GitWant, env: ResourceEnv): Promise<void> {
  if (step.do === "refuse") {
    throw new Failure(step.reason, { code: step.code, ...(step.hint === undefined ? {} : { hint: step.hint }) });
  }
  if (step.do === "set-owner") return setOwner(step, want, env);
  const git = await gitFor(want, env);
  if ("missing" in git) throw new Failure(git.missing, { code: "not-found" });
  switch (step.do) {
    case "clone":
      await makeDirectory(want, env);
      await git.read(["init", "--quiet", "--", cleanPath(want.path)]);
      await setUrl(want, git);
      return fetch(want, git);
    case "set-url":
      return setUrl(want, git);
    case "fetch":
      return fetch(want, git);
    case "check-out":
      return checkOut(step, want, git, env);
    case "reset":
      await git.read(["reset", "--quiet", "--hard", step.commit]);
      return;
    case "clean":
      await git.read(["clean", "--quiet", "--force", "-d"]);
      return;
    case "update-submodules":
      await git.read(["submodule", "--quiet", "sync", "--recursive"]);
      await git.read([
        ...["submodule", "--quiet", "update", "--init", "--recursive", "--force"],
        ...(want.depth > 0 ? ["--depth", String(want.depth)] : []),
      ]);
  }
}

async function setOwner(
  { strays, first, refresh }: GitStep & { readonly do: "set-owner" },
  want: GitWant,
  env: ResourceEnv,
): Promise<void> {
  const owner = await wantedOwner(want, env);
  if (owner !== undefined) await giveBack(strays, want, owner, env);
  if (!first) return;
  const have = await observeGit(want, env);
  if (have.kind === "of others") {
    throw new Failure(`${cleanPath(want.path)} does not take another owner`, {
      code: "unsupported",
      hint: "Its file system may have no owners: put the tree on another one, or leave out `user` and `group`.",
    });
  }
  for (const next of planGit(want, have, { refresh, received: new Set() })) await applyGitStep(next, want, env);
}

/** For its user: git itself could not make it in a directory of root. */
async function makeDirectory(want: GitWant, { host, signal }: ResourceEnv): Promise<void> {
  const path = cleanPath(want.path);
  if ((await host.files.inspectTarget(path, signal)) !== undefined) return;
  const uid = want.user === "" ? undefined : await host.identity.userId(want.user, signal);
  const gid =
    want.group !== ""
      ? await host.identity.groupId(want.group, signal)
      : want.user === ""
        ? undefined
        : await host.identity.primaryGroupId(want.user, signal);
  const owner = { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
  await host.files.createDirectory(path, { ...owner, parents: true }, signal);
}

async function setUrl(want: GitWant, git: Git): Promise<void> {
  await git.read(["config", "remote.origin.url", want.url]);
  await git.read(["config", "--replace-all", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"]);
}

async function fetch(want: GitWant, git: Git): Promise<void> {
  const depth = want.depth > 0 ? ["--depth", String(want.depth)] : [];
  const fetching = ["fetch", "--quiet", "--force", "--prune", "--tags", ...depth, "origin"];
  const { revision } = want;
  await git.read(fetching);
  // A commit that no branch leads to has to be asked for by its name.
  if (isWholeCommit(revision) && !(await git.asks(["cat-file", "-e", `${revision}^{commit}`]))) {
    await git.read(["fetch", "--quiet", ...depth, "origin", revision]);
  }
}

async function checkOut(
  step: GitStep & { readonly do: "check-out" },
  want: GitWant,
  git: Git,
  env: ResourceEnv,
): Promise<void> {
  const commit = step.commit ?? (await fetchedCommit(step.branch, want, git, env));
  const force = step.force ? ["--force"] : [];
  const form = step.branch === "" ? ["--detach"] : ["-B", step.branch];
  await git.read(["checkout", "--quiet", ...force, ...form, commit, "--"]);
  if (step.branch !== "") {
    await git.read(["config", `branch.${step.branch}.remote`, "origin"]);
    await git.read(["config", `branch.${step.branch}.merge`, `refs/heads/${step.branch}`]);
  }
  await rememberPlaced(commit, env);
  env.send({ commit });
}

async function fetchedCommit(branch: string, want: GitWant, git: Git, env: ResourceEnv): Promise<string> {
  if (branch !== "" || want.revision === "") {
    env.memory.delete(`resolved ${want.url} ${want.revision}`);
    const resolved = await resolve(want, git, env);
    if ("commit" in resolved && resolved.commit !== undefined) return resolved.commit;
  }
  const commit = await git.try(["rev-parse", "--verify", "--quiet", `${want.revision}^{commit}`]);
  if (commit !== undefined) return commit.trim();
  throw new Failure(`the repository has no branch, tag or commit ${want.revision}`, { code: "not-found" });
}
