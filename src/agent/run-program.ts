// SPDX-License-Identifier: Apache-2.0
// Runs a program on this machine: compile, function graph, resource graph, engine; and again when its file is edited.
// A new program or a new graph that is wrong never takes the place of a good one.

import { type Problem, Problems } from "../base/problem.ts";
import type { Pulses } from "../base/pulse.ts";
import type { Catalog } from "../contract/catalog.ts";
import type { Listener } from "../contract/event.ts";
import type { Cluster } from "../contract/cluster.ts";
import { Failure, isAbort } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { LocalStore } from "../contract/local-store.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { tellAll } from "../engine/telling.ts";
import type { ResourceReport } from "../engine/report.ts";
import type { Approve } from "../engine/work.ts";
import { createExchange, type OwnExchange } from "../exchange/index.ts";
import { createLocalStore } from "../host/local-store.ts";
import { createResourceGraphBuilder } from "../resource-graph/builder.ts";
import type { PassOptions } from "../resource-graph/passes.ts";
import { emptyGraph } from "../resource-graph/vertex.ts";
import { renderDot } from "../resource-graph/render.ts";
import { bytesOf } from "../values/bytes.ts";
import { emptyCluster } from "./cluster.ts";
import { type Compiled, compileProgram, type ReadingWithModules } from "./compile-program.ts";
import { EdgeFacts } from "./edge-facts.ts";
import { createLiveProgram, type LiveProgram, noFunctions, type Program } from "./live-program.ts";

export interface RunOptions {
  /** As written on the command line; see `findProgram`. */
  readonly path: string;
  /** Run instead of what is at the path, which is then only a name. */
  readonly program?: Program;
  readonly reading: Omit<ReadingWithModules, "host" | "signal">;
  readonly host: Host;
  readonly catalog: Catalog;
  readonly hostname: string;
  /** Where this program keeps what must survive a restart. */
  readonly prefix: string;
  /** What is shared with other hosts; closed at the end. Absent: an empty one, which is gone then. */
  readonly cluster?: Cluster;
  readonly noop: boolean;
  /** What of automatic edges and groups is wanted; absent: all. */
  readonly automatic?: PassOptions;
  /** How many resources may run at once. */
  readonly sema?: number | undefined;
  /** Holds the run to a plan. */
  readonly approve?: Approve;
  /** At the end, undo what the program wants undone when it leaves. */
  readonly reverseOnExit?: boolean;
  /** Take up edits of the program's file and of its modules. */
  readonly watchProgram: boolean;
  /** End when converged for this long. */
  readonly convergedMs: number | undefined;
  readonly maxRuntimeMs: number | undefined;
  /** An absolute path that is written whenever the graph changes. */
  readonly graphvizFile: string | undefined;
  /** What one of several throws is nothing to the others, nor to the run. */
  readonly emit: Listener | readonly Listener[];
  /** Problems of the program, as they are found; the run may go on with what it had. */
  readonly onProblems: (problems: readonly Problem[]) => void;
  /** A program is about to begin: its files by their paths, also those that were looked for and are not there. */
  readonly onProgram?: (files: ReadonlyMap<string, string | undefined>) => void;
  /** A program was taken up after an edit. */
  readonly onReload: () => void;
  /** A sentence for the person who runs it: something is wrong beside the program. */
  readonly onTrouble?: (message: string) => void;
}

/** An edited program counts when its files have not changed for this long. */
const savedForMs = 50;

/** Why a run ended. */
export type Ending = "stopped" | "converged" | "wrong" | "max-runtime" | "exited";

export interface RunEnd {
  readonly ending: Ending;
  readonly report: readonly ResourceReport[];
  /** The exit status that a resource asked for, when it has ended the run. */
  readonly status: number | undefined;
}

/** The handle on a run: `ended` resolves when nothing of it runs any more. */
export interface Run {
  /** What can be seen of it while it runs. */
  readonly view: RunView;
  readonly ended: Promise<RunEnd>;
  /** Ends it in order: running steps are finished. */
  stop(): void;
  /** Ends it at once: running steps are cut off. */
  interrupt(): void;
}

export interface RunView extends Pick<Engine, "graph" | "converged" | "report" | "census"> {
  /** Of the program that runs now. */
  readonly functions: Pick<LiveProgram, "counts" | "streams">;
}

