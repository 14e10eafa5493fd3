// SPDX-License-Identifier: Apache-2.0
// Keeps a graph of resources true: one worker for each, in the order of the edges, at once where there is none.
// Owns the running graph and the loop; the rules of a worker are in worker.ts, those of order in scheduler.ts.

import type { Span } from "../base/span.ts";
import type { Origins } from "../contract/declaration.ts";
import type { Cause, Listener } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Exchange } from "../contract/exchange.ts";
import type { Host } from "../contract/host.ts";
import type { LocalStore } from "../contract/local-store.ts";
import type { Meta } from "../contract/meta.ts";
import type { AnyWant, ResourceKind } from "../contract/resource.ts";
import type { GraphDifference } from "../resource-graph/difference.ts";
import {
  emptyGraph,
  type ResourceEdge,
  type ResourceGraph,
  sameSends,
  type Vertex,
  vertexOf,
} from "../resource-graph/vertex.ts";
import { parseSemaphore } from "../resource-graph/semaphores.ts";
import { Convergence } from "./convergence.ts";
import { exchange, isWatchedAlike, takeInputs } from "./exchange.ts";
import { groupOf } from "./env.ts";
import { ExportKeeper } from "./export-keeper.ts";
import { failureFrom } from "./failures.ts";
import { exportNames, exportsLess, isExported } from "./publication.ts";
import { createNode, type Node, replaceVertex } from "./node.ts";
import { type Part, Parts } from "./part.ts";
import { tellAll } from "./telling.ts";
import { Secrets, shownValues } from "./secrets.ts";
import { Semaphores } from "./semaphores.ts";
import { type CensusEntry, censusOf, type ResourceReport, reportOf } from "./report.ts";
import { mustStay, withStaying } from "./leaving.ts";
import { Reversals } from "./reversals.ts";
import { type Approve, Runner } from "./runner.ts";
import { blockerOf, link, unlink, updateGood, visitDescendants } from "./scheduler.ts";
import {
  causeOfChange,
  causeOfStart,
  mergeOrigins,
  mergeSwaps,
  noteProgress,
  planSwap,
  staysAsMember,
  type Swap,
  type SwapRequest,
} from "./swap.ts";
import { type Effect, hasFailedForGood, hasWork, mayBegin, occupies, type WorkerEvent } from "./worker-state.ts";
import { step, willArm } from "./worker.ts";

export interface EngineOptions {
  readonly host: Host;
  readonly local: LocalStore;
  /** Where `Meta:export` makes resources known. */
  readonly exchange: Exchange;
  /** Told of everything that happens. Must be quick; may call the engine. What it throws is told once and no more. */
  readonly emit: Listener;
  /** Absent: everything may be done. */
  readonly approve?: Approve;
  /** Change nothing at all: every resource is as if it had `Meta:noop`. */
  readonly noop: boolean;
  /** How many resources may run at once, of all; absent: as many as want to. */
  readonly sema?: number | undefined;
  /** Those that may be named by what former runs have kept for undoing; absent: `Meta:reverse` does nothing. */
  readonly kinds?: readonly ResourceKind[];
  /** Where resources keep what must survive a restart: `<prefix>/engine/state`. */
  readonly stateRoot: string;
}

/**
 * The life of an engine: `createEngine`, any number of `swap`, `stop`. Nothing of it throws or rejects because of what
 * a resource does: failures are events, and states in the report.
 */
