// SPDX-License-Identifier: Apache-2.0
// Runs one case of a test file: on a machine in memory, given → plan → run → the same once more → afterwards. Nothing of it
// touches this machine, but for reading the texts.

import type { Problem } from "../../base/problem.ts";
import type { SourceFile } from "../../base/span.ts";
import type { EngineEvent } from "../../contract/event.ts";
import type { Host } from "../../contract/host.ts";
import { type MemoryCluster, memoryCluster } from "../../cluster/memory/index.ts";
import type { MemoryHost } from "../../host/memory/index.ts";
import { directoryOf } from "../../program/modules/paths.ts";
import { type ResourceGraph, type Vertex, withMembers } from "../../resource-graph/vertex.ts";
import { catalogFor } from "../catalog.ts";
import { compileEntry, type ModuleOptions } from "../compile-program.ts";
import { evaluateProgram } from "../evaluate-program.ts";
import type { Program } from "../live-program.ts";
import { type Plan, planProgram } from "../plan-program.ts";
import { absolutePath } from "../program-input.ts";
import type { RunEnd } from "../run.ts";
import { runProgram } from "../run-program.ts";
import { type TestCase, textOfPart } from "./cases.ts";
import { drive, driven } from "./drive.ts";
import { unmetExpectations } from "./expectations.ts";
import { changesAgain, cutOff, hasFailed, noRest, notAfter, notGiven, notRefused } from "./shortcomings.ts";
import { createTwin, type TwinOptions, twinOptionsOf, wantsOf } from "./twin.ts";

export interface CaseOptions {
  /** Where the texts are. */
  readonly host: Host;
  readonly workingDirectory: string;
  readonly modules: ModuleOptions;
  /** Real time for the whole case. */
  readonly timeoutSeconds: number;
}

export interface CaseResult {
  /** What is wrong; empty: it is good. */
  readonly problems: readonly Problem[];
  /** What the program was to do at first; absent when it did not come to that. */
  readonly plan?: Plan;
}

/** Of the machine's own clock: what has no rest until then has none. */
const restWithinMs = 600_000;

export async function runCase(file: SourceFile, test: TestCase, options: CaseOptions): Promise<CaseResult> {
  const limit = new AbortController();
  const cancel = options.host.clock.after(options.timeoutSeconds * 1000, () => limit.abort());
  const { promise: over, resolve } = Promise.withResolvers<CaseResult>();
  limit.signal.addEventListener("abort", () => resolve({ problems: [cutOff(test.at, options.timeoutSeconds)] }));
  try {
    return await Promise.race([new CaseRun(file, test, options, limit.signal).main(), over]);
  } catch (reason) {
    if (reason instanceof Refused) return { problems: reason.problems };
    throw reason;
  } finally {
    cancel();
    limit.abort();
  }
}

/** The case ends here. */
class Refused extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super("a part of the case is wrong");
    this.problems = problems;
  }
}

class CaseRun {
  readonly #file: SourceFile;
  readonly #test: TestCase;
  readonly #options: CaseOptions;
  readonly #signal: AbortSignal;

  constructor(file: SourceFile, test: TestCase, options: CaseOptions, signal: AbortSignal) {
    this.#file = file;
    this.#test = test;
    this.#options = options;
    this.#signal = signal;
  }