/** Fails with a `Failure` only when the program cannot be read at first. */
export function runProgram(options: RunOptions): Run {
  const run = new ProgramRun(options);
  return { view: run.view, ended: run.main(), stop: () => run.end("stopped"), interrupt: () => run.interrupt() };
}

class ProgramRun {
  readonly #options: RunOptions;
  readonly #local: LocalStore;
  readonly #cluster: Cluster;
  readonly #exchange: OwnExchange;
  readonly #engine: Engine;
  readonly #stop = new AbortController();
  readonly #facts: EdgeFacts;
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
    };
    const emit = tellAll(exit, ...[options.emit].flat());
    this.#options = options;
    this.#local = createLocalStore(host, prefix);
    this.#cluster = options.cluster ?? emptyCluster(host.clock);
    const onTrouble = options.onTrouble ?? (() => {});
    this.#exchange = createExchange({ cluster: this.#cluster, hostname, clock: host.clock, onTrouble });
    if (this.#cluster.isShared && !noop) this.#exchange.announce();
    this.#facts = new EdgeFacts({ host, emit, watchUntil: this.#stop.signal });
    this.#engine = createEngine({
      host,
      local: this.#local,
      exchange: this.#exchange,
      emit,
      noop,
      sema,
      stateRoot: `${prefix}/engine/state`,
      kinds: catalog.kinds.flatMap((name) => catalog.kind(name) ?? []),
      ...(approve === undefined ? {} : { approve }),
    });
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
    return {
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

  /** One program after the other: each edit that compiles takes the place of the program before. */
  async #programs(): Promise<void> {
    const { signal } = this.#stop;
    let compiled: Compiled | undefined = await this.#compile();
    if (compiled?.program === undefined) {
      this.end("wrong");
      return;
    }
    while (compiled?.program !== undefined && !signal.aborted) {
      this.#options.onProgram?.(compiled.looked);
      const session = new AbortController();
      const living = AbortSignal.any([signal, session.signal]);
      const running = this.#session(compiled.program, living);
      const edited: Promise<Compiled | undefined> = this.#nextEdit(compiled, living).catch(nothingWhenAborted(living));
      compiled = await Promise.race([edited, running.then(() => undefined)]);
      session.abort();
      await Promise.all([running, edited]);
      if (compiled !== undefined && !signal.aborted) this.#options.onReload();
    }
  }

  async #compile(): Promise<Compiled | undefined> {
    const compiled = await this.#read(this.#stop.signal);
    if (compiled.problems.length > 0) this.#options.onProblems(compiled.problems);
    return compiled;
  }

  #read(signal: AbortSignal, { afterEdit } = { afterEdit: false }): Promise<Compiled> {
    const { path, catalog, reading, host, program } = this.#options;
    if (program !== undefined) {
      return Promise.resolve({ program, problems: [], looked: new Map(), canBeReadAgain: false });
    }
    // The newest of each module is asked for once, not at every edit.
    const again = afterEdit && reading.modules !== undefined ? { modules: { ...reading.modules, update: false } } : {};
    return compileProgram(path, catalog, { ...reading, ...again, host, signal });
  }

  /** Resolves with the next version of the program that is right; never, when edits are not taken up. */
  async #nextEdit(present: Compiled, signal: AbortSignal): Promise<Compiled | undefined> {
    if (!present.canBeReadAgain || !this.#options.watchProgram) return until(signal);
    for (let known = present; ; ) {
      const edited = await this.#nextVersion(known, signal);
      if (edited === undefined || edited.program !== undefined) return edited;
      this.#options.onProblems(edited.problems);
      known = edited; // It may consist of other files.
    }
  }

  /** Resolves when any file is another than it was, also one that was looked for and not there. */
  async #nextVersion(known: Compiled, signal: AbortSignal): Promise<Compiled | undefined> {
    const { looked } = known;
    const { files, clock } = this.#options.host;
    const targets = [...looked.keys()].map((path) => ({ path }));
    for await (const _ of files.watch(targets, signal)) {
      let last: Compiled | undefined;
      // Many editors empty a file before they fill it: what is there counts once it has stayed the same for a while.
      for (;;) {
        const read = await this.#readIfThere(signal);
        if (read === undefined || sameTexts(read.looked, looked)) break;
        if (last !== undefined && sameTexts(read.looked, last.looked)) return read;
        last = read;
        await clock.sleep(savedForMs, signal);
      }
    }
    return undefined;
  }

  /** Undefined between the halves of a save. */
  async #readIfThere(signal: AbortSignal): Promise<Compiled | undefined> {
    try {
      return await this.#read(signal, { afterEdit: true });
    } catch (reason) {
      if (reason instanceof Failure) return undefined;
      throw reason;
    }
  }

  /** Lets one program live until the signal, or until it ends itself with problems. */
  async #session(program: Program, signal: AbortSignal): Promise<void> {
    const { host, hostname, catalog, onProblems } = this.#options;
    const problems = new Problems();
    const facts = this.#facts;
    const builder = createResourceGraphBuilder(catalog, { ...this.#options.automatic, facts: facts.of });
    const functions = createLiveProgram({
      program,
      host,
      local: this.#local,
      exchange: this.#exchange,
      isKind: (kind) => catalog.kind(kind) !== undefined,
      hostname,
      problems,
    });
    this.#functions = functions;
    let hasGraph = this.#convergenceWatched;
    for await (const delta of orPulse(functions.run(signal), facts.changes(signal))) {
      const asked = delta === undefined ? builder.rebuild() : builder.apply(delta);
      const hasLearnt = asked.ok && (await facts.learn(builder.questions, signal).catch(nothingWhenAborted(signal)));
      const built = hasLearnt === true ? builder.rebuild() : asked;
      if (!built.ok) {
        onProblems(built.problems);
        if (!hasGraph) return this.end("wrong");
        continue;
      }
      hasGraph = true;
      await this.#engine.swap(built.graph, delta?.origins);
      await this.#drawGraph();
      this.#watchConvergence();
    }
    if (!problems.any || signal.aborted) return;
    onProblems(problems.all);
    this.end("wrong");
  }

  async #drawGraph(): Promise<void> {
    const { graphvizFile, host, path } = this.#options;
    if (graphvizFile === undefined) return;
    await host.files.write(graphvizFile, bytesOf(renderDot(this.#engine.graph, path)), {}, this.#stop.signal);
  }

  /** Begins with the first graph: before it there is nothing that could be as declared. */
  #watchConvergence(): void {
    if (this.#convergenceWatched) return;
    this.#convergenceWatched = true;
    const { convergedMs } = this.#options;
    if (convergedMs === undefined) return;
    this.#engine.whenConverged(convergedMs, this.#stop.signal).then(
      () => this.end("converged"),
      () => {}, // The run has ended for another reason.
    );
  }
}

function sameTexts(some: ReadonlyMap<string, string | undefined>, others: typeof some): boolean {
  return some.size === others.size && [...some].every(([path, text]) => others.has(path) && others.get(path) === text);
}

/** Resolves with nothing when the signal aborts. */
function until(signal: AbortSignal): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (signal.aborted) resolve(undefined);
  else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  return promise;
}