export interface Engine {
  /**
   * Brings a graph into force. Resources that are the same go on untouched, changed ones keep their worker and memory,
   * and their watch if it does not depend on what changed. Those that change or go first end what they are doing: an
   * observation is cut off, a step is finished. Only then anything of the new graph begins. Resolves when the graph, or
   * one given later, is in force, or the engine is stopped; at once when nothing has to end first. A graph that is given
   * while another is on its way replaces it. `origins` become part of the causes.
   */
  swap(graph: ResourceGraph, origins?: Origins): Promise<void>;
  /** The graph in force. */
  readonly graph: ResourceGraph;
  /** No resource has work and none is going to by itself; those that failed for good or are blocked have none. */
  readonly converged: boolean;
  /**
   * Resolves once that has been true for `forMs` without a break, counted from when it became true. Rejects with the
   * reason of the signal, and with an `AbortError` when the engine is stopped.
   */
  whenConverged(forMs: number, signal: AbortSignal): Promise<void>;
  /** Begins nothing new, finishes running steps, ends all watches. Resolves when nothing runs any more. */
  stop(): Promise<void>;
  /** `stop`, but running steps are cut off too. May follow a `stop` that takes too long. */
  interrupt(): Promise<void>;
  /** One entry for each resource, sorted by name of kind and resource; after `stop` as it was when it stopped. */
  report(): readonly ResourceReport[];
  /** How many resources of each kind are in which state, without looking at each for long. */
  census(): readonly CensusEntry[];
}

export function createEngine(options: EngineOptions): Engine {
  return new RunningEngine(options);
}

class RunningEngine implements Engine {
  graph: ResourceGraph = emptyGraph;
  readonly #host: Host;
  readonly #emit: Listener;
  readonly #secrets: Secrets;
  readonly #noop: boolean;
  readonly #runner: Runner;
  readonly #convergence: Convergence;
  readonly #startMs: number;
  readonly #nodes = new Map<string, Node>();
  readonly #parts = new Parts();
  readonly #semaphores = new Semaphores<Node>((node) => this.#ready.push(node));
  readonly #sema: number | undefined;
  readonly #inbox: (readonly [node: Node, event: WorkerEvent])[] = [];
  /** Nodes that may be able to begin now. */
  readonly #ready: Node[] = [];
  #turning = false;
  /** Counts what happens, for comparing before and after; not a clock. */
  #turn = 0;
  #working = 0;
  /** Nodes that are not closed. */
  #open = 0;
  readonly #failedForGood = new Set<Node>();
  readonly #blocked = new Set<Node>();
  #swap: Swap | undefined;
  #requested: SwapRequest | undefined;
  /** As it was asked for last, without those that stay for a while. */
  #asked: ResourceGraph = emptyGraph;
  /** The keys of those. */
  #staying: ReadonlySet<string> = new Set();
  readonly #reversals: Reversals | undefined;
  readonly #keeper: ExportKeeper;
  /** Undefined when what former runs have kept is known. */
  #loading: AbortController | undefined;
  #hasGraph = false;
  #stopping: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor({ host, local, exchange: hosts, emit, noop, sema, stateRoot, approve, kinds }: EngineOptions) {
    this.#host = host;
    const secrets = new Secrets();
    this.#secrets = secrets;
    this.#emit = secrets.listener(tellAll(emit));
    this.#noop = noop;
    this.#sema = sema;
    const post = (node: Node, event: WorkerEvent): void => this.#post(node, event);
    const reversals = kinds === undefined ? undefined : this.#createReversals(kinds, stateRoot);
    this.#reversals = reversals;
    const parts = (): Iterable<Part> => this.#parts.all();
    const keeper = this.#createKeeper(hosts, stateRoot);
    this.#keeper = keeper;
    const env = { host, local, exchange: hosts, stateRoot, emit: this.#emit, parts };
    this.#runner = new Runner({ ...env, secrets, approve, post, reversals, keeper });
    this.#convergence = new Convergence(host.clock);
    this.#startMs = host.clock.monotonicMs();
  }

  get converged(): boolean {
    return this.#convergence.converged;
  }

  whenConverged(forMs: number, signal: AbortSignal): Promise<void> {
    return this.#convergence.when(forMs, signal);
  }