  async main(): Promise<CaseResult> {
    const described = await this.#describe();
    const machine = twinOptionsOf(described);
    const host = createTwin(machine, described);
    const twin: Twin = { host, machine, store: memoryCluster(host.clock) };
    await this.#prepare(twin);
    const refusals = described === undefined ? [] : wantsOf(described, "test:refusal");
    let judged: Judged;
    try {
      judged = await this.#judge(twin);
    } catch (reason) {
      if (!(reason instanceof Refused) || refusals.length === 0) throw reason;
      const isSaid = ({ name }: Vertex): boolean => reason.problems.some(({ message }) => message.title.includes(name));
      return { problems: refusals.every(isSaid) ? [] : reason.problems };
    }
    const { program, plan } = judged;
    if (refusals.length > 0) return { problems: refusals.map(({ at, name }) => notRefused(at, name)), plan };
    const { end, graph, unrest } = await this.#run(program, twin, machine.seconds);
    if (unrest !== undefined) return { problems: [unrest], plan };
    const planned = new Map(plan.resources.map(({ resource, steps }) => [resource, steps]));
    const unmet = [...misplaced(graph), ...unmetExpectations({ graph, planned, report: end.report })];
    const problems = [...unmet, ...(await this.#changesAgain(program, end, twin))];
    return { problems: [...problems, ...(await this.#missingAfter(twin))], plan };
  }

  /** What the classes of `given` declare, and nothing is done for it. */
  async #describe(): Promise<ResourceGraph | undefined> {
    const { given } = this.#test;
    if (given.length === 0) return undefined;
    const usual = twinOptionsOf(undefined);
    const program = await this.#compile(given, usual);
    const host = createTwin(usual, undefined);
    const { hostname } = usual;
    const evaluation = {
      program,
      name: this.#file.path,
      catalog: catalogFor(hostname),
      host,
      hostname,
      timeoutMs: 60_000,
    };
    const { graph, problems } = await driven(host.clock, evaluateProgram(evaluation, this.#signal));
    if (graph === undefined) throw new Refused(problems);
    return graph.resources;
  }

  async #prepare(twin: Twin): Promise<void> {
    if (this.#test.given.length === 0) return;
    const { end, unrest } = await this.#run(await this.#compile(this.#test.given, twin.machine), twin, 0);
    const failed = end.report.flatMap(({ vertex, failure }) =>
      failure === undefined ? [] : [hasFailed(vertex.at, vertex.reference, failure)],
    );
    if (unrest !== undefined) throw new Refused([unrest]);
    if (failed.length > 0) throw new Refused(failed);
  }

  async #judge(twin: Twin): Promise<Judged> {
    const program = await this.#compile(this.#test.program, twin.machine);
    return { program, plan: (await this.#plan(program, twin)).plan };
  }

  async #changesAgain(program: Program, { report }: RunEnd, twin: Twin): Promise<readonly Problem[]> {
    const settled = new Map(
      report.flatMap(({ vertex, failure, blockedBy }) =>
        failure === undefined && blockedBy === undefined ? [[vertex.reference, vertex.at] as const] : [],
      ),
    );
    const { plan } = await this.#plan(program, twin);
    return plan.resources.flatMap(({ resource, steps, noop }) => {
      const at = settled.get(resource);
      const changes = steps.filter(({ mark, says }) => mark !== "!" && says !== true);
      return at === undefined || noop === true || changes.length === 0 ? [] : [changesAgain(at, resource, changes)];
    });
  }

  /** What the classes of `after` declare must be so: there is nothing left to do for it. */
  async #missingAfter(twin: Twin): Promise<readonly Problem[]> {
    const { after, at } = this.#test;
    if (after.length === 0) return [];
    const { plan, graph } = await this.#plan(await this.#compile(after, twin.machine), twin);
    const all = graph.vertices.flatMap((vertex) => [...withMembers(vertex)]);
    const places = new Map(all.map((vertex) => [vertex.reference, vertex.at]));
    return plan.resources.map((planned) => notAfter(places.get(planned.resource) ?? at, planned));
  }

  async #compile(classes: readonly string[], { hostname }: TwinOptions): Promise<Program> {
    const { host, workingDirectory, modules } = this.#options;
    const { path } = this.#file;
    const source = { path, text: textOfPart(this.#file.text, classes) };
    const directory = directoryOf(absolutePath(path, workingDirectory));
    const readStandardInput = (): Promise<string> => Promise.resolve("");
    const reading = { host, workingDirectory, readStandardInput, signal: this.#signal, modules };
    const entry = { kind: "text", source, directory } as const;
    const { program, problems } = await compileEntry(path, entry, directory, catalogFor(hostname), reading);
    if (program === undefined) throw new Refused(problems);
    return program;
  }

  async #plan(program: Program, twin: Twin): Promise<Planned> {
    const parts = { ...this.#parts(program, twin), maxRuntimeMs: restWithinMs };
    const { plan, problems, graph } = await driven(twin.host.clock, planProgram(parts));
    if (plan === undefined) throw new Refused(problems);
    const told = graph.vertices.flatMap((vertex) => [...withMembers(vertex)]).filter(isForTests).length;
    return { plan: { ...plan, asDeclared: plan.asDeclared - told }, graph };
  }

  /** Until all is as declared or has failed, and for so many seconds more. */
  async #run(program: Program, twin: Twin, seconds: number): Promise<Ran> {
    const problems: Problem[] = [];
    let hasBegun = false;
    const emit = ({ type }: EngineEvent): void => {
      if (type === "graph-swapped") hasBegun = true;
    };
    const { clock } = twin.host;
    const run = runProgram({
      ...this.#parts(program, twin),
      noop: false,
      watchProgram: false,
      convergedMs: undefined,
      maxRuntimeMs: undefined,
      graphvizFile: undefined,
      emit,
      onProblems: (found) => problems.push(...found),
      onReload: () => {},
    });
    const stop = (): void => run.interrupt();
    this.#signal.addEventListener("abort", stop, { once: true });
    const untilRest = async (): Promise<boolean> => {
      const untilMs = clock.monotonicMs() + restWithinMs;
      await drive(clock, run.ended, () => (hasBegun && run.view.converged) || clock.monotonicMs() > untilMs);
      return hasBegun && run.view.converged;
    };
    let isAtRest = await untilRest();
    if (isAtRest && seconds > 0) {
      await clock.advance(seconds * 1000);
      isAtRest = await untilRest();
    }
    const { graph } = run.view;
    const restless = run.view
      .report()
      .filter(({ state }) => state !== "settled" && state !== "failed" && state !== "blocked");
    run.stop();
    const end = await driven(clock, run.ended);
    this.#signal.removeEventListener("abort", stop);
    if (problems.length > 0) throw new Refused(problems);
    return {
      end,
      graph,
      unrest: isAtRest
        ? undefined
        : noRest(
            this.#test.at,
            restless.map(({ vertex }) => vertex.reference),
          ),
    };
  }

  #parts(program: Program, { host, machine: { hostname }, store }: Twin) {
    const readStandardInput = (): Promise<string> => Promise.resolve("");
    const reading = { workingDirectory: "/", readStandardInput };
    return {
      path: this.#file.path,
      program,
      reading,
      host,
      catalog: catalogFor(hostname),
      hostname,
      prefix: "/var/lib/mgmt",
      cluster: store.door(),
    };
  }
}

/** It only tells us something, and is nothing of the machine. */
function isForTests({ kind }: Vertex): boolean {
  return kind.kind.startsWith("test:");
}

interface Twin {
  readonly host: MemoryHost;
  readonly machine: TwinOptions;
  /** All runs of the case share it, as those of one host do. */
  readonly store: MemoryCluster;
}

interface Planned {
  readonly plan: Plan;
  readonly graph: ResourceGraph;
}

interface Judged {
  readonly program: Program;
  readonly plan: Plan;
}

interface Ran {
  readonly end: RunEnd;
  readonly graph: ResourceGraph;
  readonly unrest: Problem | undefined;
}

/** What describes the machine counts in the classes that are read before. */
function misplaced(graph: ResourceGraph): readonly Problem[] {
  const kinds = ["test:machine", "test:package", "test:command", "test:refusal"];
  return kinds.flatMap((kind) => wantsOf(graph, kind)).map(({ at, reference }) => notGiven(at, reference));
}
