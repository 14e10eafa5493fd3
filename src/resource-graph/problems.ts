// SPDX-License-Identifier: Apache-2.0
// Every problem of turning a program's output into a resource graph, with its wording.

import { defineProblem, type Message } from "../base/problem.ts";
import type { Span } from "../base/span.ts";
import type { WantProblem } from "../contract/resource.ts";
import { quote } from "../values/print.ts";

const phase = "interpret";

/** What is meant is a word of the schema; texts that a program gives stand in `quote`. */
function didYouMean(suggestion: string | undefined): { readonly hint?: string } {
  return suggestion === undefined ? {} : { hint: `Did you mean \`${suggestion}\`?` };
}

function hintOf(hint: string | undefined): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}

export const unknownKind = defineProblem<{ kind: string; suggestion: string | undefined }>({
  code: "resource-kind-unknown",
  phase,
  describe: ({ kind, suggestion }) => ({
    title: `There is no kind of resource called \`${kind}\``,
    ...didYouMean(suggestion),
  }),
});

/** Behind what is wrong with a resource that another host exports. */
function asExported(exporter: string | undefined): string {
  return exporter === undefined ? "" : `, as ${quote(exporter)} exports it`;
}

export const unknownField = defineProblem<{
  kind: string;
  field: string;
  suggestion: string | undefined;
  exporter?: string | undefined;
}>({
  code: "resource-field-unknown",
  phase,
  describe: ({ kind, field, suggestion, exporter }) => ({
    title: `The kind \`${kind}\` has no field \`${field}\`${asExported(exporter)}`,
    ...didYouMean(suggestion),
  }),
});

export const wrongField = defineProblem<{
  resource: string;
  field: string;
  why: string;
  suggestion: string | undefined;
  exporter?: string | undefined;
}>({
  code: "resource-field-wrong",
  phase,
  describe: ({ resource, field, why, suggestion, exporter }) => ({
    title: `The field \`${field}\` of ${resource} ${why}${asExported(exporter)}`,
    ...(suggestion === undefined ? {} : { hint: `Did you mean ${quote(suggestion)}?` }),
  }),
});

export const unknownMeta = defineProblem<{ name: string; suggestion: string | undefined }>({
  code: "resource-meta-unknown",
  phase,
  describe: ({ name, suggestion }) => ({
    title: `There is no meta parameter \`Meta:${name}\``,
    ...didYouMean(suggestion),
  }),
});

export const wrongMeta = defineProblem<{ resource: string; name: string; why: string; hint?: string }>({
  code: "resource-meta-wrong",
  phase,
  describe: ({ resource, name, why, hint }) => ({ title: `\`Meta:${name}\` of ${resource} ${why}`, ...hintOf(hint) }),
});

export const emptyName = defineProblem<{ kind: string }>({
  code: "resource-name-empty",
  phase,
  describe: ({ kind }) => ({
    title: `A resource of kind \`${kind}\` has an empty name`,
    hint: "Give it a name: it tells the resources of one kind apart.",
  }),
});

export const dollarName = defineProblem<{ resource: string }>({
  code: "resource-name-dollar",
  phase,
  describe: ({ resource }) => ({
    title: `The name of ${resource} begins with a dollar sign`,
    hint: 'A variable is inserted into a text as `"${name}"`. If the dollar is meant, set `Meta:dollar => true,`.',
  }),
});

export const wrongResource = defineProblem<{ resource: string; problem: WantProblem }>({
  code: "resource-wrong",
  phase,
  describe: ({ resource, problem }) => ({ title: titleOf(resource, problem), ...hintOf(problem.hint) }),
});

/** Says which field is to blame, unless the kind's own words do: not everybody sees the place in the program. */
function titleOf(resource: string, { field, title }: WantProblem): string {
  return field === undefined || title.includes(`\`${field}\``)
    ? `${resource}: ${title}`
    : `The field \`${field}\` of ${resource}: ${title}`;
}

/** `exporters`: who exports the first and the second, where they were collected. */
export const conflictingDuplicate = defineProblem<{
  resource: string;
  other: Span;
  differences: readonly string[];
  exporters: readonly [former: string | undefined, resource: string | undefined];
}>({
  code: "resource-conflict",
  phase,
  describe: ({ resource, other, differences, exporters: [former, latter] }) => {
    const differ = `and the two differ in ${differences.join(", ")}`;
    if (former === undefined && latter === undefined) {
      return {
        title: `${resource} is declared twice, ${differ}`,
        label: "declared again here",
        related: [{ at: other, label: "first declared here" }],
        hint: "Declare it once, or the same way in both places.",
      };
    }
    const whence = (exporter: string | undefined): string =>
      exporter === undefined ? "declared here" : `collected from ${quote(exporter)}`;
    return {
      title: `${resource} is ${whence(former)} and ${whence(latter)}, ${differ}`,
      label: whence(latter),
      related: [{ at: other, label: whence(former) }],
      hint: 'Collect it from one of the hosts: `struct{name => "…", host => "…"}`.',
    };
  },
});