  report(): readonly ResourceReport[] {
    return reportOf(this.#nodes.values(), this.#secrets);
  }

  census(): readonly CensusEntry[] {
    return censusOf(this.#nodes.values());
  }

  // ---- The loop ----

  #post(node: Node, event: WorkerEvent): void {
    this.#inbox.push([node, event]);
    this.#run();
  }

  /** Goes on until nothing is left to decide; what is posted meanwhile is taken in the same loop. */
  #run(): void {
    if (this.#turning) return;
    this.#turning = true;
    try {
      do {
        while (this.#inbox.length > 0 || this.#ready.length > 0) {
          this.#takeInbox();
          this.#takeReady();
        }
      } while (this.#beginSwap() || this.#commitSwap());
    } finally {
      this.#turning = false;
    }
    this.#updateConvergence();
  }

  #takeInbox(): void {
    try {
      for (const [node, event] of this.#inbox) this.#deliver(node, event); // Also what is added while it is walked.
    } finally {
      this.#inbox.length = 0;
    }
  }

  #takeReady(): void {
    for (const node of this.#ready) this.#consider(node);
    this.#ready.length = 0;
  }

  #deliver(node: Node, event: WorkerEvent): void {
    const before = node.state;
    const { state, effects } = step(before, event, this.#host.clock.monotonicMs());
    node.state = state;
    for (const effect of effects) this.#carryOut(node, effect);
    if (state === before) return;
    this.#working += Number(hasWork(state)) - Number(hasWork(before));
    updateGood(node, this.#onReady);
    if (hasFailedForGood(state) !== hasFailedForGood(before)) this.#noteFailedForGood(node);
    if (state.phase.kind === "blocked") this.#blocked.add(node);
    else this.#blocked.delete(node);
    if (state.phase.kind === "closed") this.#noteClosed(node);
    if (this.#swap !== undefined) noteProgress(this.#swap, node);
    if (this.#staying.has(node.key)) this.#noteStaying(node);
    if (!occupies(state) && (occupies(before) || !mayBegin(state))) this.#semaphores.release(node);
  }

  readonly #onReady = (node: Node): void => {
    this.#ready.push(node);
  };

  #carryOut(node: Node, effect: Effect): void {
    const resource = node.vertex.reference;
    switch (effect.do) {
      case "ask":
        this.#ready.push(node);
        return;
      case "arm":
        return this.#runner.arm(node);
      case "disarm":
        return this.#runner.disarm(node);
      case "observe":
        return this.#runner.observe(node, effect.cause);
      case "apply":
        return this.#runner.apply(node, effect.step, effect.cause);
      case "cancel":
        return this.#runner.cancel(node, { isTheEnd: false });
      case "start-timer":
        return this.#runner.startTimer(node, effect.name, effect.ms);
      case "stop-timer":
        return this.#runner.stopTimer(node, effect.name);
      case "tell-plan":
        for (const { text, owner } of node.plan) {
          const { reference, at } = owner.vertex;
          this.#emit({ type: "would-apply", resource: reference, ...groupOf(node, owner), step: text, at });
        }
        return;
      case "succeed":
        return this.#succeed(node, effect);
      case "fail": {
        const { failure, retryInMs, repeated } = effect;
        this.#emit({ type: "failed", resource, failure, at: node.vertex.at, retryInMs, repeated });
        return;
      }
      case "tell-contested": {
        const step = node.plan.at(-1)?.text;
        this.#emit({ type: "contested", resource, at: node.vertex.at, step, repairs: effect.repairs });
        return;
      }
      case "tell-uncontested":
        this.#emit({ type: "uncontested", resource });
        return;
      case "tell-blocked":
        this.#emit({ type: "blocked", resource, by: effect.by });
        return;
      case "close":
        return this.#runner.close(node);
    }
  }

  #succeed(node: Node, { worked, settled, first }: Extract<Effect, { do: "succeed" }>): void {
    this.#turn += 1;
    const resource = node.vertex.reference;
    // Children learn what is new before they learn that this one has settled, so none of theirs runs too early.
    const wake = (child: Node, cause: Cause): void => this.#deliver(child, { type: "wake", cause });
    for (const { part } of exchange(node, worked, this.#turn, wake)) {
      const values = shownValues(part);
      this.#emit({ type: "sent", resource: part.vertex.reference, ...groupOf(node, part), values });
    }
    if (!settled) return;
    const sinceStartMs = this.#host.clock.monotonicMs() - this.#startMs;
    node.ledger.firstSettledMs ??= sinceStartMs;
    this.#emit({ type: "settled", resource, first, sinceStartMs });
  }

  /** A node that wants to begin: lets it, or finds out that it never may. */
  #consider(node: Node): void {
    const { phase } = node.state;
    if (phase.kind !== "blocked" && (phase.kind !== "waiting" || phase.held)) return;
    if (node.unready > 0) {
      this.#semaphores.release(node);
      const by = this.#failedForGood.size > 0 && phase.kind === "waiting" ? blockerOf(node) : undefined;
      if (by !== undefined) this.#deliver(node, { type: "blocked", by });
      return;
    }
    this.#turn += 1;
    const inputs = takeInputs(node, this.#turn);
    if (inputs instanceof Failure) return this.#deliver(node, { type: "refused", failure: inputs });
    const rearm = !isWatchedAlike(node, inputs);
    // Values may change while it waits for a semaphore, so they are taken again when it has got it.
    if (!willArm(node.state, rearm) && !this.#takeSemaphores(node)) return;
    for (const [part, given] of inputs) part.inputs = given;
    this.#deliver(node, { type: "ready", rearm });
  }

  /** True when it has all that it needs to run, or needs none. */
  #takeSemaphores(node: Node): boolean {
    const { sema, hidden } = node.state.meta;
    if (hidden || (sema.length === 0 && this.#sema === undefined)) return true;
    const everywhere = this.#sema === undefined ? [] : [{ name: "", count: this.#sema }];
    return this.#semaphores.take(node, [...everywhere, ...sema.map(parseSemaphore)]);
  }

  #noteFailedForGood(node: Node): void {
    if (!hasFailedForGood(node.state)) {
      this.#failedForGood.delete(node);
      return;
    }
    this.#failedForGood.add(node);
    visitDescendants(node, this.#onReady);
  }

  #noteClosed(node: Node): void {
    this.#open -= 1;
    if (this.#stopping === undefined) {
      if (!staysAsMember(this.#swap, node)) this.#emit({ type: "removed", resource: node.vertex.reference });
    } else if (this.#open === 0) this.#stopping.resolve();
  }

  #updateConvergence(): void {
    const converged = this.#hasGraph && this.#working === 0 && this.#swap === undefined && this.#stopping === undefined;
    if (converged === this.converged) return;
    this.#convergence.set(converged);
    if (this.#stopping === undefined) this.#emit({ type: converged ? "converged" : "unconverged" });
  }

  // ---- Changing the graph ----

  swap(graph: ResourceGraph, origins?: Origins): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping.promise;
    const done = this.#requested?.done ?? Promise.withResolvers<void>();
    this.#requested = { graph, origins: mergeOrigins(this.#requested?.origins, origins), done };
    this.#run();
    return done.promise;
  }

  /** Stops what changes or goes. Only between turns, so that no node has anything unread. */
  #beginSwap(): boolean {
    if (this.#requested === undefined || this.#loading !== undefined) return false;
    this.#asked = this.#requested.graph;
    const { graph, staying } = withStaying(this.graph, this.#asked, this.#nodes, this.#reversals?.vertices() ?? []);
    this.#staying = staying;
    const planned = planSwap(this.graph, { ...this.#requested, graph });
    this.#requested = undefined;
    const swap = this.#swap === undefined ? planned : mergeSwaps(this.#swap, planned);
    this.#swap = swap;
    const end = (key: string, how: "pause" | "close"): void => {
      const node = this.#nodes.get(key);
      if (node === undefined) return;
      swap.ended.add(key);
      swap.unfinished.set(node, how);
      this.#deliver(node, { type: how });
      noteProgress(swap, node); // One that stood still already has not changed.
    };
    for (const { key } of swap.difference.removed) end(key, "close");
    for (const { before } of swap.difference.changed) end(before.key, "pause");
    return true;
  }

  /** Puts the next graph into force if all that had to end has ended. */
  #commitSwap(): boolean {
    const swap = this.#swap;
    if (swap === undefined || swap.unfinished.size > 0) return false;
    this.#swap = undefined;
    const { graph, difference } = swap;
    const isSameShape = this.graph.shape === graph.shape;
    const isFirst = !this.#hasGraph;
    this.graph = graph;
    this.#hasGraph = true;
    const fresh = this.#replaceNodes(swap);
    if (!this.#noop && (isFirst || exportsLess(difference))) this.#keeper.keep(exportNames(graph));
    this.#forgetParts(swap);
    if (!isSameShape || fresh.size > 0) this.#replaceEdges(swap);
    const { added, changed, removed, kept } = difference;
    this.#emit({
      type: "graph-swapped",
      added: added.length,
      changed: changed.length,
      removed: removed.length,
      kept,
    });
    this.#setGoing(swap, fresh);
    this.#unblock(!isSameShape);
    swap.done.resolve();
    return true;
  }

  /** Forgets those that are gone and makes those that are new; tells which are new. */
  #replaceNodes(swap: Swap): ReadonlySet<Node> {
    const { graph, difference, ended } = swap;
    const fresh = new Set<Node>();
    const closed = new Map<string, Node>();
    const nowMs = this.#host.clock.monotonicMs();
    const make = (vertex: Vertex): void => {
      const node = createNode(vertex, this.#parts.of(vertex), this.#metaOf(vertex), nowMs, closed.get(vertex.key));
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
  #forgetParts({ difference: { removed, changed } }: Swap): void {
    const isInGraph = (node: Node): boolean => this.#nodes.get(node.key) === node;
    const tell = (part: Part): void => {
      // A vertex has told of itself when it was closed.
      if (part.home?.own !== part) this.#emit({ type: "removed", resource: part.vertex.reference });
    };
    for (const vertex of removed) this.#parts.forget(vertex, isInGraph, tell);
    for (const { before } of changed) if (before.members.length > 0) this.#parts.forget(before, isInGraph, tell);
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

  /** Lets everything go that has to: new, changed, or held up by the swap. */
  #setGoing(swap: Swap, fresh: ReadonlySet<Node>): void {
    const { difference, ended } = swap;
    for (const change of difference.changed) {
      const node = this.#nodes.get(change.after.key);
      if (node === undefined || fresh.has(node)) continue;
      this.#inbox.push([
        node,
        { type: "replace", meta: this.#metaOf(change.after), cause: causeOfChange(swap, change) },
      ]);
    }
    const changed = new Set(difference.changed.map(({ after }) => after.key));
    for (const key of ended) {
      const node = this.#nodes.get(key);
      if (node !== undefined && !fresh.has(node) && !changed.has(key)) this.#inbox.push([node, { type: "resume" }]);
    }
    for (const node of this.#failedForGood) {
      const again = node.state.meta.rewatch && !changed.has(node.key);
      if (again) this.#inbox.push([node, { type: "replace", meta: node.state.meta, cause: { kind: "definition" } }]);
    }
    this.#wakeRewired(difference);
    this.#wakePeers(difference);
    for (const node of fresh) this.#inbox.push([node, { type: "start", cause: causeOfStart(swap, node.vertex) }]);
  }

  /** An equal resource that receives from others than before wants something else. */
  #wakeRewired({ edges }: GraphDifference): void {
    const rewired = edges.changed.filter(({ before, after }) => !sameSends(before, after)).map(({ after }) => after);
    const wake = (edge: ResourceEdge, cause: Cause): void => {
      const receiver = this.#nodes.get(edge.to);
      if (receiver !== undefined) this.#inbox.push([receiver, { type: "wake", cause }]);
    };
    for (const edge of [...edges.added.filter(({ sends }) => sends.length > 0), ...rewired]) {
      wake(edge, { kind: "received", from: vertexOf(this.graph, edge.from)?.reference ?? edge.from });
    }
    for (const edge of edges.removed) if (edge.sends.length > 0) wake(edge, { kind: "definition" });
  }

  /** Those that leave alone what others manage must know when these no longer do. */
  #wakePeers({ changed, removed }: GraphDifference): void {
    const kinds = new Set<string>();
    for (const { kind } of removed) if (kind.peers !== undefined) kinds.add(kind.kind);
    for (const { after, fields } of changed) {
      if (fields.some((field) => after.kind.peers?.reads.includes(field))) kinds.add(after.kind.kind);
    }
    if (kinds.size === 0) return;
    for (const node of this.#nodes.values()) {
      const { kind, want } = node.vertex;
      if (!kinds.has(kind.kind) || !readsPeers(kind, want)) continue;
      this.#inbox.push([node, { type: "wake", cause: { kind: "definition" } }]);
    }
  }

  /** Lets those ask again whose blocker may not be one any more. */
  #unblock(edgesChanged: boolean): void {
    if (this.#blocked.size === 0) return;
    this.#takeInbox();
    const blockers = new Set([...this.#failedForGood].map(({ vertex }) => vertex.reference));
    for (const node of this.#blocked) {
      const { phase } = node.state;
      const stays = phase.kind === "blocked" && blockers.has(phase.by) && !edgesChanged;
      if (!stays) this.#inbox.push([node, { type: "unblocked" }]);
    }
  }

  #metaOf(vertex: Vertex): Meta {
    return this.#noop ? { ...vertex.meta, noop: true } : vertex.meta;
  }

  // ---- What leaves the program ----

  #createReversals(kinds: readonly ResourceKind[], stateRoot: string): Reversals {
    const at: Span = { file: { path: stateRoot, text: "" }, start: 0, end: 0 };
    const onUnreadable = (resource: string, failure: Failure): void => {
      this.#emit({ type: "failed", resource, failure, at, retryInMs: undefined, repeated: false });
    };
    const reversals = new Reversals({ host: this.#host, stateRoot, kinds, onUnreadable });
    const loading = new AbortController();
    this.#loading = loading;
    const loaded = (): void => {
      this.#loading = undefined;
      this.#run();
    };
    reversals.load(loading.signal).then(loaded, (reason: unknown) => {
      if (!loading.signal.aborted) onUnreadable(stateRoot, failureFrom(reason));
      loaded();
    });
    return reversals;
  }

  /** One that stays has done what it stayed for: it goes, with all that stayed for it. */
  #noteStaying(node: Node): void {
    if (this.#stopping !== undefined || this.#requested !== undefined || mustStay(node)) return;
    const undone = node.state.phase.kind === "settled" && this.#reversals?.has(node.key) === false;
    if (!node.vertex.meta.realize && !undone) return;
    this.#requested = { graph: this.#asked, done: Promise.withResolvers<void>() };
  }

  // ---- What other hosts have of it ----

  #createKeeper({ exports }: Exchange, stateRoot: string): ExportKeeper {
    const at: Span = { file: { path: stateRoot, text: "" }, start: 0, end: 0 };
    const keeper = new ExportKeeper(exports, this.#host.clock, (failure) => {
      const resource = "what is not exported any more";
      if (failure === undefined) this.#emit({ type: "removed", resource });
      else this.#emit({ type: "failed", resource, failure, at, retryInMs: undefined, repeated: false });
    });
    exports.onReachable(() => {
      for (const node of this.#nodes.values()) this.#exportAgain(node);
    });
    return keeper;
  }

  /** The store was lost for a while: it may not be what it was. */
  #exportAgain(node: Node): void {
    const exported = [...node.parts.values()].filter(({ vertex }) => isExported(vertex));
    for (const part of exported) part.published = undefined;
    if (exported.length > 0) this.#post(node, { type: "wake", cause: { kind: "watch" } });
  }

  // ---- The end ----

  stop(): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping.promise;
    const stopping = Promise.withResolvers<void>();
    this.#stopping = stopping;
    this.#loading?.abort();
    this.#swap?.done.resolve();
    this.#requested?.done.resolve();
    this.#requested = undefined;
    this.#swap = undefined;
    this.#convergence.end(new DOMException("the engine is stopped", "AbortError"));
    for (const node of this.#nodes.values()) {
      node.ledger.lastPhase ??= node.state.phase;
      this.#inbox.push([node, { type: "close" }]);
    }
    if (this.#open === 0) stopping.resolve();
    this.#run();
    const ended = stopping.promise.then(() => this.#keeper.stop());
    this.#stopping = { promise: ended, resolve: stopping.resolve };
    return ended;
  }

  interrupt(): Promise<void> {
    const stopped = this.stop();
    for (const node of this.#nodes.values()) this.#runner.cancel(node, { isTheEnd: true });
    return stopped;
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
