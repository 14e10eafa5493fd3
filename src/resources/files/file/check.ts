// SPDX-License-Identifier: Apache-2.0
// Mistakes in what a program wants of a file that its types cannot tell.

import type { WantProblem } from "../../../contract/resource.ts";
import { parseMode } from "../mode.ts";
import { cleanPath, isAbsolute, isBelow, isDirectoryPath } from "../path.ts";
import { type FileWant, type Target, targetOf } from "./fields.ts";
import { namesContent } from "./validate.ts";
import { accountProblems } from "../../accounts/account-fields.ts";
import { argumentProblems } from "../../commands/possible-argument.ts";
import { pathProblems } from "../possible-path.ts";

export function checkFile(want: FileWant): readonly WantProblem[] {
  const target = targetOf(want);
  return [
    ...checkPlace(want, target),
    ...checkContent(want, target),
    ...checkSource(want, target),
    ...checkFragments(want, target),
    ...checkSymlink(want),
    ...checkAttributes(want),
    ...checkNames(want, target),
    ...checkValidate(want, target),
  ];
}

function checkPlace(want: FileWant, target: Target): WantProblem[] {
  const found: WantProblem[] = [];
  if (want.dirname !== "" && !isDirectoryPath(want.dirname)) {
    found.push({
      field: "dirname",
      title: `\`dirname\` must end with a slash, "${want.dirname}" does not`,
      hint: `Write "${want.dirname}/".`,
    });
  }
  if (want.basename.startsWith("/")) {
    found.push({
      field: "basename",
      title: "`basename` must not begin with a slash",
      hint: "The directory is said with `dirname`.",
    });
  }
  if (!isAbsolute(target.written)) {
    found.push({
      field: want.dirname === "" ? "path" : "dirname",
      title: `the path "${target.written}" is not absolute`,
      hint: "Begin the name of the resource, or its `path`, with a slash.",
    });
  }
  if (want.state === "absent" && target.path === "/") {
    found.push({ field: "state", title: "the root directory cannot be removed" });
  }
  return found;
}

function checkContent(want: FileWant, target: Target): WantProblem[] {
  const found: WantProblem[] = [];
  const given = [
    ...(want.content === undefined ? [] : ["content"]),
    ...(want.source === "" ? [] : ["source"]),
    ...(want.fragments.length === 0 ? [] : ["fragments"]),
  ];
  if (given.length > 1) {
    found.push({
      field: given[1] ?? "content",
      title: `only one of \`content\`, \`source\` and \`fragments\` can decide the content, not ${listOf(given)}`,
      hint: "`content` is a text, `source` a file that is copied, `fragments` are files that make up one.",
    });
  }
  if (want.state === "absent") {
    for (const name of [...given, ...(want.selinux === undefined ? [] : ["selinux"])]) {
      found.push({ field: name, title: `a file that must be absent cannot have \`${name}\`` });
    }
  }
  if (target.directory) {
    const excluded = [
      ...(want.content === undefined ? [] : ["content"]),
      ...(want.fragments.length === 0 ? [] : ["fragments"]),
      ...(want.symlink ? ["symlink"] : []),
    ];
    for (const name of excluded) {
      found.push({
        field: name,
        title: `"${target.written}" is a directory, which cannot have \`${name}\``,
        hint: "Leave out the slash at its end when it is not meant to be a directory.",
      });
    }
  }
  if (want.purge && !want.recurse) {
    found.push({ field: "purge", title: "`purge` needs `recurse => true`" });
  }
  if (want.purge && (want.content !== undefined || want.fragments.length > 0)) {
    found.push({ field: "purge", title: "`purge` is for directories, it cannot go with `content` or `fragments`" });
  }
  return found;
}

