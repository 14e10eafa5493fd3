// SPDX-License-Identifier: Apache-2.0
// What git says of the directory from which somebody deploys.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";

export interface GitFacts {
  readonly commit: string;
  /** Of the first commit of all there is none. */
  readonly parent?: string;
}

/** Fails with `invalid` when the directory is in no repository, or something in it is not committed. */
export async function gitFacts(host: Host, directory: string, signal: AbortSignal): Promise<GitFacts> {
  const git = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await host.processes.run({ argv: ["git", "-C", directory, ...args] }, signal);
    if (status === 0) return textOf(stdout).trimEnd();
    throw new Failure(`git says of ${directory}: ${textOf(stderr).trim().split("\n").at(-1) ?? "nothing"}.`, {
      code: "invalid",
      hint: "What is deployed is a commit. Deploy from a git repository, or with --no-git.",
    });
  };
  const changed = await git("status", "--porcelain");
  if (changed !== "") {
    const [first = ""] = changed.split("\n");
    throw new Failure(`There are changes that are not committed: ${first.trim()}.`, {
      code: "invalid",
      hint: "Commit them first, so that the hosts run what the history says; or deploy with --no-git.",
    });
  }
  const [commit = "", parent] = (await git("log", "-2", "--format=%H")).split("\n");
  return { commit, ...(parent === undefined || parent === "" ? {} : { parent }) };
}
