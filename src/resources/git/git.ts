// SPDX-License-Identifier: Apache-2.0
// `git`: a working tree at a branch, tag or commit of a repository. The parts are in `tree/`.

import { defineResource } from "../../contract/resource.ts";
import { strType } from "../../values/type.ts";
import { directoriesAbove, pathIdentity } from "../files/path-identities.ts";
import { isDirectoryPath } from "../files/path.ts";
import { applyGitStep } from "./tree/apply.ts";
import { checkGit, gitFields, localRepository } from "./tree/fields.ts";
import { observeGit } from "./tree/observe.ts";
import { explainGitStep, planGit } from "./tree/plan.ts";
import { watchGit } from "./tree/watch.ts";

export const git = defineResource({
  kind: "git",
  summary: "A working tree of git at a branch, tag or commit of a repository.",
  fields: gitFields,
  traits: { sends: { commit: strType }, refresh: true },
  watchedFields: ["path", "url", "submodules"],
  edges: {
    reads: ["path", "url", "user", "group", "key"],
    offers: ({ path }) => [pathIdentity(directoryPath(path))],
    *wishes({ path, url, user, group, key }) {
      const repository = localRepository(url);
      if (repository !== undefined) {
        yield {
          order: "before",
          anyOf: [pathIdentity(`${repository}/`), pathIdentity(repository)],
          why: "is cloned from",
        };
      }
      yield { order: "before", anyOf: directoriesAbove(directoryPath(path)), why: "is in the directory" };
      if (user !== "") yield { order: "before", anyOf: [{ space: "user", id: user }], why: "belongs to" };
      if (group !== "") yield { order: "before", anyOf: [{ space: "group", id: group }], why: "belongs to" };
      if (key !== "") yield { order: "before", anyOf: [pathIdentity(key)], why: "is fetched with" };
    },
  },
  check: checkGit,
  observe: observeGit,
  plan: (want, have, hints) => planGit(want, have, hints),
  explain: explainGitStep,
  apply: applyGitStep,
  watch: watchGit,
});

function directoryPath(path: string): string {
  return isDirectoryPath(path) ? path : `${path}/`;
}
