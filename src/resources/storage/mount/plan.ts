// SPDX-License-Identifier: Apache-2.0
// From what is mounted, and will be at the next start, to what is declared. Pure.

import type { MountedFileSystem, MountRequest } from "../../../contract/mounts.ts";
import type { Step, StepText } from "../../../contract/resource.ts";
import { type Entry, isBind, type MountWant } from "./fields.ts";
import { renderEntry } from "./fstab.ts";
import type { MountHave } from "./observe.ts";
import { completeOptions } from "./options.ts";

export type MountStep =
  | (Step & { readonly do: "keep-entry"; readonly entry: Entry; readonly before: readonly string[] })
  | (Step & { readonly do: "remove-entry"; readonly place: string; readonly before: readonly string[] })
  | (Step & { readonly do: "unmount"; readonly mounted: MountedFileSystem; readonly isOther: boolean })
  | (Step & { readonly do: "mount"; readonly request: MountRequest })
  | (Step & {
      readonly do: "remount";
      readonly request: MountRequest;
      readonly wrong: readonly string[];
      readonly was: string;
    });

/** The table comes first: whoever starts again meanwhile finds it as declared. */
export function planMount(want: MountWant, have: MountHave): readonly MountStep[] {
  const { entry, lines, lineIsRight, mounted, isWanted } = have;
  const steps: MountStep[] = [];
  if (want.state === "absent") {
    for (const each of mounted) steps.push({ do: "unmount", mounted: each, isOther: false });
    if (lines.length > 0) steps.push({ do: "remove-entry", place: entry.place, before: lines });
    return steps;
  }
  if (!lineIsRight) steps.push({ do: "keep-entry", entry, before: lines });
  const [seen] = mounted;
  if (seen === undefined && entry.options.has("noauto")) return steps;
  if (!isWanted) {
    if (seen !== undefined) steps.push({ do: "unmount", mounted: seen, isOther: true });
    steps.push({ do: "mount", request: requestOf(entry) });
  } else if (have.wrongOptions.length > 0) {
    const request = { ...requestOf(entry), options: completeOptions(entry.options) };
    const was = [...(seen?.options.keys() ?? [])].join(",");
    steps.push({ do: "remount", request, wrong: have.wrongOptions, was });
  }
  return steps;
}

/** What is only there for those who read the table is not for `mount`. */
function requestOf({ device, place, type, options }: Entry): MountRequest {
  const own = [...options].filter(([name]) => !/^(?:noauto|nofail|_netdev|nobootwait|comment|[xX]-.*)$/.test(name));
  return { place, source: device, type: isBind(options) ? "none" : type, options: new Map(own) };
}

export function explainMount(step: MountStep): StepText {
  switch (step.do) {
    case "keep-entry": {
      const after = renderEntry(step.entry);
      const content = { before: step.before.map((line) => `${line}\n`).join(""), after: `${after}\n` };
      if (step.before.length === 0) return { mark: "+", text: "add it to /etc/fstab", content };
      return { mark: "~", text: "change its line in /etc/fstab", content };
    }
    case "remove-entry": {
      const content = { before: step.before.map((line) => `${line}\n`).join(""), after: "" };
      return { mark: "-", text: "remove it from /etc/fstab", content };
    }
    case "unmount": {
      const { source, type } = step.mounted;
      return { mark: "-", text: `unmount ${source} (${type})${step.isOther ? ", which is something else" : ""}` };
    }
    case "mount": {
      const { source, type, options } = step.request;
      return { mark: "+", text: isBind(options) ? `mount the directory ${source}` : `mount ${source} (${type})` };
    }
    case "remount":
      return { mark: "~", text: `set the options ${step.wrong.join(",")} (was ${step.was})` };
  }
}
