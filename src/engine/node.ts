// SPDX-License-Identifier: Apache-2.0
// The record of one resource in the running graph: its worker's state, its place among the others, what it has sent.

import type { StepText, AnyWant, Hints, Step } from "../contract/resource.ts";
import type { Meta } from "../contract/meta.ts";
import type { ResourceEdge, Vertex } from "../resource-graph/vertex.ts";
import type { Value } from "../values/value.ts";
import type { TimerName, WorkerState } from "./worker-state.ts";
import { createWorker } from "./worker.ts";

/** Lives as long as its resource is in the graph under its key. What a settled resource costs is this record. */
export interface Node {
  readonly key: string;
  vertex: Vertex;
  state: WorkerState;

  // ---- Order, kept by order.ts ----
  /** By the other end, so that an edge keeps its memory when the graph changes around it. */
  readonly parents: Map<Node, Link>;
  readonly children: Map<Node, Link>;
  /** How many parents are not good. */
  unready: number;
  /** Settled, and so are all it depends on, however far away. */
  good: boolean;

  // ---- Exchange, kept by exchange.ts ----
  /** As of the last success. */
  readonly sent: Map<string, Value | undefined>;
  /** Sent since then. */
  outbox: Map<string, Value | undefined> | undefined;
  /** Received fields as of the last success. */
  received: ReadonlyMap<string, unknown>;
  /** For the observation that runs now, or ran last. */
  inputs: Inputs | undefined;

  // ---- What runs, kept by runner.ts ----
  operation: { readonly controller: AbortController; readonly ended: Promise<void> } | undefined;
  watch: { readonly controller: AbortController; readonly ended: Promise<void> } | undefined;
  /** What the watch, or the last one, was begun with. */
  watchedWant: AnyWant | undefined;
  readonly timers: Map<TimerName, () => void>;
  plan: { readonly steps: readonly Step[]; readonly texts: readonly StepText[] };
  memory: Map<string, Value> | undefined;
  stateDirectory: Promise<string> | undefined;

  readonly ledger: Ledger;
}

/** An edge of the running graph. */
export interface Link {
  readonly from: Node;
  readonly to: Node;
  edge: ResourceEdge;
  /** When `from` last did work that `to` has not yet served, in turns of the engine; 0: nothing is pending. */
  refreshedAt: number;
}

/** What an observation is given. */
export interface Inputs {
  readonly want: AnyWant;
  readonly hints: Hints;
  /** All received fields, changed or not. */
  readonly received: ReadonlyMap<string, unknown>;
  /** The turn in which they were taken: a refresh that came later is not served yet. */
  readonly turn: number;
}

/** What `report` tells. */
export interface Ledger {
  observations: number;
  steps: number;
  firstSettledMs: number | undefined;
  /** The phase before it was closed. */
  lastPhase: WorkerState["phase"] | undefined;
}

const nothingReceived: ReadonlyMap<string, unknown> = new Map();
const noPlan: Node["plan"] = { steps: [], texts: [] };

/** `former` had the same key and was closed, but its resource has never left the graph: its memory goes on. */
export function createNode(vertex: Vertex, meta: Meta, nowMs: number, former: Node | undefined): Node {
  return {
    key: vertex.key,
    vertex,
    state: createWorker(meta, nowMs, former?.state),
    parents: new Map(),
    children: new Map(),
    unready: 0,
    good: false,
    sent: former?.sent ?? new Map<string, Value | undefined>(),
    outbox: undefined,
    received: former?.received ?? nothingReceived,
    inputs: undefined,
    operation: undefined,
    watch: undefined,
    watchedWant: undefined,
    timers: new Map(),
    plan: noPlan,
    memory: former?.memory,
    stateDirectory: undefined,
    ledger: former?.ledger ?? { observations: 0, steps: 0, firstSettledMs: undefined, lastPhase: undefined },
  };
}
