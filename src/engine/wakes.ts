// SPDX-License-Identifier: Apache-2.0
// What workers are told when another graph has come into force: who begins, goes on, has another definition, receives
// from others, or may work because what blocked it is gone. Only says so; whoever owns the loop delivers it.

import type { AnyWant, ResourceKind } from "../contract/resource.ts";
import type { GraphDifference } from "../resource-graph/difference.ts";
import { type ResourceEdge, sameSends, vertexOf } from "../resource-graph/vertex.ts";
import type { Node } from "./node.ts";
import type { RunningGraph } from "./running-graph.ts";
import { causeOfChange, causeOfStart, type Swap } from "./swap.ts";
import type { WorkerEvent } from "./worker-state.ts";

export type Wake = readonly [node: Node, event: WorkerEvent];

/** Of all that are new, changed, held up by the swap, or touched by it from far. `fresh` are the new ones. */
export function* wakesOf(swap: Swap, running: RunningGraph, fresh: ReadonlySet<Node>): Generator<Wake> {
  const { nodes } = running;
  const { difference, ended } = swap;
  const changed = new Set<string>();
  for (const change of difference.changed) {
    const { after } = change;
    changed.add(after.key);
    const node = nodes.get(after.key);
    if (node === undefined || fresh.has(node)) continue;
    yield [node, { type: "replace", meta: running.metaOf(after), cause: causeOfChange(swap, change) }];
  }
  for (const key of ended) {
    const node = nodes.get(key);
    if (node !== undefined && !fresh.has(node) && !changed.has(key)) yield [node, { type: "resume" }];
  }
  for (const node of running.failedForGood) {
    const { meta } = node.state;
    if (meta.rewatch && !changed.has(node.key)) yield [node, { type: "replace", meta, cause: { kind: "definition" } }];
  }
  yield* wakesOfRewired(difference, running);
  yield* wakesOfPeers(difference, running);
  for (const node of fresh) yield [node, { type: "start", cause: causeOfStart(swap, node.vertex) }];
}

/** An equal resource that receives from others than before wants something else. */
function* wakesOfRewired({ edges }: GraphDifference, { graph, nodes }: RunningGraph): Generator<Wake> {
  const isSending = ({ sends }: ResourceEdge): boolean => sends.length > 0;
  const rewired = edges.changed.filter(({ before, after }) => !sameSends(before, after)).map(({ after }) => after);
  for (const { from, to } of [...edges.added.filter(isSending), ...rewired]) {
    const receiver = nodes.get(to);
    const sender = vertexOf(graph, from)?.reference ?? from;
    if (receiver !== undefined) yield [receiver, { type: "wake", cause: { kind: "received", from: sender } }];
  }
  for (const { to } of edges.removed.filter(isSending)) {
    const receiver = nodes.get(to);
    if (receiver !== undefined) yield [receiver, { type: "wake", cause: { kind: "definition" } }];
  }
}

/** Those that leave alone what others manage must know when these no longer do. */
function* wakesOfPeers({ changed, removed }: GraphDifference, { nodes }: RunningGraph): Generator<Wake> {
  const kinds = new Set<string>();
  for (const { kind } of removed) if (kind.peers !== undefined) kinds.add(kind.kind);
  for (const { after, fields } of changed) {
    if (fields.some((field) => after.kind.peers?.reads.includes(field))) kinds.add(after.kind.kind);
  }
  if (kinds.size === 0) return;
  for (const node of nodes.values()) {
    const { kind, want } = node.vertex;
    if (kinds.has(kind.kind) && readsPeers(kind, want)) yield [node, { type: "wake", cause: { kind: "definition" } }];
  }
}

/** A kind that cannot tell looks once more than it has to. */
function readsPeers({ peers }: ResourceKind, want: AnyWant): boolean {
  try {
    return peers?.areRead(want) === true;
  } catch {
    return true;
  }
}

/** Of those whose blocker may not be one any more. */
export function* wakesOfBlocked({ blocked, failedForGood }: RunningGraph, edgesChanged: boolean): Generator<Wake> {
  const blockers = new Set([...failedForGood].map(({ vertex }) => vertex.reference));
  for (const node of blocked) {
    const { phase } = node.state;
    const stays = phase.kind === "blocked" && blockers.has(phase.by) && !edgesChanged;
    if (!stays) yield [node, { type: "unblocked" }];
  }
}
