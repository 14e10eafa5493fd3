// SPDX-License-Identifier: Apache-2.0
// From what is wanted of a file and what is there to the changes, in order. Pure: decides everything, does nothing.

import type { FileAttributes, FileKind, FileState } from "../../../contract/host.ts";
import { parseMode } from "../mode.ts";
import { joinPath, parentOf } from "../path.ts";
import { type FileWant, originOf, type Target, targetOf } from "./fields.ts";
import type { ContentHave, FileHave, Principal, TreeDifference } from "./have.ts";
import { type Form, formOf } from "./observe.ts";
import type { Before, FileStep } from "./steps.ts";

export function planFile(want: FileWant, have: FileHave): readonly FileStep[] {
  const target = targetOf(want);
  const refusal = refuseFirst(want, have, target);
  if (refusal !== undefined) return [refusal];
  if (want.state === "absent")
    return have.at === undefined ? [] : [removal(have, want.recurse || (want.symlink && want.force))];
  if (want.symlink) return planSymlink(want, have);
  const form = formOf(want, target, originOf(want));
  const steps = form === "directory" ? planDirectory(want, have) : planRegular(want, have, form);
  return [...steps, ...contextSteps(want, have, steps)];
}

// ---- What cannot be done ----

/** What stands in the way of the whole plan: then nothing of it is done. */
function refuseFirst(want: FileWant, have: FileHave, target: Target): FileStep | undefined {
  for (const [principal, sort] of [
    [have.owner, "user"],
    [have.group, "group"],
  ] as const) {
    if (principal !== undefined && principal.id === undefined) {
      return refuse(
        have,
        `there is no ${sort} named ${principal.name}`,
        "not-found",
        `Declare ${sort} "${principal.name}" before it.`,
      );
    }
  }
  const unavailable = have.content?.kind === "unavailable" ? have.content.reason : have.tree?.unavailable;
  if (unavailable !== undefined) return refuse(have, unavailable, "not-found", "Make it first, or correct the path.");
  const clash = refuseClash(want, have, target);
  if (clash !== undefined) return clash;
  const form = formOf(want, target, originOf(want));
  const asksForMore = form === "file" || want.owner !== "" || want.group !== "" || want.mode !== "";
  if (want.state === "" && have.at === undefined && have.tree === undefined && asksForMore && !want.symlink) {
    return refuse(
      have,
      `${target.written} does not exist, and \`state\` does not say that it should`,
      "not-found",
      "Add `state => $const.res.file.state.exists` to have it made.",
    );
  }
  return undefined;
}