export const unknownEdgeEnd = defineProblem<{
  resource: string;
  suggestion: string | undefined;
  /** When the kind does not exist either. */
  kind: { readonly name: string; readonly suggestion: string | undefined } | undefined;
}>({
  code: "edge-end-unknown",
  phase,
  describe: ({ resource, suggestion, kind }) => ({
    title: `This edge names ${resource}, which the program does not declare now`,
    hint: edgeHint(suggestion, kind),
  }),
});

function edgeHint(
  suggestion: string | undefined,
  kind: { readonly name: string; readonly suggestion: string | undefined } | undefined,
): string {
  if (suggestion !== undefined) return `Did you mean ${suggestion}?`;
  if (kind === undefined) return "Declare it, or put the edge under the same condition as the resource.";
  const meant = kind.suggestion === undefined ? "" : ` Did you mean \`${kind.suggestion}\`?`;
  return `There is no kind of resource called \`${kind.name}\`.${meant}`;
}

export const hiddenSender = defineProblem<{ resource: string }>({
  code: "send-hidden",
  phase,
  describe: ({ resource }) => ({
    title: `${resource} is hidden, so it can send nothing`,
    hint: "Send from a resource that is not hidden.",
  }),
});

export const unknownSentKey = defineProblem<{ kind: string; key: string; known: readonly string[] }>({
  code: "send-key-unknown",
  phase,
  describe: ({ kind, key, known }) => ({
    title: `The kind \`${kind}\` does not send \`${key}\``,
    hint: known.length === 0 ? "It sends nothing." : `It sends: ${known.join(", ")}.`,
  }),
});

export const cannotReceive = defineProblem<{ kind: string }>({
  code: "receive-impossible",
  phase,
  describe: ({ kind }) => ({ title: `Resources of kind \`${kind}\` cannot receive values from others` }),
});

export const mismatchedSend = defineProblem<{ key: string; sent: string; field: string; taken: string }>({
  code: "send-type-mismatch",
  phase,
  describe: ({ key, sent, field, taken }) => ({
    title: `\`${key}\` is sent as ${sent}, but \`${field}\` takes ${taken}`,
  }),
});

export const twoSenders = defineProblem<{ resource: string; field: string; senders: readonly string[]; other: Span }>({
  code: "receive-conflict",
  phase,
  describe: ({ resource, field, senders, other }) => ({
    title: `The field \`${field}\` of ${resource} is sent by both ${senders.join(" and ")}`,
    label: "sent again here",
    related: [{ at: other, label: "first sent here" }],
    hint: "Let one of them send it.",
  }),
});

export const cycle = defineProblem<{ resources: readonly string[]; edges: readonly { text: string; at: Span }[] }>({
  code: "cycle",
  phase,
  describe: ({ resources, edges }): Message => ({
    title:
      resources.length === 1
        ? `${resources[0]} would have to come before itself`
        : `These resources wait for each other: ${[...resources, resources[0]].join(" -> ")}`,
    // The first edge is where the caret stands.
    ...(edges[0] === undefined ? {} : { label: edges[0].text }),
    related: edges.slice(1).map(({ text, at }) => ({ at, label: text })),
    hint: "Take one of these edges away.",
  }),
});

export const automaticCycle = defineProblem<{
  resources: readonly string[];
  edges: readonly { text: string; at: Span }[];
}>({
  code: "cycle-automatic",
  phase: "autoedge",
  describe: ({ resources, edges }): Message => ({
    title: `These resources wait for each other: ${[...resources, resources[0]].join(" -> ")}`,
    related: edges.map(({ text, at }) => ({ at, label: text })),
    hint: "Take a declared edge away, or set Meta:autoedge => false where no automatic edge is wanted.",
  }),
});

export const conflictingSemaphore = defineProblem<{
  name: string;
  resources: readonly [string, string];
  counts: readonly [number, number];
  other: Span;
}>({
  code: "semaphore-conflict",
  phase,
  describe: ({ name, resources, counts, other }) => ({
    title: `The semaphore ${quote(name)} counts to ${counts[0]} for ${resources[0]} and to ${counts[1]} for ${resources[1]}`,
    related: [{ at: other, label: `counts to ${counts[0]} here` }],
    hint: "Write the same count everywhere; a name without a count counts to 1.",
  }),
});

/** No program is to blame, so it has no page. */
export const kindMistake = defineProblem<{ resource: string; reason: unknown }>({
  code: "kind-mistake",
  phase,
  describe: ({ resource, reason }) => ({
    title: `${resource} cannot be looked at: ${reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason)}`,
    hint: "This is a mistake in mgmt itself, not in your program. Please report it.",
  }),
});

/** For the reference pages, which show each code. */
export const resourceGraphProblems = [
  unknownKind,
  unknownField,
  wrongField,
  unknownMeta,
  wrongMeta,
  emptyName,
  dollarName,
  wrongResource,
  conflictingDuplicate,
  unknownEdgeEnd,
  hiddenSender,
  unknownSentKey,
  cannotReceive,
  mismatchedSend,
  twoSenders,
  cycle,
  automaticCycle,
  conflictingSemaphore,
] as const;
