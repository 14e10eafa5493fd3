// SPDX-License-Identifier: Apache-2.0
// Brings graphs into force one after the other: what was asked for last, what has to end for it, what stays for a while
// although nobody asks for it. Owns a swap from its request to its end.

import type { Origins } from "../contract/declaration.ts";
import type { Listener } from "../contract/event.ts";
import type { Clock } from "../contract/host.ts";
import type { GraphDifference } from "../resource-graph/difference.ts";
import { emptyGraph, type ResourceGraph } from "../resource-graph/vertex.ts";
import type { ExportKeeper } from "./export-keeper.ts";
import { mustStay, withStaying } from "./leaving.ts";
import type { Node } from "./node.ts";
import { exportNames, exportsLess } from "./publication.ts";
import type { Reversals } from "./reversals.ts";
import type { RunningGraph } from "./running-graph.ts";
import {
  mergeOrigins,
  mergeSwaps,
  noteProgress,
  planSwap,
  staysAsMember,
  type Swap,
  type SwapRequest,
} from "./swap.ts";
import { type Wake, wakesOf, wakesOfBlocked } from "./wakes.ts";
import type { WorkerEvent } from "./worker-state.ts";

export interface GraphChangesOptions {
  readonly running: RunningGraph;
  readonly clock: Clock;
  readonly emit: Listener;
  /** Absent: `Meta:reverse` does nothing. */
  readonly reversals: Reversals | undefined;
  /** Absent: what is exported stays as it is. */
  readonly keeper: ExportKeeper | undefined;
  /** Tells a worker something, at once. */
  readonly deliver: (node: Node, event: WorkerEvent) => void;
}

export class GraphChanges {
  readonly #options: GraphChangesOptions;
  readonly #running: RunningGraph;
  /** Not begun yet. */
  #requested: SwapRequest | undefined;
  /** Waits for what has to end. */
  #swap: Swap | undefined;
  /** As it was asked for last, without those that stay for a while. */
  #asked: ResourceGraph = emptyGraph;
  /** The keys of those. */
  #staying: ReadonlySet<string> = new Set();
  #hasGraph = false;

  constructor(options: GraphChangesOptions) {
    this.#options = options;
    this.#running = options.running;
  }

  /** Some graph is in force, and no other on its way. */
  get isAtRest(): boolean {
    return this.#hasGraph && this.#swap === undefined;
  }

  /** Resolves when the graph, or one that takes its place, is in force. */
  request(graph: ResourceGraph, origins: Origins | undefined): Promise<void> {
    const done = this.#requested?.done ?? Promise.withResolvers<void>();
    this.#requested = { graph, origins: mergeOrigins(this.#requested?.origins, origins), done };
    return done.promise;
  }

  /** Goes on as far as it can; tells whether it did. Only between turns, so that no node has anything unread. */
  advance(): boolean {
    return this.#begin() || this.#commit();
  }

  /** Stops what changes or goes. */
  #begin(): boolean {
    const { reversals, deliver } = this.#options;
    if (this.#requested === undefined || reversals?.areLoading === true) return false;
    const { graph: inForce, nodes } = this.#running;
    this.#asked = this.#requested.graph;
    const { graph, staying } = withStaying(inForce, this.#asked, nodes, reversals?.vertices() ?? []);
    this.#staying = staying;
    const planned = planSwap(inForce, { ...this.#requested, graph });
    this.#requested = undefined;
    const swap = this.#swap === undefined ? planned : mergeSwaps(this.#swap, planned);
    this.#swap = swap;
    const end = (key: string, how: "pause" | "close"): void => {
      const node = nodes.get(key);
      if (node === undefined) return;
      swap.ended.add(key);
      swap.unfinished.set(node, how);
      deliver(node, { type: how });
      noteProgress(swap, node); // One that stood still already has not changed.
    };
    for (const { key } of swap.difference.removed) end(key, "close");
    for (const { before } of swap.difference.changed) end(before.key, "pause");
    return true;
  }

  /** Puts the next graph into force if all that had to end has ended. */
  #commit(): boolean {
    const swap = this.#swap;
    if (swap === undefined || swap.unfinished.size > 0) return false;
    this.#swap = undefined;
    const { clock, emit, keeper } = this.#options;
    const { graph, difference } = swap;
    const fresh = this.#running.replace(swap, clock.monotonicMs(), (part) => {
      // A vertex has told of itself when it was closed.
      if (part.home?.own !== part) emit({ type: "removed", resource: part.vertex.reference });
    });
    if (!this.#hasGraph || exportsLess(difference)) keeper?.keep(exportNames(graph));
    this.#hasGraph = true;
    const { added, changed, removed, kept } = difference;
    emit({ type: "graph-swapped", added: added.length, changed: changed.length, removed: removed.length, kept });
    this.#deliver(wakesOf(swap, this.#running, fresh));
    if (this.#running.blocked.size > 0) this.#deliver(wakesOfBlocked(this.#running, hasOtherEdges(difference)));
    swap.done.resolve();
    return true;
  }

  /** What is delivered may change what others are told, so first all is said. */
  #deliver(wakes: Iterable<Wake>): void {
    for (const [node, event] of [...wakes]) this.#options.deliver(node, event);
  }

  /** To be called after each change of the state of a node. */
  note(node: Node): void {
    if (this.#swap !== undefined) noteProgress(this.#swap, node);
    if (this.#staying.has(node.key)) this.#noteStaying(node);
  }

  /** One that stays has done what it stayed for: it goes, with all that stayed for it. */
  #noteStaying(node: Node): void {
    if (this.#requested !== undefined || mustStay(node)) return;
    const undone = node.state.phase.kind === "settled" && this.#options.reversals?.has(node.key) === false;
    if (!node.vertex.meta.realize && !undone) return;
    this.#requested = { graph: this.#asked, done: Promise.withResolvers<void>() };
  }

  /** What leaves as a vertex and comes as a member is still in the program. */
  staysAsMember(node: Node): boolean {
    return staysAsMember(this.#swap, node);
  }

  /** Nothing comes into force any more; nobody need wait for it. */
  stop(): void {
    this.#options.reversals?.stop();
    this.#swap?.done.resolve();
    this.#requested?.done.resolve();
    this.#requested = undefined;
    this.#swap = undefined;
    this.#staying = new Set();
  }
}

function hasOtherEdges({ edges }: GraphDifference): boolean {
  return edges.added.length + edges.changed.length + edges.removed.length > 0;
}
