// SPDX-License-Identifier: Apache-2.0
// What became of each resource, for `--report` and for the exit status.

import type { Failure } from "../contract/failure.ts";
import type { AnyWant } from "../contract/resource.ts";
import type { Vertex } from "../resource-graph/vertex.ts";
import type { Node } from "./node.ts";
import { type Part, wantOf } from "./part.ts";
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
}

export function reportOf(nodes: Iterable<Node>): readonly ResourceReport[] {
  return [...nodes]
    .flatMap((node) => Array.from(node.parts.values(), (part) => entryOf(node, part)))
    .sort((left, right) => compare(left.vertex.key, right.vertex.key));
}

function entryOf({ vertex: container, own, state, ledger }: Node, part: Part): ResourceReport {
  const phase = ledger.lastPhase ?? state.phase;
  return {
    vertex: part.vertex,
    group: part === own ? undefined : container.reference,
    state: phase.kind,
    failure: phase.kind === "failed" ? phase.failure : undefined,
    failedForGood: phase.kind === "failed" && phase.attempt === undefined,
    blockedBy: phase.kind === "blocked" ? phase.by : undefined,
    observations: part.observations,
    steps: part.steps,
    firstSettledMs: ledger.firstSettledMs,
    want: wantOf(part),
  };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
