// SPDX-License-Identifier: Apache-2.0
// From what the repository has and what is in the tree to the changes, in order. Pure.

import type { FailureCode } from "../../../contract/failure.ts";
import type { Hints, Step, StepText } from "../../../contract/resource.ts";
import type { GitWant } from "./fields.ts";
import type { GitHave, Tree } from "./observe.ts";
import { withoutPasswords } from "./run-git.ts";
import type { Stray } from "./owners.ts";

export type GitStep =
  | (Step & { readonly do: "clone"; readonly url: string; readonly what: string })
  | (Step & { readonly do: "set-url"; readonly to: string; readonly was: string })
  | (Step & { readonly do: "fetch" })
  /** `commit` undefined: what the fetch has brought. */
  | (Step & {
      readonly do: "check-out";
      readonly commit: string | undefined;
      readonly branch: string;
      readonly what: string;
      readonly was: string;
      /** Over what lies there: a clone that was stopped in the middle, or changes that are to be undone. */
      readonly force: boolean;
    })
  | (Step & { readonly do: "reset"; readonly commit: string; readonly files: readonly string[] })
  | (Step & { readonly do: "clean"; readonly files: readonly string[] })
  /** `first`: before it git does not look at the tree, so what else must be done is not known yet. */
  | (Step & {
      readonly do: "set-owner";
      readonly strays: readonly Stray[];
      readonly text: string;
      readonly first: boolean;
      readonly refresh: boolean;
    })
  | (Step & { readonly do: "update-submodules"; readonly names: readonly string[] })
  | (Step & { readonly do: "refuse"; readonly reason: string; readonly code: FailureCode; readonly hint?: string });

const toldNames = 5;

export function planGit(want: GitWant, have: GitHave, hints: Hints): readonly GitStep[] {
  if (have.kind === "unavailable") {
    const hint = have.hint === undefined ? {} : { hint: have.hint };
    return [{ do: "refuse", reason: have.reason, code: have.code, ...hint }];
  }
  if (have.kind === "of others") return [giveBackStep(have.strays, want, { first: true, ...hints })];
  const { commit, branch, tree, asked } = have;
  const what = branch || want.revision;
  if (tree === undefined) {
    return [
      { do: "clone", url: withoutPasswords(want.url), what: titleOf(what, commit) },
      { do: "check-out", commit, branch, what: titleOf(what, commit), was: "", force: false },
      ...(want.submodules ? [{ do: "update-submodules", names: [] } as const] : []),
    ];
  }
  const refusal = refuseChanges(want, tree, commit);
  if (refusal !== undefined) return [refusal];
  const steps: GitStep[] = [];
  if (tree.url !== want.url) {
    steps.push({ do: "set-url", to: withoutPasswords(want.url), was: withoutPasswords(tree.url) });
  }
  if (!tree.isFetched || (hints.refresh && !asked)) steps.push({ do: "fetch" });
  const isPlaced = tree.commit === commit && tree.branch === branch;
  if (tree.changed.length > 0 && tree.commit !== "") {
    steps.push({ do: "reset", commit: tree.commit, files: tree.changed });
  }
  if (!isPlaced || (hints.refresh && !asked)) {
    steps.push({
      do: "check-out",
      commit: hints.refresh && !asked ? undefined : commit,
      branch,
      what: titleOf(what, commit),
      was: tree.commit,
      force: want.changes === "reset" || (tree.commit === "" && tree.url === want.url),
    });
  }
  if (tree.untracked.length > 0 || (want.clean && tree.commit === ""))
    steps.push({ do: "clean", files: tree.untracked });
  if (tree.submodules.length > 0 || (want.submodules && !isPlaced)) {
    steps.push({ do: "update-submodules", names: tree.submodules });
  }
  if (tree.strays.length > 0) steps.push(giveBackStep(tree.strays, want, { first: false, ...hints }));
  return steps;
}

function giveBackStep(
  strays: readonly Stray[],
  { user, group }: GitWant,
  { first, refresh }: { readonly first: boolean; readonly refresh: boolean },
): GitStep {
  const owner = user === "" ? undefined : `owner ${user}`;
  const to = [owner, group === "" ? undefined : `group ${group}`].filter((each) => each !== undefined).join(" and ");
  const was = new Set(strays.map(({ uid, gid }) => (user === "" ? gid : group === "" ? uid : `${uid}:${gid}`)));
  const names = namesOf(strays.map(({ name }) => name));
  return { do: "set-owner", strays, text: `set ${to}: ${names} (was ${[...was].join(", ")})`, first, refresh };
}

/** What somebody has done there is not thrown away unless that is declared. */
function refuseChanges(want: GitWant, tree: Tree, commit: string | undefined): GitStep | undefined {
  if (want.changes === "reset") return undefined;
  const hint = 'Commit and push them, or set `changes => "reset"` to have them undone.';
  if (tree.changed.length > 0) {
    return {
      do: "refuse",
      reason: `somebody has changed files in the tree: ${namesOf(tree.changed)}`,
      code: "conflict",
      hint,
    };
  }
  if (tree.hasOwnCommits && tree.commit !== commit) {
    const reason = `the tree is at ${shortened(tree.commit)}, which is not in the repository`;
    return { do: "refuse", reason, code: "conflict", hint };
  }
  return undefined;
}

export function explainGitStep(step: GitStep): StepText {
  switch (step.do) {
    case "clone":
      return { mark: "+", text: `clone ${step.url}` };
    case "set-url":
      return {
        mark: "~",
        text: `set the URL of the repository to ${step.to}${step.was === "" ? "" : ` (was ${step.was})`}`,
      };
    case "fetch":
      return { mark: "~", text: "fetch what is new" };
    case "check-out": {
      const was = step.was === "" ? "" : ` (was ${shortened(step.was)})`;
      return { mark: step.was === "" ? "+" : "~", text: `check out ${step.what}${was}` };
    }
    case "reset":
      return { mark: "~", text: `undo changes: ${namesOf(step.files)}` };
    case "clean":
      return {
        mark: "-",
        text: `remove what is not in the repository${step.files.length === 0 ? "" : `: ${namesOf(step.files)}`}`,
      };
    case "set-owner":
      return { mark: "~", text: step.text };
    case "update-submodules":
      return { mark: "~", text: `check out submodules${step.names.length === 0 ? "" : `: ${namesOf(step.names)}`}` };
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}

function titleOf(what: string, commit: string | undefined): string {
  if (commit === undefined || what === commit) return shortened(what);
  return what === "" ? shortened(commit) : `${what} at ${shortened(commit)}`;
}

/** A whole commit is not for people. */
function shortened(commit: string): string {
  return /^[0-9a-f]{40,}$/.test(commit) ? commit.slice(0, 10) : commit;
}

function namesOf(names: readonly string[]): string {
  const told = names.slice(0, toldNames).join(", ");
  return names.length > toldNames ? `${told} and ${names.length - toldNames} more` : told;
}
