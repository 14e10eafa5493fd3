// SPDX-License-Identifier: Apache-2.0
// The graph in force: a node for each vertex, a link for each edge, a part for each resource, and what is counted over
// them. Exchanges what a swap exchanges, and wakes nobody.

import type { Meta } from "../contract/meta.ts";
import { emptyGraph, type ResourceGraph, type Vertex } from "../resource-graph/vertex.ts";
import { createNode, type Node, replaceVertex } from "./node.ts";
import { type Part, Parts } from "./part.ts";
import { link, unlink, updateGood, visitDescendants } from "./scheduler.ts";
import type { Swap } from "./swap.ts";
import { hasFailedForGood, hasWork, type WorkerState } from "./worker-state.ts";

export interface RunningGraphOptions {
  /** Every resource is as if it had `Meta:noop`. */
  readonly noop: boolean;
  /** Told of each node that may be able to begin, or to find out that it never may. */
  readonly onReady: (node: Node) => void;
}

export class RunningGraph {
  readonly #noop: boolean;
  readonly #onReady: (node: Node) => void;
  readonly #nodes = new Map<string, Node>();
  readonly #parts = new Parts();
  readonly #failedForGood = new Set<Node>();
  readonly #blocked = new Set<Node>();
  #graph: ResourceGraph = emptyGraph;
  #working = 0;
  #open = 0;

  constructor({ noop, onReady }: RunningGraphOptions) {
    this.#noop = noop;
    this.#onReady = onReady;
  }

  get graph(): ResourceGraph {
    return this.#graph;
  }

  /** By key. */
  get nodes(): ReadonlyMap<string, Node> {
    return this.#nodes;
  }

  /** Every resource, members too. */
  get parts(): Iterable<Part> {
    return this.#parts.all();
  }

  get failedForGood(): ReadonlySet<Node> {
    return this.#failedForGood;
  }

  get blocked(): ReadonlySet<Node> {
    return this.#blocked;
  }

  /** Some worker has work, or work is scheduled. */
  get isWorking(): boolean {
    return this.#working > 0;
  }

  /** Some node is not closed. */
  get isOpen(): boolean {
    return this.#open > 0;
  }

  metaOf({ meta }: Vertex): Meta {
    return this.#noop ? { ...meta, noop: true } : meta;
  }

  /** To be called after each change of the state of a node. */
  note(node: Node, before: WorkerState): void {
    const { state } = node;
    this.#working += Number(hasWork(state)) - Number(hasWork(before));
    updateGood(node, this.#onReady);
    if (hasFailedForGood(state) !== hasFailedForGood(before)) this.#noteFailedForGood(node);
    if (state.phase.kind === "blocked") this.#blocked.add(node);
    else this.#blocked.delete(node);
    if (state.phase.kind === "closed") this.#open -= 1;
  }

  #noteFailedForGood(node: Node): void {
    if (!hasFailedForGood(node.state)) {
      this.#failedForGood.delete(node);
      return;
    }
    this.#failedForGood.add(node);
    visitDescendants(node, this.#onReady);
  }

  /**
   * Puts the graph of a swap into force, all that had to end for it having ended. Tells which nodes are new, and calls
   * `gone` for each member that is nowhere any more.
   */
  replace(swap: Swap, nowMs: number, gone: (part: Part) => void): ReadonlySet<Node> {
    const isSameShape = this.#graph.shape === swap.graph.shape;
    this.#graph = swap.graph;
    const fresh = this.#replaceNodes(swap, nowMs);
    this.#forgetParts(swap, gone);
    if (!isSameShape || fresh.size > 0) this.#replaceEdges(swap);
    return fresh;
  }

  /** Forgets those that are gone and makes those that are new. */
  #replaceNodes(swap: Swap, nowMs: number): ReadonlySet<Node> {
    const { graph, difference, ended } = swap;
    const fresh = new Set<Node>();
    const closed = new Map<string, Node>();
    const make = (vertex: Vertex): void => {
      const node = createNode(vertex, this.#parts.of(vertex), this.metaOf(vertex), nowMs, closed.get(vertex.key));
      this.#nodes.set(vertex.key, node);
      this.#working += Number(hasWork(node.state));
      this.#open += 1;
      fresh.add(node);
    };
    for (const key of ended) {
      const node = this.#nodes.get(key);
      if (node?.state.phase.kind !== "closed") continue;
      closed.set(key, node);
      this.#forget(node, swap);
    }
    for (const vertex of difference.added) make(vertex);
    for (const { after } of difference.changed) {
      const node = this.#nodes.get(after.key);
      if (node === undefined) make(after);
      else replaceVertex(node, after, this.#parts.of(after));
    }
    // A swap that was replaced on its way may have closed what stays after all.
    for (const key of ended) {
      const number = graph.shape.numberOf.get(key);
      const vertex = number === undefined ? undefined : graph.vertices[number];
      if (vertex !== undefined && !this.#nodes.has(key)) make(vertex);
    }
    return fresh;
  }

  #forget(node: Node, { refreshes }: Swap): void {
    for (const { from, to, refreshedAt } of [...node.parents.values(), ...node.children.values()]) {
      if (refreshedAt > 0) refreshes.push({ from: from.key, to: to.key, refreshedAt });
      unlink(from, to, this.#onReady);
    }
    this.#nodes.delete(node.key);
  }

  /** Members come and go with their groups, or move between them; those that are nowhere any more are forgotten. */
  #forgetParts({ difference: { removed, changed } }: Swap, gone: (part: Part) => void): void {
    const isInGraph = (node: Node): boolean => this.#nodes.get(node.key) === node;
    for (const vertex of removed) this.#parts.forget(vertex, isInGraph, gone);
    for (const { before } of changed) if (before.members.length > 0) this.#parts.forget(before, isInGraph, gone);
  }

  #replaceEdges({ graph, difference, refreshes }: Swap): void {
    for (const { from, to } of difference.edges.removed) {
      const [tail, head] = [this.#nodes.get(from), this.#nodes.get(to)];
      if (tail !== undefined && head !== undefined) unlink(tail, head, this.#onReady);
    }
    for (let number = 0; number < graph.shape.edges.length; number += 1) {
      const edge = graph.shape.edges[number];
      const [tail, head] = [this.#nodes.get(edge?.from ?? ""), this.#nodes.get(edge?.to ?? "")];
      if (edge !== undefined && tail !== undefined && head !== undefined) link(tail, head, edge, this.#onReady);
    }
    // A refresh goes with its edge, even if one of its ends was closed on the way and has come back.
    for (const { from, to, refreshedAt } of refreshes) {
      const [tail, head] = [this.#nodes.get(from), this.#nodes.get(to)];
      const found = tail === undefined ? undefined : head?.parents.get(tail);
      if (found !== undefined) found.refreshedAt = refreshedAt;
    }
    // Equal resources may stand in other places of the source now.
    for (const vertex of graph.vertices) {
      const node = this.#nodes.get(vertex.key);
      if (node !== undefined && node.vertex !== vertex) replaceVertex(node, vertex, this.#parts.of(vertex));
    }
  }
}