function checkSource(want: FileWant, target: Target): WantProblem[] {
  if (want.source === "" || want.symlink) return [];
  const found: WantProblem[] = [];
  const directory = isDirectoryPath(want.source);
  if (!isAbsolute(want.source)) {
    found.push({
      field: "source",
      title: `the source "${want.source}" is not an absolute path`,
      hint: "Only the text of a link may be relative, with `symlink => true`.",
    });
  }
  if (directory !== target.directory) {
    found.push({
      field: "source",
      title: `the ${directory ? "directory" : "file"} "${want.source}" cannot be copied to the ${
        target.directory ? "directory" : "file"
      } "${target.written}"`,
      hint: "Both paths must end with a slash, or neither.",
    });
  }
  if (directory && !want.recurse) {
    found.push({ field: "source", title: "copying a directory needs `recurse => true`" });
  }
  if (!directory && want.recurse) {
    found.push({
      field: "recurse",
      title: "`recurse` is for directories, but the source is a single file",
      hint: "A directory to copy ends with a slash, and so does its copy.",
    });
  }
  if (directory && (isBelow(target.path, cleanPath(want.source)) || target.path === cleanPath(want.source))) {
    found.push({ field: "source", title: "a directory cannot be copied into itself" });
  }
  if (want.purge && isBelow(cleanPath(want.source), target.path)) {
    found.push({ field: "purge", title: `\`purge\` would remove the source "${want.source}" itself` });
  }
  return found;
}

function checkFragments(want: FileWant, target: Target): WantProblem[] {
  const found: WantProblem[] = [];
  for (const fragment of want.fragments) {
    if (!isAbsolute(fragment)) {
      found.push({
        field: "fragments",
        title: `the fragment "${fragment}" is not an absolute path`,
        hint: 'Write it like "/etc/app.d/10-head", or "/etc/app.d/".',
      });
    } else if (cleanPath(fragment) === target.path) {
      found.push({ field: "fragments", title: `"${target.written}" cannot be a fragment of itself` });
    } else if (isDirectoryPath(fragment) && isBelow(target.path, cleanPath(fragment))) {
      found.push({
        field: "fragments",
        title: `"${target.written}" lies in the directory "${fragment}" of its own fragments`,
      });
    }
  }
  return found;
}

function checkSymlink(want: FileWant): WantProblem[] {
  if (!want.symlink) return [];
  const found: WantProblem[] = [];
  if (want.state === "exists" && want.source === "") {
    found.push({
      field: "symlink",
      title: "a symbolic link needs `source`, the path that it leads to",
      hint: 'Write it like `source => "/usr/lib/app-1.4"`.',
    });
  }
  const excluded = [
    ...(want.content === undefined ? [] : ["content"]),
    ...(want.fragments.length === 0 ? [] : ["fragments"]),
    ...(want.recurse ? ["recurse"] : []),
    ...(want.purge ? ["purge"] : []),
  ];
  for (const name of excluded) {
    found.push({ field: name, title: `a symbolic link cannot have \`${name}\`` });
  }
  return found;
}

function checkAttributes(want: FileWant): WantProblem[] {
  const found: WantProblem[] = [];
  if (want.mode !== "") {
    const mode = parseMode(want.mode);
    if ("wrong" in mode) {
      found.push({ field: "mode", title: mode.wrong, hint: 'Write it like "0644", or like "u+x,go-w".' });
    }
  }
  if (want.selinux !== undefined && !isContext(want.selinux)) {
    found.push({
      field: "selinux",
      title: `"${want.selinux}" is no SELinux context`,
      hint: 'A user, a role, a type and often a level: "system_u:object_r:etc_t:s0".',
    });
  }
  return found;
}

function checkNames(want: FileWant, target: Target): WantProblem[] {
  const { source, fragments, owner, group, validate } = want;
  const place = want.basename !== "" ? "basename" : want.dirname !== "" ? "dirname" : "path";
  return [
    ...pathProblems({ [place]: target.written, source, fragments }),
    ...accountProblems({ owner, group }),
    ...argumentProblems({ validate }),
  ];
}

function checkValidate(want: FileWant, target: Target): WantProblem[] {
  if (want.validate.length === 0) return [];
  const found: WantProblem[] = [];
  if (target.directory || want.symlink || want.state === "absent") {
    found.push({ field: "validate", title: "`validate` is for a file with content" });
  }
  if (want.validate[0] === "")
    found.push({
      field: "validate",
      title: "`validate` has no program",
      hint: 'Write it like ["/usr/sbin/visudo", "-c", "-f", "%"].',
    });
  if (!namesContent(want.validate)) {
    found.push({
      field: "validate",
      title: "no argument of `validate` is the new content",
      hint: 'Write "%" where the path of the file belongs: ["/usr/sbin/sshd", "-t", "-f", "%"].',
    });
  }
  return found;
}

function isContext(text: string): boolean {
  return text === "" || /^[^:\s\0]+:[^:\s\0]+:[^:\s\0]+(?::[^\s\0]+)?$/.test(text);
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(" and ");
}
