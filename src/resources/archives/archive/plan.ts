// SPDX-License-Identifier: Apache-2.0
// From what an archive has and what is on the disk to the changes, in order. Pure.

import type { FailureCode } from "../../../contract/failure.ts";
import type { FileKind, Guard } from "../../../contract/host.ts";
import type { Step, StepText } from "../../../contract/resource.ts";
import { joinPath } from "../../files/path.ts";
import { renderMode } from "../../files/mode.ts";
import { countText } from "../output.ts";
import type { Content } from "./contents.ts";
import type { ArchiveWant } from "./fields.ts";
import type { ArchiveHave, Entry, Source } from "./observe.ts";

interface AtPath extends Step {
  readonly path: string;
  readonly guard: Guard;
  /** The path in the directory, for people. */
  readonly inside: string;
}

/** What is made anew, and how. */
export interface Made {
  readonly content: Content;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

export type ArchiveStep =
  | (AtPath & { readonly do: "remove"; readonly kind: FileKind })
  | (Step & {
      readonly do: "extract";
      readonly path: string;
      readonly guard: Guard;
      readonly source: Source;
      readonly made: readonly Made[];
      readonly first: boolean;
    })
  | (AtPath & {
      readonly do: "set-owner";
      readonly uid: number | undefined;
      readonly gid: number | undefined;
      readonly was: string;
    })
  | (AtPath & { readonly do: "set-mode"; readonly mode: number; readonly was: number })
  | (Step & { readonly do: "refuse"; readonly reason: string; readonly code: FailureCode; readonly hint?: string });

const toldNames = 5;

export function planArchive(want: ArchiveWant, have: ArchiveHave): readonly ArchiveStep[] {
  if (have.kind === "unavailable") return [{ do: "refuse", reason: have.reason, code: have.code }];
  const { path, guard, at, source, entries } = have;
  const clashes = clashesOf(have);
  const [clash] = clashes.filter(({ kind }) => !want.force || kind === "other");
  if (clash !== undefined) {
    return [
      {
        do: "refuse",
        reason: `${clash.path} is in the way: the archive has something of another sort there`,
        code: "conflict",
        hint: clash.kind === "other" ? "Remove it by hand." : "Set `force => true` to have it replaced.",
      },
    ];
  }
  const wrong = entries.filter((entry) => !entry.same);
  if (wrong.length > 0 && source === undefined) {
    const what = countText(wrong.length, "entry has", "entries have");
    const reason = `${what} to be extracted again, and the archive ${want.source} does not exist`;
    return [{ do: "refuse", reason, code: "not-found" }];
  }
  // The guard of the directory is none for what is in its place.
  const steps: ArchiveStep[] = clashes.map((found) => ({
    do: "remove",
    guard: found.inside === "" && guard.noLinksBelow === path ? {} : guard,
    ...found,
  }));
  const made = wrong.map((entry) => madeFrom(entry, want));
  if (source !== undefined && (made.length > 0 || at?.kind !== "directory")) {
    steps.push({ do: "extract", path, guard, source, made, first: at?.kind !== "directory" });
  }
  for (const entry of entries) if (entry.same) steps.push(...attributeSteps(entry, want, have));
  return steps;
}

type Clash = { readonly path: string; readonly inside: string; readonly kind: FileKind };

function clashesOf({ path, at, entries }: ArchiveHave & { readonly kind: "found" }): readonly Clash[] {
  if (at !== undefined && at.kind !== "directory") return [{ path, inside: "", kind: at.kind }];
  return entries
    .filter((entry) => entry.at !== undefined && entry.at.kind !== entry.content.kind)
    .map((entry) => ({
      path: joinPath(path, entry.content.path),
      inside: entry.content.path,
      kind: entry.at?.kind ?? "other",
    }));
}

function madeFrom({ content, uid, gid }: Entry, want: ArchiveWant): Made {
  return { content, mode: modeOf(content, want), uid, gid };
}

/** Set-id bits are only for those who are meant by them. */
function modeOf(content: Content, want: ArchiveWant): number | undefined {
  return content.mode === undefined ? undefined : content.mode & (want.same_owner ? 0o7777 : 0o777);
}

function attributeSteps(
  entry: Entry,
  want: ArchiveWant,
  have: ArchiveHave & { readonly kind: "found" },
): ArchiveStep[] {
  const { content, at } = entry;
  if (at === undefined) return [];
  const here = { path: joinPath(have.path, content.path), inside: content.path, guard: have.guard };
  const uid = entry.uid === at.uid ? undefined : entry.uid;
  const gid = entry.gid === at.gid ? undefined : entry.gid;
  const steps: ArchiveStep[] = [];
  if (uid !== undefined || gid !== undefined) {
    steps.push({ do: "set-owner", ...here, uid, gid, was: `${at.uid}:${at.gid}` });
  }
  const mode = modeOf(content, want);
  if (mode === undefined || content.kind === "symlink") return steps;
  const lost = steps.length > 0 && (mode & 0o6000) !== 0; // The kernel takes them away with the owner.
  if (at.mode !== mode || lost) {
    steps.push({ do: "set-mode", ...here, mode, was: at.mode });
  }
  return steps;
}

export function explainArchiveStep(step: ArchiveStep): StepText {
  switch (step.do) {
    case "remove":
      return { mark: "-", text: `remove the ${kindText[step.kind]} ${step.inside === "" ? step.path : step.inside}` };
    case "extract": {
      const told = step.made.slice(0, toldNames).map(({ content }) => content.path);
      const more = step.made.length > toldNames ? ` and ${step.made.length - toldNames} more` : "";
      const names = told.length === 0 ? "" : `: ${told.join(", ")}${more}`;
      return {
        mark: step.first ? "+" : "~",
        text: `extract ${countText(step.made.length, "entry", "entries")}${names}`,
      };
    }
    case "set-owner": {
      const owner = `${step.uid ?? ""}:${step.gid ?? ""}`;
      return { mark: "~", text: `set owner ${owner} of ${step.inside} (was ${step.was})` };
    }
    case "set-mode":
      return { mark: "~", text: `set mode ${renderMode(step.mode)} of ${step.inside} (was ${renderMode(step.was)})` };
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}

const kindText: Readonly<Record<FileKind, string>> = {
  file: "file",
  directory: "directory",
  symlink: "symbolic link",
  other: "special file",
};
