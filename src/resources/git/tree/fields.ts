// SPDX-License-Identifier: Apache-2.0
// The declared schema of `git`, and the mistakes in it that its types cannot tell.

import { field, fromName, type Want } from "../../../contract/field.ts";
import type { WantProblem } from "../../../contract/resource.ts";
import { cleanPath, isAbsolute } from "../../files/path.ts";
import { accountProblems } from "../../accounts/account-fields.ts";
import { pathProblems } from "../../files/possible-path.ts";

export const gitFields = {
  path: field.str({
    default: fromName,
    doc: "The directory of the working tree, absolute. It is made if it is missing.",
    example: '"/srv/site/"',
  }),
  url: field.str({
    doc: "The repository: a URL, a place that SSH can reach, or the absolute path of one on this machine.",
    example: '"https://example.com/site.git"',
  }),
  revision: field.str({
    doc: "The branch, tag or commit that must be checked out. If absent, the branch that the repository begins with.",
    example: '"main"',
  }),
  changes: field.str({
    default: "refuse",
    choices: ["refuse", "reset"],
    doc: "What becomes of changes that somebody has made in the tree: they are told and left alone, or they are undone.",
  }),
  clean: field.bool({
    doc: "Removes files that are not in the repository, unless it says that they are to be ignored.",
  }),
  depth: field.int({ bits: 32, doc: "How many commits of the past are fetched; all of them if absent.", example: "1" }),
  submodules: field.bool({ doc: "Checks out submodules as well, and theirs." }),
  user: field.str({
    doc:
      "The user as whom git runs, and to whom the tree and the files of the repository in it belong. Git works in no tree " +
      "of another one: what root has made there is given back, what anybody else has put into `.git` is told and left alone.",
    example: '"www-data"',
  }),
  group: field.str({
    doc: "The group with which git runs, and to which the tree belongs; if absent, the first group of the user for what is made.",
  }),
  key: field.str({
    doc: "The file with the private key for SSH. No password is ever asked for.",
    example: '"/etc/keys/deploy"',
  }),
};

export type GitWant = Want<typeof gitFields>;

export function checkGit(want: GitWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!isAbsolute(want.path) || cleanPath(want.path) === "/") {
    found.push({
      field: "path",
      title: `\`path\` must be the absolute path of a directory, not "${want.path}"`,
      hint: 'Write it like "/srv/site/".',
    });
  }
  // What begins with a dash would be an option, and `ext::` runs any command.
  if (
    !/^(?:\/|[a-z][a-z0-9+.-]*:\/\/[^\s]|[A-Za-z0-9_][\w.@-]*:(?!\/\/)[^:\s])[^\s\0]*$/.test(want.url) ||
    /^(?:ext|fd)::/.test(want.url)
  ) {
    const title = want.url === "" ? "there is no `url` of a repository" : `"${want.url}" is no place of a repository`;
    found.push({ field: "url", title, hint: "Write it like https://host/path.git, user@host:path.git or /path." });
  }
  if (want.revision !== "" && !isRevision(want.revision)) {
    found.push({
      field: "revision",
      title: `"${want.revision}" is no name of a branch, a tag or a commit`,
      hint: 'Write it like "main", "v1.4" or "0f3c1d9".',
    });
  }
  if (want.depth < 0)
    found.push({
      field: "depth",
      title: `\`depth\` cannot be less than 0, but is ${want.depth}`,
      hint: "0 is the whole history.",
    });
  if (want.key !== "" && !isAbsolute(want.key)) {
    found.push({
      field: "key",
      title: `the key "${want.key}" is not an absolute path`,
      hint: 'Write it like "/etc/keys/deploy".',
    });
  }
  const { path, key, user, group } = want;
  found.push(...pathProblems({ path, key }), ...accountProblems({ user, group }));
  return found;
}

/** As git itself has it for names, and nothing that stands for something else. */
function isRevision(text: string): boolean {
  if (/[\s~^:?*[\\\p{Cc}]/u.test(text) || /\.\.|@\{|\/\/|\.lock(?:\/|$)/.test(text)) return false;
  return !/^[-/.]|[/.]$/.test(text) && text !== "@" && text !== "HEAD";
}

export function isWholeCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** The directory of a repository on this machine. */
export function localRepository(url: string): string | undefined {
  if (isAbsolute(url)) return cleanPath(url);
  return url.startsWith("file:///") ? cleanPath(url.slice("file://".length)) : undefined;
}
