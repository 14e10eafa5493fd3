// SPDX-License-Identifier: Apache-2.0
// What became of each resource, for `--report` and for the exit status.

import type { Failure } from "../contract/failure.ts";
import type { AnyWant } from "../contract/resource.ts";
import type { Vertex } from "../resource-graph/vertex.ts";
import type { Node } from "./node.ts";
import { type Part, wantOf } from "./part.ts";
import type { Secrets } from "./secrets.ts";
import type { Phase } from "./worker-state.ts";

export interface ResourceReport {
  readonly vertex: Vertex;
  /** `kind[name]` of the group that it runs in; its state is that of the group. */
  readonly group: string | undefined;
  readonly state: Phase["kind"];
  /** Of a resource that has failed, whether it tries again or not. */
  readonly failure: Failure | undefined;
  /** True when it will not try again. */
  readonly failedForGood: boolean;
  /** What a blocked one waits for. */
  readonly blockedBy: string | undefined;
  readonly observations: number;
  readonly steps: number;
  /** Milliseconds from the start of the engine until it first settled. */
  readonly firstSettledMs: number | undefined;
  /** As last observed, received values included; as declared when it was never observed. */
  readonly want: AnyWant;
  /** Fields that were received and must not be shown, besides those that the kind declares secret. */
  readonly secrets: ReadonlySet<string>;
}

export function reportOf(nodes: Iterable<Node>, secrets: Secrets): readonly ResourceReport[] {
  const all = [...nodes];
  const blockers = new Map<Node, string>();
  for (const node of all) {
    const phase = phaseOf(node);
    if (phase.kind === "blocked") blockers.set(node, failedAbove(node, blockers) ?? phase.by);
  }
  return all
    .flatMap((node) => Array.from(node.parts.values(), (part) => entryOf(node, part, blockers, secrets)))
    .sort((left, right) => compare(left.vertex.key, right.vertex.key));
}

/** So many resources of this kind are in this state; members are in that of their group. */
export interface CensusEntry {
  readonly kind: string;
  readonly state: Phase["kind"];
  /** Of those that have failed: no attempt is left. */
  readonly isForGood: boolean;
  readonly count: number;
}

export function censusOf(nodes: Iterable<Node>): readonly CensusEntry[] {
  const counts = new Map<string, CensusEntry>();
  for (const node of nodes) {
    const phase = phaseOf(node);
    const isForGood = phase.kind === "failed" && phase.attempt === undefined;
    for (const { vertex } of node.parts.values()) {
      const { kind } = vertex.kind;
      const key = `${kind} ${phase.kind} ${isForGood}`;
      counts.set(key, { kind, state: phase.kind, isForGood, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()];
}

function phaseOf({ ledger, state }: Node): Phase {
  return ledger.lastPhase ?? state.phase;
}

/** The one that first blocked it may work again by now, while another has failed. */
function failedAbove(node: Node, known: ReadonlyMap<Node, string>): string | undefined {
  const seen = new Set<Node>([node]);
  for (const at of seen) {
    for (const parent of at.parents.keys()) {
      const phase = phaseOf(parent);
      if (phase.kind === "failed" && phase.attempt === undefined) return parent.vertex.reference;
      const found = known.get(parent);
      if (found !== undefined) return found;
      seen.add(parent); // A set yields what is added while it is walked.
    }
  }
  return undefined;
}

function entryOf(node: Node, part: Part, blockers: ReadonlyMap<Node, string>, secrets: Secrets): ResourceReport {
  const { vertex: container, own, ledger } = node;
  const phase = phaseOf(node);
  return {
    vertex: part.vertex,
    group: part === own ? undefined : container.reference,
    state: phase.kind,
    failure: phase.kind === "failed" ? secrets.failure(phase.failure) : undefined,
    failedForGood: phase.kind === "failed" && phase.attempt === undefined,
    blockedBy: phase.kind === "blocked" ? blockers.get(node) : undefined,
    observations: part.observations,
    steps: part.steps,
    firstSettledMs: ledger.firstSettledMs,
    want: wantOf(part),
    secrets: part.secrets,
  };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