function nothingWhenAborted(signal: AbortSignal): (reason: unknown) => undefined {
  return (reason) => {
    if (!isAbort(reason, signal)) throw reason;
    return undefined;
  };
}

/** The items as they come, each asked for when the one before is done with; and undefined for pulses in between. */
async function* orPulse<Item>(items: AsyncGenerator<Item>, pulses: Pulses): AsyncGenerator<Item | undefined> {
  let item: IteratorResult<Item> | undefined;
  let pending = false;
  let pulsed = false;
  let failure: { readonly reason: unknown } | undefined;
  // Not `Promise.race`: a promise that lives as long as the run would keep a reaction for each item.
  let wake = (): void => {};
  const fail = (reason: unknown): void => {
    failure = { reason };
    wake();
  };
  const listen = async (): Promise<void> => {
    for await (const _ of pulses) {
      pulsed = true;
      wake();
    }
  };
  listen().catch(fail);
  try {
    for (;;) {
      if (!pending && item === undefined) {
        pending = true;
        items.next().then((result) => {
          pending = false;
          item = result;
          wake();
        }, fail);
      }
      if (item === undefined && !pulsed && failure === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (failure !== undefined) throw failure.reason;
      if (item !== undefined) {
        const result = item;
        item = undefined;
        if (result.done === true) return;
        yield result.value;
      } else if (pulsed) {
        pulsed = false;
        yield undefined;
      }
    }
  } finally {
    pulses.end();
    if (!pending) await items.return(undefined); // Else it ends with its signal.
  }
}
