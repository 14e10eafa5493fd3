// SPDX-License-Identifier: Apache-2.0
// Mistakes in what a program wants of a user. The password is never shown.

import type { WantProblem } from "../../../contract/resource.ts";
import { pathProblems } from "../../files/possible-path.ts";
import { fitsIntoTable, largestId, whyNoAccountName } from "../names.ts";
import type { UserWant } from "./fields.ts";

export function checkUser(want: UserWant, name: string): readonly WantProblem[] {
  return [...problemsOf(want, name)];
}

function* problemsOf(want: UserWant, name: string): Iterable<WantProblem> {
  const wrong = whyNoAccountName(name);
  if (wrong !== undefined) yield { title: `"${name}" cannot be the name of a user: ${wrong}` };
  for (const id of ["uid", "gid"] as const) {
    const number = want[id];
    if (number === undefined || number <= largestId) continue;
    yield {
      field: id,
      title: `${number} cannot be the number of a ${id === "uid" ? "user" : "group"}: the largest is ${largestId}`,
    };
  }
  yield* groupProblems(want, name);
  const { homedir, shell, comment, password } = want;
  if (homedir !== undefined && !(homedir.startsWith("/") && homedir.endsWith("/"))) {
    yield {
      field: "homedir",
      title: `the home directory "${homedir}" must be an absolute path with a slash at its end`,
      hint: homedir.startsWith("/") ? `Write "${homedir}/".` : 'Write it like "/var/lib/app/".',
    };
  } else if (homedir !== undefined && !fitsIntoTable(homedir)) {
    yield { field: "homedir", title: "the home directory can have no colon and no line end in it" };
  }
  if (shell !== undefined && (!shell.startsWith("/") || !fitsIntoTable(shell))) {
    yield {
      field: "shell",
      title: `the shell "${shell}" must be the absolute path of a program`,
      hint: "`cat /etc/shells` lists those of this machine.",
    };
  }
  yield* pathProblems({ homedir, shell });
  if (comment !== undefined && !fitsIntoTable(comment)) {
    yield { field: "comment", title: "the comment must be a single line without a colon" };
  }
  if (password !== undefined && !isHash(password)) {
    yield {
      field: "password",
      title: "the `password` of a user must be the hash of it, as crypt(5) has it",
      hint: "`mkpasswd` or `openssl passwd -6` makes one; a resource of the kind `password` sends one as `hash`.",
    };
  }
}

function* groupProblems(want: UserWant, name: string): Iterable<WantProblem> {
  const { group, gid, groups = [] } = want;
  if (group !== undefined && gid !== undefined) {
    yield { field: "group", title: "`group` and `gid` both say which the primary group is: give one of them" };
  }
  for (const [field, one] of [["group", group], ...groups.map((each) => ["groups", each])] as const) {
    const wrong = one === undefined ? undefined : whyNoAccountName(one);
    if (field !== undefined && wrong !== undefined) {
      yield { field, title: `"${one}" cannot be the name of a group: ${wrong}` };
    }
  }
  if (group !== undefined && groups.includes(group)) {
    yield { field: "groups", title: `"${group}" is the primary group already: leave it out of \`groups\`` };
  }
  if (group === undefined && groups.includes(name)) {
    yield {
      field: "groups",
      title: `"${name}" is the primary group already, as nothing else is said: leave it out of \`groups\``,
    };
  }
  const twice = groups.find((each, at) => groups.indexOf(each) !== at);
  if (twice !== undefined)
    yield { field: "groups", title: "a group stands in `groups` twice", hint: `Leave out one "${twice}".` };
}

/** One that is locked has a mark in front. */
function isHash(password: string): boolean {
  return fitsIntoTable(password) && /^(?:[!*].*|\$[^$ ]+\$[^ ]+|[./0-9A-Za-z]{13}|_[./0-9A-Za-z]{19})$/.test(password);
}
