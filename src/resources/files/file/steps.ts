// SPDX-License-Identifier: Apache-2.0
// The changes that managing a file can ask for: as data, for people, and done.

import { Failure, type FailureCode } from "../../../contract/failure.ts";
import type { FileAttributes, FileKind, Guard, Host } from "../../../contract/host.ts";
import type { Step, StepText } from "../../../contract/resource.ts";
import { textOf } from "../../../values/bytes.ts";
import { renderMode } from "../mode.ts";
import { parentOf } from "../path.ts";
import { trustedPlace } from "../trusted-place.ts";

interface AtPath extends Step {
  readonly path: string;
  /** Another place than that of the resource: relative to the directory that it is, or where a link leads to; "" for itself. */
  readonly inside: string;
}

/** What is known of a file before a step. */
export interface Before {
  readonly kind: FileKind;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export type FileStep =
  | (AtPath & {
      readonly do: "write";
      readonly bytes: Uint8Array;
      readonly attributes: FileAttributes;
      readonly was: Before | undefined;
      readonly before: Uint8Array | undefined;
    })
  | (AtPath & {
      readonly do: "copy";
      readonly source: string;
      readonly size: number;
      readonly attributes: FileAttributes;
      readonly was: Before | undefined;
    })
  | (AtPath & { readonly do: "create-empty"; readonly attributes: FileAttributes })
  | (AtPath & { readonly do: "make-directory"; readonly attributes: FileAttributes; readonly parents: boolean })
  | (AtPath & { readonly do: "link"; readonly target: string; readonly was: string | undefined })
  | (AtPath & {
      readonly do: "remove";
      readonly kind: FileKind;
      readonly recursive: boolean;
      readonly names: readonly string[];
    })
  | (AtPath & {
      readonly do: "set-owner";
      readonly uid: number | undefined;
      readonly gid: number | undefined;
      readonly text: string;
    })
  | (AtPath & { readonly do: "set-mode"; readonly mode: number; readonly was: number })
  | (AtPath & { readonly do: "set-context"; readonly context: string | undefined; readonly was: string | undefined })
  | (AtPath & { readonly do: "refuse"; readonly message: string; readonly code: FailureCode; readonly hint: string });

/** Content that a person can read as a difference; anything else is told by its size. */
const shownBytes = 16 * 1024;
/** So many names are told of a directory that is removed. */
const toldNames = 10;

export function explainFileStep(step: FileStep): StepText {
  const to = step.inside === "" ? "" : ` to ${step.inside}`;
  const of = step.inside === "" ? "" : ` ${step.inside}`;
  switch (step.do) {
    case "write": {
      const text = `write ${bytesText(step.bytes.length)}${to}${wasText(step.was, step.attributes)}`;
      const content = contentShown(step.before, step.bytes);
      return { mark: step.was === undefined ? "+" : "~", text, ...(content === undefined ? {} : { content }) };
    }
    case "copy": {
      const text = `copy ${bytesText(step.size)} from ${step.source}${to}${wasText(step.was, step.attributes)}`;
      return { mark: step.was === undefined ? "+" : "~", text };
    }
    case "create-empty":
      return { mark: "+", text: `make an empty file${attributesText(step.attributes)}` };
    case "make-directory": {
      const name = step.inside === "" ? "the directory" : `the directory ${step.inside}/`;
      const parents = step.parents ? " and the directories above it" : "";
      return { mark: "+", text: `make ${name}${parents}${attributesText(step.attributes)}` };
    }
    case "link":
      return step.was === undefined
        ? { mark: "+", text: `link${of} to ${step.target}` }
        : { mark: "~", text: `link${of} to ${step.target} (was ${step.was})` };
    case "remove":
      return {
        mark: "-",
        text: `remove ${step.inside === "" ? kindText[step.kind] : step.inside}${namesText(step.names)}`,
      };
    case "set-owner":
      return { mark: "~", text: step.text };
    case "set-mode": {
      const where = step.inside === "" ? "" : ` of ${step.inside}`;
      return { mark: "~", text: `set mode ${renderMode(step.mode)}${where} (was ${renderMode(step.was)})` };
    }
    case "set-context": {
      const was = step.was === undefined ? "" : ` (was ${step.was})`;
      if (step.context === undefined) return { mark: "-", text: `remove the SELinux context${was}` };
      return { mark: "~", text: `set the SELinux context ${step.context}${was}` };
    }
    case "refuse":
      return { mark: "!", text: step.message };
  }
}

export async function applyFileStep(step: FileStep, host: Host, signal: AbortSignal): Promise<void> {
  if (step.do === "refuse") throw new Failure(step.message, { code: step.code, hint: step.hint });
  const { files } = host;
  const { path, guard } = await trustedPlace(step.path, host, signal, "keep");
  switch (step.do) {
    case "write":
      await removeGuardedLink(step, path, guard, host, signal);
      return inParent(path, host, signal, () =>
        files.write(path, step.bytes, { ...step.attributes, ...guard }, signal),
      );
    case "copy": {
      await removeGuardedLink(step, path, guard, host, signal);
      const source = await trustedPlace(step.source, host, signal, "follow");
      return inParent(path, host, signal, () =>
        files.copy(source.path, path, { ...step.attributes, ...guard, sourceGuard: source.guard }, signal),
      );
    }
    case "create-empty":
      // Somebody may have made the file since it was observed to be missing; its content is then not ours to empty.
      if ((await files.inspect(path, signal)) !== undefined) return;
      return inParent(path, host, signal, () =>
        files.write(path, new Uint8Array(), { ...step.attributes, ...guard }, signal),
      );
    case "make-directory":
      return inParent(path, host, signal, async () => {
        try {
          await files.createDirectory(path, { ...step.attributes, ...guard, parents: step.parents }, signal);
        } catch (reason) {
          const appeared = reason instanceof Failure && reason.code === "exists";
          if (!appeared || (await files.inspectTarget(path, signal))?.kind !== "directory") throw reason;
        }
      });
    case "link":
      return inParent(path, host, signal, () => files.link(path, step.target, signal, guard));
    case "remove":
      return remove(path, { recursive: step.recursive, ...guard }, host, signal);
    case "set-owner":
      return files.setOwner(
        path,
        { ...(step.uid === undefined ? {} : { uid: step.uid }), ...(step.gid === undefined ? {} : { gid: step.gid }) },
        signal,
        guard,
      );
    case "set-mode":
      return files.setMode(path, step.mode, signal, guard);
    case "set-context":
      return files.setSecurityContext(path, step.context, signal, guard);
  }
}

/** Where links must not be in the way, one that is to be replaced goes first. */
async function removeGuardedLink(
  step: { readonly was: Before | undefined },
  path: string,
  guard: Guard,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  if (guard.noLinksBelow === undefined || step.was?.kind !== "symlink") return;
  if ((await host.files.inspect(path, signal))?.kind === "symlink") await host.files.remove(path, guard, signal);
}

async function remove(
  path: string,
  options: Guard & { readonly recursive: boolean },
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  try {
    await host.files.remove(path, options, signal);
  } catch (reason) {
    if (!(reason instanceof Failure) || reason.code !== "not-empty") throw reason;
    throw new Failure(`the directory ${path} cannot be removed: it is not empty`, {
      code: reason.code,
      hint: "Set `recurse => true` to remove it with everything in it.",
      cause: reason,
    });
  }
}

/** A parent that is missing is the most frequent mistake, so it is told plainly. */
async function inParent(path: string, host: Host, signal: AbortSignal, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (reason) {
    if (!(reason instanceof Failure) || (reason.code !== "not-found" && reason.code !== "not-a-directory"))
      throw reason;
    const parent = parentOf(path);
    const state = await host.files.inspectTarget(parent, signal);
    if (state?.kind === "directory") throw reason;
    if (state !== undefined) {
      throw new Failure(
        `cannot make ${path}: ${parent} is ${kindText[state.kind].replace("the ", "a ")}, not a directory`,
        {
          code: reason.code,
          hint: "Choose another path, or move away what is there.",
          cause: reason,
        },
      );
    }
    throw new Failure(`cannot make ${path}: the directory ${parent} does not exist`, {
      code: reason.code,
      hint: `Declare file "${parent === "/" ? "/" : `${parent}/`}" with state "exists", or set \`recurse => true\`.`,
      cause: reason,
    });
  }
}

const kindText: Readonly<Record<FileKind, string>> = {
  file: "the file",
  directory: "the directory",
  symlink: "the symbolic link",
  other: "the special file",
};

function bytesText(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

function wasText(was: Before | undefined, wanted: FileAttributes): string {
  if (was?.kind === "file") return ` (was ${was.size})${attributesText(wanted, was)}`;
  return `${was === undefined ? "" : ` in place of ${kindText[was.kind]}`}${attributesText(wanted)}`;
}

/** Those that change; all of them when the file is new. */
function attributesText(wanted: FileAttributes, was?: Before): string {
  const changes = [
    ["mode", wanted.mode, was?.mode, renderMode],
    ["owner", wanted.uid, was?.uid, String],
    ["group", wanted.gid, was?.gid, String],
  ] as const;
  return changes
    .filter(([, after, before]) => after !== undefined && after !== before)
    .map(([name, after, before, render]) => {
      const change = before === undefined ? "" : ` (was ${render(before)})`;
      return `, ${name} ${render(after ?? 0)}${change}`;
    })
    .join("");
}

function namesText(names: readonly string[]): string {
  if (names.length === 0) return "";
  const told = names.slice(0, toldNames).join(", ");
  const more = names.length > toldNames ? ` and ${names.length - toldNames} more` : "";
  return ` and what is in it: ${told}${more}`;
}

function contentShown(before: Uint8Array | undefined, after: Uint8Array): StepText["content"] {
  if (after.length > shownBytes || !isText(after)) return undefined;
  if (before !== undefined && !isText(before)) return undefined;
  return { before: before === undefined ? "" : textOf(before), after: textOf(after) };
}

/** Valid UTF-8 without control characters other than line ends and tabs. */
function isText(bytes: Uint8Array): boolean {
  if (bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) return false;
  return !/[\uDC80-\uDCFF]/.test(textOf(bytes).replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, ""));
}
