// SPDX-License-Identifier: Apache-2.0
// `mgmt status`

import { askStatus } from "../agent/record/ask.ts";
import type { Status, StoreFacts } from "../agent/record/facts.ts";
import { howToComeBack } from "../agent/removal.ts";
import type { Clock } from "../contract/host.ts";
import { nobodyThere, whomToAsk } from "./asking.ts";
import type { Execute } from "./command.ts";
import { endingText, entryText } from "./entry-text.ts";
import { exitStatus } from "./exit-status.ts";
import { paintLines } from "./paint.ts";
import { durationText, timeText } from "./times.ts";

export const execute: Execute = async (invocation) => {
  const { options, terminal } = invocation;
  const { host, prefix } = await whomToAsk(invocation);
  const status = await askStatus(prefix, host);
  if (status === undefined) return nobodyThere(prefix, invocation);
  if (options.json === true) terminal.stdout(`${JSON.stringify({ version: 1, ...status })}\n`);
  else terminal.stdout(paintLines(`${statusLines(status, host.clock).join("\n")}\n`, terminal.colour.stdout));
  return status.isRunning ? exitStatus.good : exitStatus.wrong;
};

const mostShown = 20;

function statusLines(status: Status, clock: Pick<Clock, "offsetMinutes">): readonly string[] {
  const { nowMs, failed, blocked, lastChange } = status;
  const at = (timeMs: number): string => timeText(timeMs, nowMs, clock);
  const lines = [...headLines(status, at)];
  if (status.store !== undefined) lines.push(...storeLines(status.store, status.hostname, at));
  const counts = Object.entries(status.states).map(([state, count]) => `${count} ${wordOf(state)}`);
  lines.push(`Resources: ${counts.length === 0 ? "none yet" : counts.join(", ")}.`);
  for (const { resource, at: place, failure, retryAtMs } of failed.slice(0, mostShown)) {
    lines.push(`  ${resource} has failed: ${failure.message}`);
    if (place !== undefined) lines.push(`    at ${place}`);
    if (failure.hint !== undefined) lines.push(`    hint: ${failure.hint}`);
    if (retryAtMs !== undefined) lines.push(`    tried again at ${at(retryAtMs)}`);
  }
  for (const { resource, by } of blocked.slice(0, mostShown))
    lines.push(`  ${resource} waits for ${by}, which has failed`);
  const more = Math.max(0, failed.length - mostShown) + Math.max(0, blocked.length - mostShown);
  if (more > 0) lines.push(`  and more; \`mgmt status --json\` names up to 100 of each`);
  if (lastChange !== undefined) lines.push(`Last change, ${at(lastChange.timeMs)}: ${entryText(lastChange)}`);
  if (status.asked !== undefined) {
    const { good, refused, failed: unanswered } = status.asked;
    lines.push(
      `Its servers were asked ${good + refused + unanswered} times: ${refused} refused, ${unanswered} failed.`,
    );
  }
  if (status.lost !== undefined) lines.push(`${status.lost} entries could not be kept in the journal.`);
  return lines;
}

function headLines(status: Status, at: (timeMs: number) => string): readonly string[] {
  const { isRunning, program, startedMs, nowMs, processId, ending, lastMs, noop, isConverged } = status;
  const mode = noop ? " with noop" : "";
  if (!isRunning) {
    const end = ending === undefined ? "ended without a word" : `ended (${endingText(ending)})`;
    return [
      "mgmt does not run now. This is what it has left in its journal:",
      `It ran ${program}${mode} from ${at(startedMs)} and ${end}; last heard of ${at(lastMs)}.`,
    ];
  }
  const since = `since ${at(startedMs)}, ${durationText(nowMs - startedMs)} (process ${processId})`;
  const isWrong = status.failed.length > 0 || status.blocked.length > 0;
  const state = isConverged !== true ? "It is at work." : isWrong ? "It is at rest." : "Everything is as declared.";
  const edited =
    status.programMs !== undefined && status.programMs - startedMs > 1000
      ? [`The program was last taken up at ${at(status.programMs)}.`]
      : [];
  return [`mgmt runs ${program}${mode} ${since}.`, ...edited, state];
}

function storeLines(
  { place, lostMs, rememberedFromMs, removed }: StoreFacts,
  hostname: string,
  at: (timeMs: number) => string,
): readonly string[] {
  if (removed !== undefined) {
    const from = rememberedFromMs === undefined ? "" : `, as it was at ${at(rememberedFromMs)}`;
    return [
      `This host was removed from the cluster: what it knew last of other hosts stays in force${from}.`,
      `  hint: ${howToComeBack(hostname, removed.entrance)}`,
    ];
  }
  if (lostMs === undefined && rememberedFromMs === undefined) return [`It shares the store at ${place}.`];
  const since = lostMs === undefined ? "" : ` since ${at(lostMs)}`;
  const from = rememberedFromMs === undefined ? "" : `, as it was at ${at(rememberedFromMs)}`;
  return [`The store at ${place} does not answer${since}: what was known of other hosts stays in force${from}.`];
}

function wordOf(state: string): string {
  switch (state) {
    case "settled":
      return "as declared";
    case "failed":
      return "failed";
    case "blocked":
      return "waiting for one that failed";
    case "waiting":
      return "waiting";
    default:
      return `${state}`;
  }
}
