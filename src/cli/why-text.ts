// SPDX-License-Identifier: Apache-2.0
// Why a resource is as it is, or is not, in sentences for a system administrator.

import type { FailedResource, Why } from "../agent/record/facts.ts";
import type { Clock } from "../contract/host.ts";
import type { KeptFailure, Written } from "../journal/entry.ts";
import { causeText, entryText } from "./entry-text.ts";
import { durationText, timeText } from "./times.ts";

type Applied = Extract<Written, { readonly type: "applied" }>;

const mostBefore = 5;

/** `not`: what stands in its way comes first, and what was done to it is left out. */
export function whyText(why: Why, not: boolean, clock: Pick<Clock, "offsetMinutes">): string {
  const at = (timeMs: number): string => timeText(timeMs, why.nowMs, clock);
  const lines = why.isRunning ? [] : ["mgmt does not run now. This is what it has left in its journal:"];
  lines.push(...stateLines(why, not, at));
  if (not) return lines.join("\n");
  const last = lastSteps(why.entries);
  if (last.length > 0) lines.push(...stepLines(last, why.chain, at));
  const before = why.entries.filter((entry) => !last.includes(entry as Applied) && entry.type !== "settled");
  if (before.length > 0) {
    lines.push("Before that:");
    lines.push(...before.slice(-mostBefore).map((entry) => `  ${at(entry.timeMs)} ${entryText(entry)}`));
  }
  return lines.join("\n");
}

function stateLines(why: Why, not: boolean, at: (timeMs: number) => string): readonly string[] {
  const { resource, state, at: place, nowMs } = why;
  const declared = place === undefined ? [] : [`  It is declared at ${place}.`];
  const since = why.sinceMs === undefined ? "" : ` since ${at(why.sinceMs)}`;
  switch (state) {
    case "settled": {
      if (why.noop === true && (why.wouldApply ?? []).length > 0) return [...noopLines(why), ...declared];
      const touched = lastSteps(why.entries).length > 0;
      const found = touched ? "" : ": it was found so and nothing had to be done";
      const looked =
        why.observedMs === undefined
          ? []
          : [`  Last looked at ${at(why.observedMs)}, ${durationText(nowMs - why.observedMs)} ago.`];
      const head = not ? `Nothing stands in the way: ${resource} is as declared` : `${resource} is as declared`;
      return [`${head}${since}${found}.`, ...declared, ...looked];
    }
    case "failed":
      return [
        `${resource} is not as declared, because it has failed:`,
        ...failureLines(why, why.failure, at),
        ...declared,
      ];
    case "blocked":
      return [
        `${resource} is not looked after, because ${why.blockedBy ?? "a resource"} before it has failed:`,
        ...blockerLines(why.blocker, at),
        ...declared,
      ];
    case "removed":
      return [
        `${resource} is not in the program${since === "" ? "" : ` any more,${since}`}.`,
        ...(place === undefined
          ? []
          : [
              `  It was declared at ${place}. If it still stands there, the condition or the list around it is another one now.`,
            ]),
      ];
    case "unknown":
      return unknownLines(why);
    case "waiting": {
      const waits = (why.waitsFor ?? []).map((each) => `  ${each.resource}, which is ${stateWord(each.state)}`);
      if (waits.length === 0) return [`${resource} is about to be looked at.`, ...declared];
      return [`${resource} is not looked at yet, because it waits for:`, ...waits, ...declared];
    }
    default:
      return [`${resource} is ${stateWord(state)} just now.`, ...declared];
  }
}

function noopLines({ resource, wouldApply = [] }: Why): readonly string[] {
  const steps = wouldApply.map(({ mark, text }) => `  ${mark} ${text}`);
  return [`${resource} is not as declared, because noop lets nothing be changed. It would:`, ...steps];
}

function unknownLines({ resource, alike = [] }: Why): readonly string[] {
  const [first] = alike;
  return [
    `Nothing is known of ${resource}: the program has never declared it.`,
    ...(first === undefined ? [] : [`  hint: did you mean ${alike.join(", ")}?`]),
  ];
}

function failureLines(
  { nowMs, retryAtMs, isRunning }: Pick<Why, "nowMs" | "retryAtMs" | "isRunning">,
  failure: KeptFailure | undefined,
  at: (timeMs: number) => string,
): readonly string[] {
  if (failure === undefined) return [];
  const { message, hint } = failure;
  const again =
    retryAtMs === undefined
      ? "  It is tried again when something happens that it depends on."
      : `  It is tried again at ${at(retryAtMs)}${retryAtMs > nowMs ? `, in ${durationText(retryAtMs - nowMs)}` : ""}.`;
  return [`  ${message}`, ...(hint === undefined ? [] : [`  hint: ${hint}`]), ...(isRunning ? [again] : [])];
}

function blockerLines(blocker: FailedResource | undefined, at: (timeMs: number) => string): readonly string[] {
  if (blocker === undefined) return [];
  const { resource, at: place, failure, retryAtMs } = blocker;
  const where = place === undefined ? "" : ` (${place})`;
  const retry = retryAtMs === undefined ? [] : [`  It is tried again at ${at(retryAtMs)}.`];
  const hint = failure.hint === undefined ? [] : [`  hint: ${failure.hint}`];
  return [`  ${resource}${where}: ${failure.message}`, ...hint, ...retry];
}

function stateWord(state: string): string {
  switch (state) {
    case "settled":
      return "as declared";
    case "watching":
    case "observing":
      return "being looked at";
    case "applying":
      return "being changed";
    case "pausing":
    case "paused":
      return "held, because the program changes";
    case "failed":
      return "failed";
    case "waiting":
    case "blocked":
      return "waiting itself";
    default:
      return "ending";
  }
}

// ---- Steps ----

/** Those of its last run that changed something, in order. */
function lastSteps(entries: readonly Written[]): readonly Applied[] {
  const steps: Applied[] = [];
  for (const entry of entries.toReversed()) {
    if (entry.type === "applied") steps.unshift(entry);
    else if (steps.length > 0) break;
  }
  const cause = JSON.stringify(steps.at(-1)?.cause);
  const first = steps.findLastIndex((step) => JSON.stringify(step.cause) !== cause);
  return steps.slice(first + 1);
}

function stepLines(
  steps: readonly Applied[],
  chain: readonly Written[],
  at: (timeMs: number) => string,
): readonly string[] {
  const lines: string[] = [];
  const last = steps.at(-1);
  if (last === undefined) return lines;
  lines.push(`What made it so, at ${at(last.timeMs)}:`);
  for (const { step } of steps) lines.push(`  ${step.mark} ${step.text}`);
  lines.push(`  because ${causeText(last.cause)}`);
  for (const entry of chain) {
    if (entry.type !== "applied") continue;
    lines.push(
      `  ${entry.resource} (${entry.at}) had done so at ${at(entry.timeMs)}: ${entry.step.mark} ${entry.step.text}`,
    );
    lines.push(`  because ${causeText(entry.cause)}`);
  }
  return lines;
}
