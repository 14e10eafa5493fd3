// SPDX-License-Identifier: Apache-2.0
// What the journal keeps, as sentences.

import type { KeptCause, KeptOrigin, Written } from "../journal/entry.ts";

/** One line for an entry, without its time. */
export function entryText(entry: Written): string {
  switch (entry.type) {
    case "started":
      return `mgmt began: ${entry.program}${entry.noop ? " (noop)" : ""}, process ${entry.processId}`;
    case "program":
      return `the program was taken up (${entry.hash})`;
    case "graph":
      return `the resources: ${entry.added} new, ${entry.changed} changed, ${entry.removed} gone, ${entry.kept} the same`;
    case "applied":
      return `${entry.step.mark} ${entry.resource} ${entry.step.text} (${causeText(entry.cause)})`;
    case "would-apply":
      return `${entry.step.mark} ${entry.resource} ${entry.step.text} (noop)`;
    case "failed":
      return `error: ${entry.resource}: ${entry.failure.message}`;
    case "settled":
      return `${entry.resource} is as declared`;
    case "blocked":
      return `${entry.resource} waits for ${entry.by}, which has failed`;
    case "contested":
      return `something undoes every repair of ${entry.resource} (${entry.repairs} in a second); it is repaired less often`;
    case "uncontested":
      return `nothing undoes the repairs of ${entry.resource} any more`;
    case "removed":
      return `${entry.resource} is no longer in the program`;
    case "asked": {
      const { resource, from, what, answer, bytes, more } = entry;
      const size = bytes === undefined ? "" : `, ${bytes} bytes`;
      const others = more === undefined ? "" : ` (and ${more} more like it before)`;
      return `${resource}: ${from} asked ${what}: ${answer}${size}${others}`;
    }
    case "store":
      return `etcd: ${entry.text}`;
    case "ended":
      return `mgmt ended: ${endingText(entry.ending)}`;
  }
}

export function endingText(ending: string): string {
  switch (ending) {
    case "converged":
      return "everything had come to rest";
    case "stopped":
      return "it was stopped";
    case "wrong":
      return "the program was wrong";
    case "exited":
      return "a resource ended it";
    case "max-runtime":
      return "its time was up";
    default:
      return ending;
  }
}

/** What made a resource be looked at, behind "because". */
export function causeText(cause: KeptCause): string {
  const { kind, fields = [], origins = [], from = "another resource", attempt = 1 } = cause;
  switch (kind) {
    case "start":
      return origins.length === 0 ? "mgmt began to look after it" : `it came into the program: ${originsText(origins)}`;
    case "watch":
      return "something outside of mgmt had changed it";
    case "poll":
      return "it was time to look again (Meta:poll)";
    case "retry":
      return `attempt ${attempt + 1} after a failure`;
    case "definition": {
      const what = fields.length === 0 ? "" : `: ${fields.map((field) => `\`${field}\``).join(", ")}`;
      const wants = `the program wants something else${what}`;
      return origins.length === 0 ? wants : `${wants}; ${originsText(origins)}`;
    }
    case "refresh":
      return `${from} had changed something and notified it`;
    case "received":
      return `${from} had sent it a new value`;
  }
}

function originsText(origins: readonly KeptOrigin[]): string {
  return origins.map(originText).join(", ");
}

function originText({ function: name, at, value }: KeptOrigin): string {
  return `${name}() at ${at} had a new value${value === undefined ? "" : ` (${value})`}`;
}
