// SPDX-License-Identifier: Apache-2.0
// Runs a program on this machine: compile, function graph, resource graph, engine; and again when its file is edited.
// A new program or a new graph that is wrong never takes the place of a good one.

import { type Problem, Problems } from "../base/problem.ts";
import type { Listener } from "../contract/event.ts";
import type { Cluster } from "../contract/cluster.ts";
import { isAbort } from "../contract/failure.ts";
import type { LocalStore } from "../contract/local-store.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { tellAll } from "../engine/telling.ts";
import type { ResourceReport } from "../engine/report.ts";
import { createExchange, type OwnExchange } from "../exchange/index.ts";
import { createDeployFiles } from "../host/deploy-files.ts";
import { createLocalStore } from "../host/local-store.ts";
import { createResourceGraphBuilder } from "../resource-graph/builder.ts";
import { emptyGraph } from "../resource-graph/vertex.ts";
import { emptyCluster } from "./cluster.ts";
import { spreading } from "./deploys/spread.ts";
import { EdgeFacts } from "./edge-facts.ts";
import { fileSource } from "./file-source.ts";
import { GraphFile } from "./graph-file.ts";
import { HeldProblems } from "./held-problems.ts";
import { createLiveProgram, nameOf, noFunctions } from "./live-program.ts";
import { orPulse } from "./or-pulse.ts";
import { Pace } from "./pace.ts";
import { type Offer, type ProgramSource, withMeta } from "./program-source.ts";
import type { Ending, Run, RunEnd, RunOptions, RunView } from "./run.ts";
import { untilAllConverged, untilConverged } from "./until-converged.ts";

/** Fails with a `Failure` only when the program cannot be read at first. */
export function runProgram(options: RunOptions): Run {
  const run = new ProgramRun(options);
  return { view: run.view, ended: run.main(), stop: () => run.end("stopped"), interrupt: () => run.interrupt() };
}

/** One program, from its first value to its end. */
interface Session {
  readonly ended: Promise<void>;
  /** True when it has a graph that is right; false when it has ended before. */
  readonly isReady: Promise<boolean>;
  /** Lets its graphs come into force. */
  take(): void;
  stop(): Promise<void>;
}

class ProgramRun {
  readonly #options: RunOptions;
  readonly #local: LocalStore;
  readonly #deploy = createDeployFiles();
  readonly #cluster: Cluster;
  readonly #exchange: OwnExchange;
  readonly #engine: Engine;
  readonly #stop = new AbortController();
  readonly #facts: EdgeFacts;
  readonly #source: ProgramSource;
  /** Of the program in force. */
  #held: HeldProblems | undefined;
  readonly #picture: GraphFile | undefined;
  #functions: RunView["functions"] = noFunctions;
  #ending: Ending = "stopped";
  #status: number | undefined;
  #convergenceWatched = false;
  #interrupted: Promise<void> | undefined;
  /** From before the end undid things. */
  #report: readonly ResourceReport[] | undefined;