/** Something of another sort is in the place, or in a place inside. */
function refuseClash(want: FileWant, have: FileHave, target: Target): FileStep | undefined {
  const wanted = formInTheWay(want, have, formOf(want, target, originOf(want)));
  if (have.at !== undefined && wanted !== undefined) {
    const refusal = clashWith(have.path, "", have.at.kind, wanted, want.force, have.linkText);
    if (refusal !== undefined) return refusal;
  }
  for (const difference of have.tree?.missing ?? []) {
    if (difference.was === undefined || difference.was.kind === difference.kind) continue;
    const path = joinPath(have.path, difference.relative);
    const refusal = clashWith(path, difference.relative, difference.was.kind, difference.kind, want.force);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** What should be at the place when it is not what is there. */
function formInTheWay(want: FileWant, have: FileHave, form: Form): FileKind | undefined {
  if (have.at === undefined || have.at.kind === form) return undefined;
  const { kind } = have.at;
  if (want.state === "absent") {
    // A link that leads to a directory goes as it is, and a path without a slash may be anything.
    return form === "any" || (form === "directory" && kind === "symlink") ? undefined : form;
  }
  if (form === "symlink") return want.state === "exists" ? "symlink" : undefined;
  if (form !== "any") return form;
  // Links that lead somewhere have been followed, so this one leads nowhere.
  const asksForMore = want.state === "exists" || want.owner !== "" || want.group !== "" || want.mode !== "";
  return kind === "symlink" && asksForMore ? "file" : undefined;
}

function clashWith(
  path: string,
  inside: string,
  kind: FileKind,
  wanted: FileKind,
  force: boolean,
  linkText?: string,
): FileStep | undefined {
  if (force && kind !== "other") return undefined;
  return {
    do: "refuse",
    path,
    inside,
    message: `${path} is ${kindWords[kind]}${linkText === undefined ? "" : ` to ${linkText}`}, not ${kindWords[wanted]}`,
    code: "conflict",
    hint: kind === "other" ? "Remove it by hand if it is not needed." : "Set `force => true` to have it replaced.",
  };
}

const kindWords: Readonly<Record<FileKind, string>> = {
  file: "a file",
  directory: "a directory",
  symlink: "a symbolic link",
  other: "a device, pipe or socket",
};

function refuse(have: FileHave, message: string, code: "not-found", hint: string): FileStep {
  return { do: "refuse", path: have.path, inside: "", message, code, hint };
}

// ---- A file ----

function planRegular(want: FileWant, have: FileHave, form: Form): readonly FileStep[] {
  const { path, at, content } = have;
  const here = { path, inside: "" };
  if (at === undefined && want.state !== "exists") return [];
  // A directory in the way goes first; a file or link is replaced in one move by what is written.
  const inTheWay = form === "file" && at?.kind === "directory" ? [removal(have, true)] : [];
  const was = inTheWay.length > 0 ? undefined : at;
  const steps = [...inTheWay, ...parentSteps(have)];
  if (content === undefined) {
    if (at === undefined)
      return [...steps, { do: "create-empty", ...here, attributes: newAttributes(want, have, 0o666) }];
    if (at.kind !== "symlink") return attributeSteps(want, have, path, at);
    const attributes = newAttributes(want, have, 0o666);
    return [{ do: "write", ...here, bytes: new Uint8Array(), attributes, was: beforeOf(at), before: undefined }];
  }
  if (content.kind === "same" || content.kind === "unavailable") {
    return at === undefined ? [] : attributeSteps(want, have, path, at);
  }
  const attributes = writtenAttributes(want, have, was?.kind === "file" ? was : undefined, content);
  const before = was === undefined ? undefined : beforeOf(was);
  return content.kind === "copy"
    ? [...steps, { do: "copy", ...here, source: content.source, size: content.size, attributes, was: before }]
    : [...steps, { do: "write", ...here, bytes: content.bytes, attributes, was: before, before: content.before }];
}

/** The directory above, where `recurse` lets a file have it made. */
function parentSteps(have: FileHave): readonly FileStep[] {
  if (!have.parentMissing) return [];
  const parent = parentOf(have.path);
  return [{ do: "make-directory", path: parent, inside: parent, attributes: {}, parents: true }];
}

// ---- A directory ----

function planDirectory(want: FileWant, have: FileHave): readonly FileStep[] {
  const { path, at, tree } = have;
  const steps: FileStep[] = [];
  if (at !== undefined && at.kind !== "directory") steps.push(removal(have, false));
  if (at?.kind === "directory") {
    steps.push(...attributeSteps(want, have, path, at));
  } else if (want.state === "exists" || (tree !== undefined && want.source !== "") || at !== undefined) {
    const attributes = newAttributes(want, have, 0o777);
    steps.push({ do: "make-directory", path, inside: "", attributes, parents: have.parentMissing });
  }
  for (const { relative, kind } of tree?.unmanaged ?? []) {
    steps.push({ do: "remove", path: joinPath(path, relative), inside: relative, kind, recursive: false, names: [] });
  }
  for (const difference of tree?.missing ?? []) steps.push(...copySteps(path, difference));
  return steps;
}

function copySteps(directory: string, difference: TreeDifference): readonly FileStep[] {
  const { relative, kind, was, mode } = difference;
  const here = { path: joinPath(directory, relative), inside: relative };
  const clash = was !== undefined && was.kind !== kind;
  const steps: FileStep[] = [];
  if (clash && (was.kind === "directory" || kind === "directory")) {
    const recursive = was.kind === "directory";
    steps.push({ do: "remove", ...here, kind: was.kind, recursive, names: difference.wasInside });
  }
  const before = was === undefined || was.kind === "directory" ? undefined : beforeOf(was);
  switch (kind) {
    case "directory":
      steps.push({ do: "make-directory", ...here, attributes: { mode }, parents: false });
      break;
    case "file":
      steps.push({
        do: "copy",
        ...here,
        source: difference.source,
        size: difference.size,
        attributes: { mode },
        was: before,
      });
      break;
    case "symlink":
      steps.push({ do: "link", ...here, target: difference.linkText, was: before && wasLink(before) });
      break;
  }
  return steps;
}

function wasLink(before: Before): string {
  return before.kind === "symlink" ? "another path" : kindWords[before.kind];
}

// ---- A symbolic link ----

function planSymlink(want: FileWant, have: FileHave): readonly FileStep[] {
  const { path, at, linked } = have;
  const here = { path, inside: "" };
  if (want.state !== "exists") return [];
  const steps: FileStep[] = [];
  if (at?.kind === "directory") steps.push(removal(have, true));
  if (have.linkText !== want.source) {
    const was = at === undefined || at.kind === "directory" ? undefined : (have.linkText ?? kindWords[at.kind]);
    steps.push({ do: "link", ...here, target: want.source, was });
  }
  // A link that is made anew belongs to whoever makes it, so its owner is set whenever one is wanted.
  steps.push(...ownerSteps(have, path, steps.length === 0 ? at : undefined));
  if (linked !== undefined) {
    const onEnd = modeSteps(want, linked.path, linked.at, false);
    steps.push(...onEnd.map((step) => ({ ...step, inside: linked.path })));
  }
  return [...steps, ...contextSteps(want, have, steps)];
}

// ---- Owner, group and mode ----

function attributeSteps(want: FileWant, have: FileHave, path: string, at: FileState): readonly FileStep[] {
  const owner = ownerSteps(have, path, at);
  // The kernel takes the set-id bits away when the owner changes, so they are set again.
  return [...owner, ...modeSteps(want, path, at, owner.length > 0)];
}

function ownerSteps(have: FileHave, path: string, at: FileState | undefined): readonly FileStep[] {
  const owner = have.owner?.id === at?.uid ? undefined : have.owner;
  const group = have.group?.id === at?.gid ? undefined : have.group;
  if (owner === undefined && group === undefined) return [];
  const parts = [
    ...(owner === undefined ? [] : [`owner ${principalText(owner, at?.uid)}`]),
    ...(group === undefined ? [] : [`group ${principalText(group, at?.gid)}`]),
  ];
  return [{ do: "set-owner", path, inside: "", uid: owner?.id, gid: group?.id, text: `set ${parts.join(" and ")}` }];
}

function principalText(principal: Principal, was: number | undefined): string {
  const number = principal.name === String(principal.id) ? "" : `${principal.id}`;
  const facts = [...(number === "" ? [] : [number]), ...(was === undefined ? [] : [`was ${was}`])];
  return facts.length === 0 ? principal.name : `${principal.name} (${facts.join(", ")})`;
}

function modeSteps(want: FileWant, path: string, at: FileState, ownerChanges: boolean): readonly FileStep[] {
  const mode = modeFrom(want, at.mode);
  if (mode === undefined || (mode === at.mode && !(ownerChanges && (mode & 0o6000) !== 0))) return [];
  return [{ do: "set-mode", path, inside: "", mode, was: at.mode }];
}

/** What is made or written anew has the context that the system gives it, whichever that is. */
function contextSteps(want: FileWant, have: FileHave, before: readonly FileStep[]): readonly FileStep[] {
  const { path, at } = have;
  if (want.selinux === undefined) return [];
  const isNew = before.some((step) => step.path === path && makesAnew.has(step.do));
  if (at === undefined && !isNew) return [];
  const context = want.selinux === "" ? undefined : want.selinux;
  if (!isNew && have.context === context) return [];
  if (isNew && context === undefined && have.context === undefined) return [];
  return [{ do: "set-context", path, inside: "", context, was: have.context }];
}

const makesAnew: ReadonlySet<string> = new Set(["write", "copy", "create-empty", "make-directory", "link"]);

/** Of something new: a symbolic mode is relative to what the umask leaves of the usual mode. */
function newAttributes(want: FileWant, have: FileHave, usual: number): FileAttributes {
  return attributesWith(have, modeFrom(want, usual & ~have.umask));
}

/** Of a file that is written: what is not wanted is kept, or comes from the source. */
function writtenAttributes(
  want: FileWant,
  have: FileHave,
  at: FileState | undefined,
  content: ContentHave,
): FileAttributes {
  const given = content.kind === "copy" ? content.mode : (at?.mode ?? 0o666 & ~have.umask);
  const mode = modeFrom(want, given);
  return attributesWith(have, mode ?? (content.kind === "copy" ? content.mode : undefined));
}

function attributesWith(have: FileHave, mode: number | undefined): FileAttributes {
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(have.owner?.id === undefined ? {} : { uid: have.owner.id }),
    ...(have.group?.id === undefined ? {} : { gid: have.group.id }),
  };
}

function modeFrom(want: FileWant, current: number): number | undefined {
  if (want.mode === "") return undefined;
  const wish = parseMode(want.mode);
  // A wrong mode never gets here: the check refuses it.
  return "wrong" in wish ? undefined : wish.from(current);
}

function removal(have: FileHave, recursive: boolean): FileStep {
  const kind = have.at?.kind ?? "file";
  const whole = recursive && kind === "directory";
  return { do: "remove", path: have.path, inside: "", kind, recursive: whole, names: whole ? have.inside : [] };
}

function beforeOf(at: FileState): Before {
  return { kind: at.kind, size: at.size, mode: at.mode, uid: at.uid, gid: at.gid };
}
