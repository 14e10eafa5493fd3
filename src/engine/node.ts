// SPDX-License-Identifier: Apache-2.0
// The record of one vertex of the running graph: its worker's state, its place among the others, and what runs for it.
// What belongs to each resource in it, the vertex and the members of a group, is in part.ts.

import { invariant } from "../base/invariant.ts";
import type { StepText, AnyWant, Step } from "../contract/resource.ts";
import type { Meta } from "../contract/meta.ts";
import type { ResourceEdge, Vertex } from "../resource-graph/vertex.ts";
import type { Part } from "./part.ts";
import type { Publication } from "./publication.ts";
import type { TimerName, WorkerEvent, WorkerState } from "./worker-state.ts";
import { createWorker } from "./worker.ts";

/** Lives as long as its vertex is in the graph under its key. What a settled resource costs is this record. */
export interface Node {
  readonly key: string;
  vertex: Vertex;
  state: WorkerState;
  /** By key: that of the vertex first, then those of its members. */
  parts: ReadonlyMap<string, Part>;
  own: Part;

  // ---- Order, kept by scheduler.ts ----
  /** By the other end, so that an edge keeps its memory when the graph changes around it. */
  readonly parents: Map<Node, Link>;
  readonly children: Map<Node, Link>;
  /** How many parents are not good. */
  unready: number;
  /** Settled, and so are all it depends on, however far away. */
  good: boolean;

  // ---- What runs, kept by runner.ts ----
  operation: Operation | undefined;
  watch: Watch | undefined;
  /** What the watch, or the last one, was begun with, for each part. */
  watchedWants: ReadonlyMap<string, AnyWant> | undefined;
  /** Absent until the first one is started. */
  timers: Map<TimerName, () => void> | undefined;
  plan: readonly PlannedStep[];

  /** Of one with noop: it had something to do when it was looked at last. */
  wouldWork: boolean;

  readonly ledger: Ledger;
}

/** Something that runs, or has run and is over. */
export interface Watch {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  /** Lets those who wait for its end go on. */
  readonly end: () => void;
  isOver: boolean;
  /** To be called at its end, when it was told to end before. */
  ending: (() => void) | undefined;
}

export interface Operation extends Omit<Watch, "end" | "isOver"> {
  readonly what: "its observation" | "its step";
  /** Tells the worker what came of it. The first time counts. */
  readonly end: (event: WorkerEvent) => void;
}

/** An edge of the running graph. */
export interface Link {
  readonly from: Node;
  readonly to: Node;
  edge: ResourceEdge;
  /** When `from` last did work that `to` has not yet served, in turns of the engine; 0: nothing is pending. */
  refreshedAt: number;
}

export interface PlannedStep {
  /** A step of the kind, or what other hosts are to have of the resource. */
  readonly what: { readonly step: Step } | { readonly publication: Publication };
  readonly text: StepText;
  /** Whose kind planned it and applies it. */
  readonly part: Part;
  /** Whom it changes: the same one, or a member of it. */
  readonly owner: Part;
}

/** What `report` tells. */
export interface Ledger {
  firstSettledMs: number | undefined;
  /** The phase before it was closed. */
  lastPhase: WorkerState["phase"] | undefined;
}

/** `former` had the same key and was closed, but its vertex has never left the graph: what it used up still counts. */
export function createNode(
  vertex: Vertex,
  parts: ReadonlyMap<string, Part>,
  meta: Meta,
  nowMs: number,
  former: Node | undefined,
): Node {
  const own = parts.get(vertex.key);
  invariant(own !== undefined, "a vertex has a part of its own");
  const node: Node = {
    key: vertex.key,
    vertex,
    state: createWorker(meta, nowMs, former?.state),
    parts,
    own,
    parents: new Map(),
    children: new Map(),
    unready: 0,
    good: false,
    operation: undefined,
    watch: undefined,
    watchedWants: undefined,
    timers: undefined,
    plan: [],
    wouldWork: false,
    ledger: former?.ledger ?? { firstSettledMs: undefined, lastPhase: undefined },
  };
  for (const part of parts.values()) part.home = node;
  return node;
}

/** Another definition, or other members. */
export function replaceVertex(node: Node, vertex: Vertex, parts: ReadonlyMap<string, Part>): void {
  node.vertex = vertex;
  node.parts = parts;
  for (const part of parts.values()) part.home = node;
}
