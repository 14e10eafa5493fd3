// SPDX-License-Identifier: Apache-2.0
// Keeps a graph of resources true: one worker for each, in the order of the edges, at once where there is none. Owns the
// loop and who may begin. The rules of a worker are in worker.ts, those of order in scheduler.ts, those of another graph
// in graph-changes.ts; what workers ask for is done in effects.ts.

import type { Origins } from "../contract/declaration.ts";
import type { Exchange } from "../contract/exchange.ts";
import type { Listener } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { LocalStore } from "../contract/local-store.ts";
import type { ResourceKind } from "../contract/resource.ts";
import { parseSemaphore } from "../resource-graph/semaphores.ts";
import type { ResourceGraph } from "../resource-graph/vertex.ts";
import { Convergence } from "./convergence.ts";
import { Effects } from "./effects.ts";
import { isWatchedAlike, takeInputs } from "./along-edges.ts";
import { ExportKeeper } from "./export-keeper.ts";
import { GraphChanges } from "./graph-changes.ts";
import type { Node } from "./node.ts";
import { isExported } from "./publication.ts";
import { type CensusEntry, censusOf, type ResourceReport, reportOf } from "./report.ts";
import { Reversals } from "./reversals.ts";
import { RunningGraph } from "./running-graph.ts";
import { Runner } from "./runner.ts";
import { blockerOf } from "./scheduler.ts";
import { Secrets } from "./secrets.ts";
import { Semaphores } from "./semaphores.ts";
import { tellAll } from "./telling.ts";
import type { Approve } from "./work.ts";
import { mayBegin, occupies, type WorkerEvent, willArm } from "./worker-state.ts";
import { step } from "./worker.ts";

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
  /** The run ends when it has been converged for so long; absent: it does not. */
  readonly convergedSeconds?: number | undefined;
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
  readonly #host: Host;
  readonly #emit: Listener;
  readonly #secrets = new Secrets();
  readonly #running: RunningGraph;
  readonly #changes: GraphChanges;
  readonly #runner: Runner;
  readonly #effects: Effects;
  readonly #keeper: ExportKeeper;
  readonly #convergence: Convergence;
  readonly #semaphores = new Semaphores<Node>((node) => this.#ready.push(node));
  readonly #sema: number | undefined;
  readonly #inbox: (readonly [node: Node, event: WorkerEvent])[] = [];
  /** Nodes that may be able to begin now. */
  readonly #ready: Node[] = [];
  #turning = false;
  #turn = 0;
  #stopping: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor({ host, local, exchange, emit, noop, sema, stateRoot, approve, kinds, convergedSeconds }: EngineOptions) {
    this.#host = host;
    this.#emit = this.#secrets.listener(tellAll(emit));
    this.#sema = sema;
    const [{ clock }, secrets, told] = [host, this.#secrets, this.#emit];
    this.#convergence = new Convergence(clock);
    const onReady = (node: Node): void => void this.#ready.push(node);
    const running = new RunningGraph({ noop, onReady });
    this.#running = running;
    const reversals = kinds === undefined ? undefined : new Reversals({ host, stateRoot, kinds, emit: told });
    const keeper = new ExportKeeper({ exports: exchange.exports, clock, emit: told, stateRoot });
    this.#keeper = keeper;
    this.#runner = new Runner({
      ...{ host, local, exchange, stateRoot, emit: told, secrets, approve, reversals, keeper, convergedSeconds },
      parts: () => running.parts,
      post: (node, event) => this.#post(node, event),
      rest: (node, isAtRest) => this.#post(node, { type: "rest", isAtRest }),
    });
    const deliver = (node: Node, event: WorkerEvent): void => this.#deliver(node, event);
    const nextTurn = (): number => (this.#turn += 1);
    this.#effects = new Effects({ runner: this.#runner, clock, emit: told, onReady, deliver, nextTurn });
    const kept = noop ? undefined : keeper;
    this.#changes = new GraphChanges({ running, clock, emit: told, reversals, keeper: kept, deliver });
    reversals?.load(() => this.#run());
    exchange.exports.onReachable(() => this.#exportAgain());
  }

  get graph(): ResourceGraph {
    return this.#running.graph;
  }

  get converged(): boolean {
    return this.#convergence.converged;
  }

  whenConverged(forMs: number, signal: AbortSignal): Promise<void> {
    return this.#convergence.when(forMs, signal);
  }

  report(): readonly ResourceReport[] {
    return reportOf(this.#running.nodes.values(), this.#secrets);
  }

  census(): readonly CensusEntry[] {
    return censusOf(this.#running.nodes.values());
  }

  swap(graph: ResourceGraph, origins?: Origins): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping.promise;
    const inForce = this.#changes.request(graph, origins);
    this.#run();
    return inForce;
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
      } while (this.#changes.advance());
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
    for (const effect of effects) this.#effects.carryOut(node, effect);
    if (state === before) return;
    this.#running.note(node, before);
    if (before.phase.kind === "applying" && state.phase.kind !== "applying") this.#endLasting(node);
    if (state.phase.kind === "closed") this.#noteClosed(node);
    this.#changes.note(node);
    if (!occupies(state) && (occupies(before) || !mayBegin(state))) this.#semaphores.release(node);
  }

  /** A step is finished before its resource changes or goes; one that would last for ever is told to end. */
  #endLasting(node: Node): void {
    const { kind } = node.state.phase;
    if (node.vertex.kind.traits.lasting !== true || (kind !== "pausing" && kind !== "closing")) return;
    this.#runner.cancel(node, { isTheEnd: false });
  }

  #noteClosed(node: Node): void {
    if (this.#stopping === undefined) {
      if (!this.#changes.staysAsMember(node)) this.#emit({ type: "removed", resource: node.vertex.reference });
    } else if (!this.#running.isOpen) this.#stopping.resolve();
  }

  #updateConvergence(): void {
    const converged = this.#changes.isAtRest && !this.#running.isWorking && this.#stopping === undefined;
    if (converged === this.converged) return;
    this.#convergence.set(converged);
    if (this.#stopping === undefined) this.#emit({ type: converged ? "converged" : "unconverged" });
  }

  // ---- Who may begin ----

  /** A node that wants to begin: lets it, or finds out that it never may. */
  #consider(node: Node): void {
    const { phase } = node.state;
    if (phase.kind !== "blocked" && (phase.kind !== "waiting" || phase.held)) return;
    if (node.unready > 0) {
      this.#semaphores.release(node);
      const mayBeBlocked = this.#running.failedForGood.size > 0 && phase.kind === "waiting";
      const by = mayBeBlocked ? blockerOf(node) : undefined;
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

  // ---- What other hosts have of it ----

  /** The store was lost for a while: it may not be what it was. */
  #exportAgain(): void {
    for (const node of this.#running.nodes.values()) {
      const exported = [...node.parts.values()].filter(({ vertex }) => isExported(vertex));
      for (const part of exported) part.published = undefined;
      if (exported.length > 0) this.#post(node, { type: "wake", cause: { kind: "watch" } });
    }
  }

  // ---- The end ----

  stop(): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping.promise;
    const stopping = Promise.withResolvers<void>();
    this.#stopping = stopping;
    this.#changes.stop();
    this.#convergence.end(new DOMException("the engine is stopped", "AbortError"));
    for (const node of this.#running.nodes.values()) {
      node.ledger.lastPhase ??= node.state.phase;
      this.#inbox.push([node, { type: "close" }]);
    }
    if (!this.#running.isOpen) stopping.resolve();
    this.#run();
    const ended = stopping.promise.then(() => this.#keeper.stop());
    this.#stopping = { promise: ended, resolve: stopping.resolve };
    return ended;
  }

  interrupt(): Promise<void> {
    const stopped = this.stop();
    for (const node of this.#running.nodes.values()) this.#runner.cancel(node, { isTheEnd: true });
    return stopped;
  }
}