  constructor(options: RunOptions) {
    const { host, hostname, catalog, noop, sema, prefix, approve } = options;
    const exit: Listener = (event) => {
      if (event.type === "ended") this.#exit(event.status);
      if (event.type === "converged" || event.type === "unconverged") {
        this.#exchange.setConverged(event.type === "converged");
      }
    };
    this.#options = options;
    this.#local = createLocalStore(host, prefix, this.#deploy);
    this.#cluster = options.cluster ?? emptyCluster(host.clock);
    const onTrouble = options.onTrouble ?? (() => {});
    const remembered = options.remembered === undefined ? {} : { remembered: options.remembered };
    const doors = options.doors === undefined ? {} : { doors: options.doors };
    const sharing = { cluster: this.#cluster, hostname, clock: host.clock, onTrouble, ...doors };
    this.#exchange = createExchange({ ...sharing, ...remembered });
    // Whoever deploys wants to know who takes it up, also of a host that is alone.
    if ((this.#cluster.isShared || options.source !== undefined) && !noop) this.#exchange.announce();
    const parts = { exchange: this.#exchange, local: this.#local, signal: this.#stop.signal };
    this.#source = options.source?.(parts) ?? this.#ownSource(options);
    const { listen } = this.#source;
    const emit = tellAll(exit, ...[options.emit].flat(), ...(listen === undefined ? [] : [listen]));
    const { graphvizFile } = options;
    this.#picture = graphvizFile === undefined ? undefined : new GraphFile(graphvizFile, host, onTrouble);
    this.#facts = new EdgeFacts({ host, emit, watchUntil: this.#stop.signal });
    this.#engine = createEngine({
      host,
      local: this.#local,
      exchange: this.#exchange,
      emit,
      noop,
      sema,
      convergedSeconds: options.convergedMs === undefined ? undefined : options.convergedMs / 1000,
      stateRoot: `${prefix}/engine/state`,
      kinds: catalog.kinds.flatMap((name) => catalog.kind(name) ?? []),
      ...(approve === undefined ? {} : { approve }),
    });
  }

  /** The program at the path; other hosts may have to run it, too. */
  #ownSource(options: RunOptions): ProgramSource {
    const source = fileSource(options);
    if (options.noop || options.program !== undefined || !this.#cluster.isShared) return source;
    const { automatic, sema, onTrouble = () => {} } = options;
    const settings = {
      noop: false,
      ...(sema === undefined ? {} : { sema }),
      autoedges: automatic?.autoedges !== false,
      autogroups: automatic?.autogroups !== false,
    };
    const { signal } = this.#stop;
    return spreading(source, { ...options, exchange: this.#exchange, settings, signal, onTrouble });
  }

  async main(): Promise<RunEnd> {
    const { host, maxRuntimeMs } = this.#options;
    const cancelLimit =
      maxRuntimeMs === undefined ? () => {} : host.clock.after(maxRuntimeMs, () => this.end("max-runtime"));
    try {
      await this.#programs();
    } finally {
      cancelLimit();
      this.#stop.abort();
      if (this.#options.reverseOnExit === true && this.#ending !== "wrong") await this.#reverse();
      await this.#engine.stop();
      await this.#interrupted;
      await this.#facts.ended();
      await this.#exchange.close();
      await this.#cluster.close();
    }
    return { ending: this.#ending, report: this.#report ?? this.#engine.report(), status: this.#status };
  }

  /** As if the program were empty now; `interrupt` cuts it short. */
  async #reverse(): Promise<void> {
    this.#report = this.#engine.report();
    await this.#engine.swap(emptyGraph);
    await this.#engine.whenConverged(0, new AbortController().signal).catch((reason: unknown) => {
      if (!(reason instanceof DOMException && reason.name === "AbortError")) throw reason;
    });
  }

  get view(): RunView {
    const engine = this.#engine;
    const functions = (): RunView["functions"] => this.#functions;
    const exchange = this.#exchange;
    return {
      get store() {
        return exchange.state;
      },
      get graph() {
        return engine.graph;
      },
      get converged() {
        return engine.converged;
      },
      get functions() {
        return functions();
      },
      report: () => engine.report(),
      census: () => engine.census(),
    };
  }

  end(ending: Ending): void {
    if (this.#stop.signal.aborted) return;
    this.#ending = ending;
    this.#stop.abort();
  }

  #exit(status: number): void {
    if (this.#stop.signal.aborted) return;
    this.#status = status;
    this.end("exited");
  }

  interrupt(): void {
    this.end("stopped");
    this.#interrupted = this.#engine.interrupt();
  }

  /** One program after the other: each takes the place of the one before when its first graph is right. */
  async #programs(): Promise<void> {
    const { signal } = this.#stop;
    const source = this.#source;
    const first = await source.first(signal).catch(nothingWhenAborted(signal));
    if (first === undefined) this.end("wrong");
    if (first === undefined || signal.aborted) return;
    let present: Session | undefined = this.#begin(first);
    let trial: Session | undefined;
    present.take();
    let offered = source.next(signal).catch(nothingWhenAborted(signal));
    while (!signal.aborted) {
      const what = await Promise.race([
        offered.then((offer) => ({ is: "offered", offer }) as const),
        ...(present === undefined ? [] : [present.ended.then(() => ({ is: "ended" }) as const)]),
        ...(trial === undefined ? [] : [trial.isReady.then((isReady) => ({ is: isReady ? "ready" : "refused" }) as const)]),
      ]); // biome-ignore format: one line
      if (what.is === "offered") {
        await trial?.stop();
        trial = undefined;
        if (what.offer === undefined) break;
        trial = this.#begin(what.offer);
        offered = source.next(signal).catch(nothingWhenAborted(signal));
      } else if (what.is === "ended") {
        present = undefined;
        if (source.endsWithItsProgram) break;
      } else if (what.is === "ready" && trial !== undefined) {
        await present?.stop();
        present = trial;
        trial = undefined;
        if (signal.aborted) break;
        this.#options.onReload();
        present.take();
      } else {
        trial = undefined;
      }
    }
    await Promise.all([trial?.stop(), present?.stop(), offered]);
  }

  #begin(offer: Offer): Session {
    const stopping = new AbortController();
    const living = AbortSignal.any([this.#stop.signal, stopping.signal]);
    const ready = Promise.withResolvers<boolean>();
    const taken = Promise.withResolvers<void>();
    living.addEventListener("abort", () => taken.resolve(), { once: true });
    const take = (): void => {
      this.#deploy.take(offer.packing);
      taken.resolve();
    };
    this.#options.onProgram?.(offer.files);
    const ended = this.#session(offer, living, () => {
      ready.resolve(true);
      return taken.promise;
    }).finally(() => ready.resolve(false));
    const stop = async (): Promise<void> => {
      stopping.abort();
      await ended;
    };
    return { ended, isReady: ready.promise, take, stop };
  }

  /**
   * Lets one program live until the signal, or until it ends itself with problems. Its first graph that is right waits for
   * `mayTake`.
   */
  async #session(offer: Offer, signal: AbortSignal, mayTake: () => Promise<void>): Promise<void> {
    const { host, hostname, catalog, path } = this.#options;
    const problems = new Problems();
    const tell = (found: readonly Problem[]): void => {
      this.#options.onProblems(found);
      offer.onProblems?.(found);
    };
    using held = new HeldProblems(host.clock, tell, this.#options.onTrouble ?? (() => {}));
    const facts = this.#facts;
    const automatic = { ...this.#options.automatic, ...offer.automatic };
    const builder = createResourceGraphBuilder(catalog, { ...automatic, facts: facts.of });
    const functions = createLiveProgram({
      program: offer.program,
      host,
      local: this.#local,
      exchange: this.#exchange,
      isKind: (kind) => catalog.kind(kind) !== undefined,
      hostname,
      problems,
      onHeld: (found) => held.found(found),
    });
    let isTaken = false;
    const pace = new Pace(host.clock, () => functions.streams.items);
    for await (const delta of orPulse(functions.run(signal), facts.changes(signal))) {
      pace.begin();
      const asked = delta === undefined ? builder.rebuild() : builder.apply(withMeta(delta, offer.meta));
      const hasLearnt = asked.ok && (await facts.learn(builder.questions, signal).catch(nothingWhenAborted(signal)));
      const built = hasLearnt === true ? builder.rebuild() : asked;
      if (!built.ok) {
        tell(built.problems);
        if (!this.#convergenceWatched && this.#source.endsWithItsProgram) return this.end("wrong");
        continue;
      }
      if (!isTaken) {
        await mayTake();
        if (signal.aborted) return;
        isTaken = true;
        this.#functions = functions;
        this.#held = held;
      }
      await this.#engine.swap(built.graph, delta?.origins);
      await this.#picture?.draw(this.#engine.graph, nameOf(offer.program, path), this.#stop.signal);
      this.#watchConvergence();
      offer.onTaken?.(built.graph);
      const { added, removed } = built.difference;
      await pace.rest({ isAnotherGraph: added.length > 0 || removed.length > 0 }, signal);
    }
    if (!problems.any || signal.aborted) return;
    tell(problems.all);
    if (this.#source.endsWithItsProgram) this.end("wrong");
  }

  /** Begins with the first graph: before it there is nothing that could be as declared. */
  #watchConvergence(): void {
    if (this.#convergenceWatched) return;
    this.#convergenceWatched = true;
    const { convergedMs } = this.#options;
    if (convergedMs === undefined) return;
    const { signal } = this.#stop;
    const { clock } = this.#options.host;
    const parts = {
      engine: this.#engine,
      exchange: this.#exchange,
      clock,
      mayHear: () => this.#functions.streams.active > 0,
    };
    const converged =
      this.#options.convergedScope === "cluster"
        ? untilAllConverged(convergedMs, parts, signal)
        : untilConverged(convergedMs, parts, signal);
    converged.then(
      () => this.end(this.#held?.tellAll() === true ? "wrong" : "converged"),
      () => {}, // The run has ended for another reason.
    );
  }
}

function nothingWhenAborted(signal: AbortSignal): (reason: unknown) => undefined {
  return (reason) => {
    if (!isAbort(reason, signal)) throw reason;
    return undefined;
  };
}
